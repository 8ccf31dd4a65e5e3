"""Payers and trading partners as data: one TOML each, loaded strictly by profile.py."""
