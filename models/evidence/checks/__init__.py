"""Checks of rows, a file a kind of table."""
