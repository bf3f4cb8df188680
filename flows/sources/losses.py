"""How many rows of a source may be missing from its next answer before a person is asked."""

from typing import Final

_LOST_AT_ONCE: Final = 0.1


def lost_too_many(n_lost: int, n_before: int) -> bool:
    """Say whether more than a tenth of the last good answer's rows are missing; one row always may be."""
    return n_lost > max(1, _LOST_AT_ONCE * n_before)
