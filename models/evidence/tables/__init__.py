"""Descriptions of the tables of evidence, a table once."""
