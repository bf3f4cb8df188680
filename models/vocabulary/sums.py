"""Sums of quantities that figures are about: Blackwell with Blackwell Ultra, the GPUs of two makers."""

from collections.abc import Mapping
from typing import Final

from models.vocabulary.quantity import Quantity

SUM_SIGN: Final = "+"
"""Stands between the quantities whose sum a figure is about."""


def summands(name: str) -> tuple[str, ...]:
    """Names of the quantities of a sum; one name where it is none."""
    return tuple(part.strip() for part in name.split(SUM_SIGN))


def quantity_named(name: str, known: Mapping[str, Quantity]) -> Quantity:
    """Look up a quantity, or the first of a sum, whose parts are all of its kind.

    Parameters
    ----------
    name : str
        A quantity, or a sum of some: ``a + b``.
    known : mapping of str to Quantity

    Raises
    ------
    ValueError
        A name that is not known, or parts that can't be added.
    """
    parts = summands(name)
    for part in parts:
        if part not in known:
            raise ValueError(f"quantity {part!r} is not computed by the chain")
    first = known[parts[0]]
    if len(parts) > 1:
        kinds = {(known[part].unit, known[part].topic, known[part].yearly) for part in parts}
        if len(kinds) > 1 or first.yearly == "ratio" or len(set(parts)) < len(parts):
            raise ValueError(f"{name!r} is no sum: parts must differ, be no ratios, and share unit and topic")
    return first
