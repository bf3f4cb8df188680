"""Imported by the server that processes are forked from: what nights need is loaded once."""

import tests.endurance.light  # noqa: F401
from tests.endurance.nights import load

load()
