"""What of a published night is kept for good, and how earlier nights fared now that outcomes arrive."""

from typing import TYPE_CHECKING

from flows.night.record import Night
from flows.runtime.artifacts import load_posterior
from flows.runtime.evidence import evidence_of
from flows.runtime.log import run_logger
from flows.runtime.settings import Settings
from warehouse.layout import work_folder

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


def freeze(settings: Settings, night: Night, forecast: "pd.DataFrame") -> "Path | None":
    """Write the quantiles and some joint draws of a night, to be kept for good.

    Parameters
    ----------
    settings : Settings
    night : Night
        With its draws.
    forecast : DataFrame
        Its table ``forecast``.

    Returns
    -------
    Path or None
        The file, which waits to be published; None where the night keeps no draws.
    """
    from models.draws.simulate import PERIODS
    from models.scoring.prospective import chosen_draws, frozen_periods, frozen_quantiles
    from warehouse.frozen import write_frozen

    if night.draws_file is None:
        return None
    return write_frozen(
        # A folder of its own: what lies beside the tables is taken for one.
        work_folder(settings.state, night.run_id) / "frozen" / "frozen.parquet",
        night.draws_file,
        chosen_draws(settings.draws, settings.seed),
        frozen_periods(PERIODS, settings.as_of),
        frozen_quantiles(forecast, settings.as_of),
    )


def scores_of_frozen(settings: Settings, night: Night) -> "pd.DataFrame | None":
    """Score frozen forecasts on the outcomes that have come or changed since.

    Only tonight's run does, and only where its evidence is new: a rerun of history knows less, and without
    new figures there are no new outcomes.

    Parameters
    ----------
    settings : Settings
    night : Night
        Its posterior says how far printed figures err.

    Returns
    -------
    DataFrame or None
        Rows of the table ``frozen_scores``; None without any.
    """
    import pandas as pd

    from models.inference.from_evidence import problem_from_evidence, resolved_figures, usable_figures
    from models.inference.scales import learned_scales
    from models.scoring.outcomes import outcomes
    from models.scoring.prospective import frozen_scores, pending_targets
    from models.vocabulary.rows import rows_of
    from warehouse.errors import WarehouseError
    from warehouse.frozen import frozen_draws, frozen_forecasts, newest_frozen_scores

    if settings.as_of != settings.today or night.reused_posterior or night.posterior is None:
        return None
    frozen = frozen_forecasts(settings.state)
    if frozen.empty:
        return None
    known = evidence_of(settings.state, settings.as_of)
    problem = problem_from_evidence(known, settings.as_of)
    scales = learned_scales(problem, load_posterior(night.posterior).flat())
    # Scores name their outcomes: only figures that anybody may see are any.
    seen = evidence_of(settings.state, settings.as_of, private=False)
    figures = usable_figures(resolved_figures(seen))
    every_outcome = outcomes(figures, known.assumptions, settings.today, problem.market, scales=scales)
    scored = newest_frozen_scores(settings.state)
    before = dict(iter(scored.groupby("frozen_run_id")))
    parts = []
    for row in rows_of(frozen):
        as_of = pd.Timestamp(row.as_of).date()
        targets = pending_targets(every_outcome, as_of, before.get(row.run_id, scored[:0]))
        if targets.empty:
            continue
        try:
            asked = set(targets["quantity"])
            draws = frozen_draws(settings.state, str(row.file), str(row.sha256), asked)
        except WarehouseError as error:
            # The check of hashes says so too; the other forecasts are scored.
            run_logger().warning("%s", error)
            continue
        parts.append(frozen_scores(str(row.run_id), as_of, draws, targets, problem.market, settings.seed))
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return found.assign(run_id=night.run_id) if len(found) else None
