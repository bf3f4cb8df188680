"""Compiling the log density and its gradient: once for all vintages that share an operator."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from models.inference.problem import Problem
from models.inference.pymc_model import build_pymc_model

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

SELDOM = (100_000, 20, 100)
"""Thresholds of Python's garbage collector while it compiles."""


def import_compilers() -> None:
    """Load the libraries that compile the model, so that their loading is not taken for compiling."""
    for name in ("nutpie", "pymc", "pytensor.link.numba.dispatch"):
        import_module(name)


def compile_model(problem: Problem) -> "CompiledPyMCModel":
    """Compile the model once; `models.inference.fit.sample` swaps in the data of other vintages.

    Parameters
    ----------
    problem : Problem
        Vintages with the same operator share what is compiled.

    Returns
    -------
    nutpie compiled model
    """
    import nutpie
    import pandas as pd

    # Names of coordinates: nutpie knows texts as Arrow's only, whatever the process has chosen.
    with _garbage_seldom_collected(), pd.option_context("mode.string_storage", "pyarrow"):
        return nutpie.compile_pymc_model(build_pymc_model(problem))


@contextmanager
def _garbage_seldom_collected() -> Iterator[None]:
    """Let the garbage collector rest, but for a look now and then.

    A compiler makes millions of objects that stay. To go through them all again and again takes a ninth of a
    cold compile (measured: 184 to 164 CPU-s), and frees nothing: the memory held at most is the same.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
