"""Refits of history, scored."""
