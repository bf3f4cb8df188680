"""Descriptions of the tables that runs, backtests and builds fill, a table once."""
