"""Nights that cost a second: every file of a night is written by the product, but holds little.

Lock, journal, ingestion into the warehouse, posterior, draws, tables, publishing with its checks, what is
frozen, and tidying are the product's. What is read, fitted and drawn is the synthetic warehouse's, and the
report is a page of one line.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

import tests.warehouse.synthetic_warehouse as synthetic
from flows.night import stages
from flows.night.record import Night, Stages
from flows.runtime.artifacts import drawn_like, keep_drawn, save_frames, save_posterior
from flows.runtime.progress import Report
from flows.runtime.settings import Settings
from models.inference.posterior import named
from models.vocabulary.drivers import DRIVERS
from tests.endurance.nights import night
from tests.market import MARKET
from warehouse.atomic import written_whole
from warehouse.draws import write_draws
from warehouse.ingest import ingest as take_in
from warehouse.layout import DRAWS_NAME, posterior_file, report_file, work_folder

DRAWS = 40
DAY = date(2026, 1, 2)


def light_night(state: Path, number: int, day: date = DAY) -> dict[str, Any]:
    """Run a light night, of an earlier day than today's: those score nothing, which light evidence can't."""
    return night(state, state, day, DRAWS, stages=light_stages(number), today=day + timedelta(days=1))


def light_stages(number: int) -> Stages:
    """Stages of a night in which the first figure has another value than in the night before.

    Parameters
    ----------
    number : int
        Of the night.
    """
    value = 16.0 + 0.01 * number

    def ingest(settings: Settings, night: Night, report: Report) -> Night:
        tables = synthetic.evidence()
        tables["figures"].loc[0, "value"] = value
        take_in(settings.state, tables, synthetic.rejected(), night.run_id, datetime.now(UTC))
        return night

    def fit(settings: Settings, night: Night, report: Report) -> Night:
        rng = np.random.default_rng(number)
        raw = {"driver_level": rng.standard_normal((2, DRAWS // 2, len(DRIVERS)))}
        posterior = named(raw, {"energy": rng.standard_normal((2, DRAWS // 2))}, MARKET, None)
        file = posterior_file(settings.state, f"posterior{number:06d}")
        save_posterior(file, posterior, as_of=settings.as_of.isoformat(), seed=settings.seed)
        return replace(
            night, posterior=file, content_hash=file.stem, tables_hash="tables", estimation="refit"
        )

    def simulate(settings: Settings, night: Night, report: Report) -> Night:
        folder = work_folder(settings.state, night.run_id)
        draws = synthetic.joint_draws(number, n=DRAWS)
        write_draws(folder / DRAWS_NAME, synthetic.PERIODS, draws)
        save_frames(folder, synthetic.frames(draws, night.run_id, settings.as_of))
        assert night.posterior is not None
        keep_drawn(
            folder, drawn_like(settings.state, night.posterior, settings.seed, DRAWS, night.tables_hash)
        )
        return replace(night, tables=folder, draws_file=folder / DRAWS_NAME)

    def draw_report(settings: Settings, night: Night, report: Report) -> Night:
        with written_whole(report_file(settings.state, night.run_id)) as unfinished:
            unfinished.write_text(f"<p>{night.run_id}</p>", encoding="utf-8")
        return night

    def same(settings: Settings, night: Night, report: Report) -> Night:
        return night

    return Stages(
        ingest, fit, simulate, same, same, stages.publish, draw_report, lambda *_: "", stages.failed
    )
