"""What a process makes once and uses for many items: a compiled model, the base of a set of scenarios."""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

    from models.inference.problem import Problem

_lock = Lock()
_kept: dict[str, tuple[str, Any]] = {}


def once[Made](kind: str, name: str, make: Callable[[], Made]) -> Made:
    """Make something once a process; of each kind the one that was asked for last is kept.

    Parameters
    ----------
    kind : str
    name : str
        What it belongs to: another name makes it anew.
    make : callable
        Called by one thread, while the others wait for it.
    """
    with _lock:
        if kind not in _kept or _kept[kind][0] != name:
            # The old one goes first: two would not always fit.
            _kept.pop(kind, None)
            _kept[kind] = name, make()
        made: Made = _kept[kind][1]
        return made


def forget(kind: str) -> None:
    """Let go of what `once` keeps of a kind."""
    with _lock:
        _kept.pop(kind, None)


def compiled_model(name: str, problem: "Problem") -> "CompiledPyMCModel":
    """Compile the model of a problem, once a process for all that share its operator.

    Parameters
    ----------
    name : str
        Of the set of fits.
    problem : Problem
    """
    from models.inference.fit import compile_model

    def compile_alone() -> "CompiledPyMCModel":
        folder = os.environ.get("NUMBA_CACHE_DIR")
        if not folder:
            return compile_model(problem)
        from filelock import FileLock

        # The cache of compiled code is not made for processes that fill it at the same time.
        Path(folder).mkdir(parents=True, exist_ok=True)
        with FileLock(Path(folder) / "compiling.lock"):
            return compile_model(problem)

    return once("model", name, compile_alone)
