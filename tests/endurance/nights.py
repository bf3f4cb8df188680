"""Whole nights on the synthetic world, seconds each: the real flow and stages without server and sampler.

Everything that touches a file is the product's: lock, journal, evidence, posterior, draws, tables,
publishing, report and tidying. Two things are not: Prefect's engine, which keeps nothing here, and the
sampler, in whose place stand draws of the prior, narrowed.
"""

import logging
import shutil
from contextlib import ExitStack
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd

from flows.night.record import Stages
from flows.runtime.settings import Settings
from tests.world.design import TODAY
from tests.world.files import DATA

CHAINS, DRAWS = 2, 400
LOADED = (
    *("dashboards.report", "flows.night.flow", "flows.sources.readers", "models.draws.tables"),
    *("models.inference.fit", "models.systems.run", "warehouse.publish"),
)
SEED = 7
SOURCE = {
    **{"publisher": "Northwind", "relayed_by": "", "title": "A note", "url": "https://north.example/note"},
    **{"published_precision": "day", "licence_note": ""},
}
FIGURE = {
    **{"metric": "hbm_revenue", "entity": "industry", "segment": "", "fiscal_year_end_month": "", "low": ""},
    **{"high": "", "unit": "USD", "definition": "", "not_used_reason": "", "note": ""},
}


def start_world(place: Path) -> Path:
    """Lay out the world's evidence in a folder; gives the folder of evidence."""
    evidence = place / "evidence"
    shutil.copytree(DATA, evidence)
    return evidence


def publish_figure(evidence: Path, number: int, published_on: date, value: float, **other: str) -> str:
    """Publish a figure, or publish it again with another value; gives its id.

    It is a forecast of the year's HBM revenue, where no other fields are given.
    """
    day, name = published_on.isoformat(), f"n-{number:05d}"
    source = SOURCE | {"source_id": f"note-{number:05d}", "published_on": day, "accessed_on": day}
    figure = FIGURE | {"figure_id": name, "origin_id": name, "source_id": source["source_id"]}
    figure |= {"period": str(published_on.year), "value": f"{value:.6g}", "kind": "forecast", **other}
    _write_row(evidence / "sources.csv", "source_id", source)
    topic = evidence / "figures" / "notes.csv"
    if not topic.exists():
        pd.read_csv(evidence / "figures" / "world.csv", nrows=0).to_csv(topic, index=False)
    _write_row(topic, "figure_id", figure)
    return name


def _write_row(file: Path, key: str, row: dict[str, str]) -> None:
    known = pd.read_csv(file, dtype=str, keep_default_na=False)
    rest = known[known[key] != row[key]]
    written = pd.concat([rest, pd.DataFrame([row])], ignore_index=True)[list(known.columns)]
    written.to_csv(file, index=False, lineterminator="\n")


def fit_at_once(known: Any, as_of: date, seed: int, draws: int, chains: int, **_others: Any) -> Any:
    """Give draws of the prior, narrowed, in place of a posterior, whatever else a fit is asked for."""
    from models.inference.fit import Fit
    from models.inference.from_evidence import problem_from_evidence
    from models.inference.problem import parameter_shapes

    problem = problem_from_evidence(known, as_of)
    rng = np.random.default_rng((seed, len(problem.operator.figures)))
    shapes = parameter_shapes(problem.operator, problem.market)
    n = draws // chains
    raw = {name: 0.3 * rng.standard_normal((chains, n, *shape)) for name, shape in shapes.items()}
    statistics = {"energy": rng.standard_normal((chains, n)), "diverging": np.zeros((chains, n))}
    return Fit(problem, raw, statistics, {})


def passing(*given: Any) -> pd.DataFrame:
    """Measure what the gate looks at, and pass it: draws of the prior forecast nothing."""
    from models.draws.gate import diagnose

    found = diagnose(*given)
    return found.assign(passed=[None if pd.isna(passed) else True for passed in found["passed"]])


def load() -> None:
    """Import what nights need, so that processes forked from this one need not."""
    for name in LOADED:
        import_module(name)


def night(
    state: Path,
    evidence: Path,
    day: date,
    draws: int = DRAWS,
    refit_days: int = 0,
    stages: Stages | None = None,
    today: date | None = None,
) -> dict[str, Any]:
    """Run one night as of a day.

    Parameters
    ----------
    state, evidence : Path
    day : date
    draws : int
    refit_days : int
        0: whatever changed is fitted anew; otherwise few figures weight the last posterior.
    stages : Stages, optional
        Others than the real ones. Those fit with draws of the prior in place of a sampler's.
    today : date, optional
        Day of the run, where it is not that day, or where the world's evidence is not of later.

    Returns
    -------
    dict
        What the flow returns.
    """
    import models.inference.fit
    from flows.night import run
    from flows.night.stages import REAL
    from models.draws import tables

    today = today or max(day, TODAY)
    settings = Settings(state, evidence, day, SEED, draws, CHAINS, draws, today=today, refit_days=refit_days)
    with ExitStack() as changed:
        for where, name, what in (
            (run, "task", lambda **_: lambda stage: stage),
            (run, "get_run_logger", lambda: logging.getLogger("night")),
            (run, "create_markdown_artifact", lambda *_, **__: None),
            (run, "resolve", lambda **_: settings),
            (run, "prepare_environment", lambda _state: None),
            (models.inference.fit, "fit", fit_at_once),
            (tables, "diagnose", passing),
        ):
            changed.enter_context(patch.object(where, name, what))
        return run.run_night(stages or REAL, shown=False)
