"""What is kept, and for how long: the one place of the rule."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Retention:
    """How much of each kind is kept; what is beyond goes with the next night.

    Frozen forecasts, the list of runs, every run's forecast and news, and evidence with all its versions are
    kept for good.

    Parameters
    ----------
    builds : int
        Builds of the warehouse file (about 20 MB each).
    draws : int
        Published runs whose joint draws are kept (250 MB; nights that change nothing share a file).
    results_days : int
        Days after which a run keeps its forecast and news, and none of its other tables.
    reports : int
        Reports (2.5 MB each); of neighbours that say the very same the last one.
    posterior_days : int
        Days of forecasts before the one served whose sampled posteriors are kept (100 MB each): news since a
        month ago need one of then.
    weighted : int
        Posteriors weighted from one of these, which can be weighted again.
    journals : int
        Pages of the journal, one a run.
    answers : int
        Raw answers of each address on the network; the last good one is kept whatever its age.
    vintages : int
        Posteriors of a backtest's vintages, and as many files of their systems' draws.
    prefect_days : int
        Days after which Prefect forgets a flow run, with its tasks, logs and artifacts.
    """

    builds: int = 7
    draws: int = 7
    results_days: int = 400
    reports: int = 30
    posterior_days: int = 45
    weighted: int = 2
    journals: int = 400
    answers: int = 30
    vintages: int = 400
    prefect_days: int = 90


RETENTION = Retention()
# The results that are never let go of: what was forecast, and what moved it.
FOR_GOOD = ("forecast", "news")
