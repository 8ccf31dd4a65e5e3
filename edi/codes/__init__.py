"""Code lists of the trade as data, each text in words of our own; codes we do not know are shown as they are."""
