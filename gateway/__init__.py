"""The gateway: an append-only list of facts about each claim, folded into a state, and what moves claims along."""
