"""Outcomes and scores that are made up: one target a number, vintages that know of it or not."""

from datetime import date
from functools import cache

import numpy as np
import pandas as pd

from models.scoring.dressing import dressed
from models.scoring.independence import grouped
from models.scoring.scoreboard import scoreboard
from models.scoring.scores import (
    open_targets,
    vintage_scores,
)


def make_outcomes(**columns):
    base = {
        "quantity": "hbm_revenue_usd",
        "period": "2024",
        "start": 36,
        "end": 47,
        "value": 17e9,
        "log_sd": 0.1,
        "figure_ids": "hbm-0001",
        "known_on": date(2025, 1, 31),
    }
    return pd.DataFrame([base | columns])


def of_number(i, quantity):
    """Outcome of the i-th made-up target: a month and a figure of its own."""
    return make_outcomes(
        period=f"t{i}", quantity=quantity, start=36 + i, end=36 + i, figure_ids=f"{quantity}-{i}"
    )


def outcomes_in(scores):
    """Outcomes of all targets of `made_scores`, six of them known before the cut-off."""
    targets = scores[["quantity", "period"]].drop_duplicates().itertuples(index=False)
    rows = [of_number(int(period[1:]), quantity) for quantity, period in targets]
    late = date(2025, 12, 31)
    return pd.concat([row.assign(known_on=row["known_on"].where(row["start"] < 42, late)) for row in rows])


def board_of(scores, **options):
    return scoreboard(scores, grouped(outcomes_in(scores)), **options)


NO_ERRORS = pd.DataFrame({n: [] for n in ("opponent", "quantity", "period", "horizon_group", "error")})


@cache
def made_scores(
    n_targets=40,
    our_sd=0.1,
    their_error: float | None = 0.3,
    opponent="latest figure",
    quantity="hbm_revenue_usd",
    seed=7,
):
    """Vintages of a world in which we err by `our_sd` and say so, and the opponent by `their_error`.

    Without that it says what our median is.
    The outcomes are the truth itself, though they claim an error. Made once a process: not to be changed.
    """
    rng = np.random.default_rng(seed)
    every = pd.concat([of_number(i, quantity) for i in range(n_targets)], ignore_index=True)
    targets = open_targets(every, date(2024, 1, 31)).assign(horizon_years=1.0)
    log_outcome = np.log(17e9)
    center = log_outcome + our_sd * rng.standard_normal(n_targets)
    theirs = center if their_error is None else log_outcome + their_error * rng.standard_normal(n_targets)
    points = pd.DataFrame(
        {
            "quantity": quantity,
            "period": every["period"],
            "opponent": opponent,
            "n_figures": 1,
            "value": np.exp(theirs),
        }
    )
    draws = center + our_sd * rng.standard_normal((500, n_targets))
    return vintage_scores(date(2024, 1, 31), targets, draws, dressed(points, targets, NO_ERRORS), rng)
