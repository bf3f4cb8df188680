"""Turns of phrase that messages and pages share."""

from collections.abc import Sequence


def first_few(names: Sequence[str], most: int, separator: str = ", ") -> str:
    """Name the first of many, and how many more there are: 'TrendForce, Citi, Micron and 7 more'.

    Parameters
    ----------
    names : sequence of str
    most : int
        How many are named.
    separator : str
    """
    rest = len(names) - most
    return separator.join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def value_or_range(value: str, low: str, high: str) -> str:
    """Say a number as a row gives it: the number, its range, or a bound.

    Parameters
    ----------
    value, low, high : str
        As printed, '' where it was not said; with `low` alone the number is a bound from below.

    Returns
    -------
    str
        '' where none of them was said.
    """
    if value or not (low or high):
        return value
    return f"{low} to {high}" if low and high else f"over {low}" if low else f"under {high}"
