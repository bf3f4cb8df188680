"""The report of January 2024, step by step."""
