"""Nights in a row and nights killed: what they cost after a year, and what is left of them."""
