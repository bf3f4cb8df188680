"""Fits of the tiny world that need little tuning, as functions that a worker can import."""

import functools
import os
import signal
import time
from pathlib import Path
from typing import NamedTuple

from flows.backtest.fits import VintageFit, fitted
from models.inference.posterior import Posterior
from tests.world.night import LITTLE_PILOT


def quickly_fitted(asked: VintageFit) -> Posterior:
    """Fit a vintage with the tuning of the tiny world's night."""
    import models.inference.fit as fit
    from models.inference import pilot

    if not isinstance(fit.sample, functools.partial):
        fit.sample = functools.partial(fit.sample, thin=1)
        vars(pilot).update(LITTLE_PILOT)
    begun = time.perf_counter()
    posterior = fitted(asked)
    posterior.statistics["process"] = posterior.statistics["diverging"] * 0 + os.getpid()
    posterior.statistics["seconds"] = posterior.statistics["diverging"] * 0.0 + time.perf_counter() - begun
    return posterior


class DeadlyFit(NamedTuple):
    """A fit whose process is killed once it is done, where nobody was killed for it before.

    Parameters
    ----------
    fit : VintageFit
    trace : str
        File that says that somebody was.
    """

    fit: VintageFit
    trace: str


def fitted_at_the_second_try(asked: DeadlyFit) -> Posterior:
    """Fit a vintage; the first process that has done so dies before it can say so, as if its power went."""
    posterior = quickly_fitted(asked.fit)
    if asked.trace and not Path(asked.trace).exists():
        Path(asked.trace).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return posterior
