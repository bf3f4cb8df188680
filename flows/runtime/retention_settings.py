"""What is kept, as the environment says it: numbers in place of those of `warehouse.retention`."""

import os
from dataclasses import fields, replace

from flows.runtime.errors import HbmcastError
from warehouse.retention import RETENTION, Retention

KEEP_VARIABLE = "HBMCAST_KEEP"
NAMES = tuple(field.name for field in fields(Retention))


def retention_settings() -> Retention:
    """Read it from the environment: ``HBMCAST_KEEP="draws=14 reports=60"``.

    Raises
    ------
    HbmcastError
        A word of it is no number of anything that is kept.
    """
    said: dict[str, int] = {}
    for word in os.environ.get(KEEP_VARIABLE, "").replace(",", " ").split():
        name, _, number = word.partition("=")
        if name not in NAMES or not number.isdecimal() or not int(number):
            raise HbmcastError(
                f"{KEEP_VARIABLE} has {word!r}, no number of anything that is kept",
                f"Give name=number, from 1; the names: {', '.join(NAMES)}",
            )
        said[name] = int(number)
    return replace(RETENTION, **said)
