"""Turns of phrase that messages and pages share."""

from collections.abc import Sequence


def first_few(names: Sequence[str], most: int, separator: str = ", ") -> str:
    """Name the first of many, and how many more there are: 'TrendForce, Citi, Micron and 7 more'."""
    rest = len(names) - most
    return separator.join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
