"""From a system's name to what computes it, and the assumptions that only systems read.

The list itself stands in `models.vocabulary.systems`: checks of the evidence need its names, and stand below
this room. Which tables of data/ only systems read their descriptions say (`models.evidence.tables`).
"""

from collections.abc import Callable
from importlib import import_module
from typing import Final

from models.vocabulary.systems import SYSTEM_NAMES, SYSTEMS, System

SYSTEM_ASSUMPTIONS: Final = tuple(system.assumption_prefix for system in SYSTEMS)
"""Beginnings of the names of the assumptions that only systems read."""


def system_modules() -> list[str]:
    """Dotted names of the systems' modules, which are imported by name when they are run."""
    return [system.module for system in SYSTEMS]


def system_named(name: str) -> System:
    """Look a system up.

    Raises
    ------
    KeyError
        There is none of that name; the message has those there are.
    """
    if name not in SYSTEM_NAMES:
        raise KeyError(f"no system {name!r}; there are {', '.join(SYSTEM_NAMES)}")
    return SYSTEMS[SYSTEM_NAMES.index(name)]


def system_function(system: System) -> Callable[..., list]:
    """Import the function of a system, when it is run: one that can't be imported harms no other."""
    return getattr(import_module(system.module), system.name)
