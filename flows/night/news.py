"""What moved the forecast since earlier runs, and what would narrow it next: tables, and a paragraph."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flows.night.kept_runs import KeptRun, published_runs, sampled_for, sampled_posterior
from flows.night.record import Night
from flows.runtime.errors import HbmcastError, one_line
from flows.runtime.log import run_logger
from flows.runtime.progress import Report
from flows.runtime.settings import Settings, resolve
from models.vocabulary.results.news import LAST_RUN, MONTH, MONTH_AGO

if TYPE_CHECKING:
    import pandas as pd

    from models.attribution.pooled import Sampled
    from models.draws.joint import Draws
    from models.evidence.evidence import Evidence
    from models.inference.posterior import Posterior
    from models.inference.problem import Problem

NEWS, NEXT = "news", "value_of_next_figure"


def news_of_night(
    settings: Settings, night: Night, forecast: "pd.DataFrame", report: Report
) -> "tuple[dict[str, pd.DataFrame], list[str]]":
    """Split what moved since the run published before, and since the last one at least a month older.

    Parameters
    ----------
    settings : Settings
    night : Night
        With its posterior.
    forecast : DataFrame
        Its table ``forecast``.
    report : callable

    Returns
    -------
    frames : dict of str to DataFrame
        ``news``; nothing before a second run, and nothing of a comparison that raises, which is logged.
    notes : list of str
        The paragraph, and what went wrong.
    """
    import pandas as pd

    from dashboards.news_words import paragraph

    runs = published_runs(settings.state)
    tonight = _tonight(settings, night)
    found: list[pd.DataFrame] = []
    notes: list[str] = []
    for since, earlier in earlier_runs(runs, settings).items():
        report(len(found) / 2, f"since the {since}")
        try:
            rows = _copied(settings, since, earlier, tonight, runs)
            if rows is None and found and earlier.run_id == found[0]["earlier_run_id"].iloc[0]:
                rows = found[0]  # the last run is that of a month ago
            if rows is None:
                told = forecast_of(settings, earlier)
                rows = news_between(settings, (earlier, told), (tonight, forecast), runs, notes.append)
        except Exception as error:
            run_logger().error("news since the %s: %s", since, error, exc_info=error)
            notes.append(f"what moved the forecast since the {since} can't be said: {one_line(error)}")
            continue
        rows = rows.assign(run_id=night.run_id, since=since, earlier_run_id=earlier.run_id)
        found.append(rows.assign(earlier_as_of=earlier.as_of))
    if not found:
        return {}, notes
    table = pd.concat(found, ignore_index=True)
    return {NEWS: table}, [*notes, paragraph(table, settings.as_of)]


def earlier_runs(runs: Sequence[KeptRun], settings: Settings) -> dict[str, KeptRun]:
    """Find the runs to compare tonight's with, by the words of the table."""
    before = [run for run in runs if run.as_of <= settings.as_of]
    month = [run for run in before if run.as_of <= settings.as_of - MONTH]
    return {since: of[0] for since, of in ((LAST_RUN, before), (MONTH_AGO, month)) if of}


def news_between(
    settings: Settings,
    earlier: "tuple[KeptRun, pd.DataFrame]",
    later: "tuple[KeptRun, pd.DataFrame]",
    runs: Sequence[KeptRun],
    say: Callable[[str], object],
) -> "pd.DataFrame":
    """Split the move between two runs, each given with its forecast, into its parts.

    Parameters
    ----------
    settings : Settings
    earlier, later : tuple of KeptRun and DataFrame
    runs : sequence of KeptRun
        Published runs, among which those are whose posteriors were sampled.
    say : callable
        Told of a file that can't be read.

    Returns
    -------
    DataFrame
        As `models.attribution.news.news` gives it.
    """
    from models.attribution.news import Run, news, unmoved

    (before, then), (after, now) = earlier, later
    same_code = before.code_version == after.code_version
    if before.content_hash == after.content_hash:
        return unmoved(then, now, same_code)
    behind: dict[str, Sampled | None] = {}
    for run in (before, after):
        if run.sampled_hash not in behind:
            sampled = sampled_for([after, *runs], run.sampled_hash)
            behind[run.sampled_hash] = None if sampled is None else sampled_posterior(settings, sampled, say)
    return news(
        Run(before.version, then, before.sampled_hash),
        Run(after.version, now, after.sampled_hash),
        [sampled for sampled in behind.values() if sampled is not None],
        settings.seed,
        same_code=same_code and behind[before.sampled_hash] is not None,
    )


def kept_news(state: Path, earlier: str, later: str) -> "pd.DataFrame":
    """Rows of the table ``news`` of a run about one that it was compared with; empty where it was not.

    Parameters
    ----------
    state : Path
    earlier, later : str
        Ids of published runs; the rows stand with the later.

    Returns
    -------
    DataFrame
        Where the earlier was both the last run and that of a month ago, one of the two comparisons.
    """
    from warehouse.read import run_tables

    rows = run_tables(state, later, [NEWS])[NEWS]
    if rows.empty:
        return rows
    rows = rows[rows["earlier_run_id"] == earlier]
    return rows[rows["since"] == rows["since"].iloc[0]] if len(rows) else rows


def news_of_pair(state: Path, earlier: str, later: str, say: Callable[[str], object]) -> "pd.DataFrame":
    """Split the move between two published runs into its parts, as `news_between` does.

    Parameters
    ----------
    state : Path
    earlier, later : str
        Their ids.
    say : callable
        Told of a file that can't be read.

    Raises
    ------
    HbmcastError
        It can't be split, and why.
    """
    runs = published_runs(state)
    by_id = {run.run_id: run for run in runs}
    settings = resolve(state=state)
    pair = [(by_id[name], forecast_of(settings, by_id[name])) for name in (earlier, later)]
    try:
        return news_between(settings, pair[0], pair[1], runs, say)
    except ValueError as error:
        raise HbmcastError(f"what moved between {earlier} and {later} can't be split: {error}") from error


def forecast_of(settings: Settings, run: KeptRun) -> "pd.DataFrame":
    """Read the forecast of a published run."""
    from warehouse.read import forecast

    return forecast(settings.state, run.run_id)


def _tonight(settings: Settings, night: Night) -> KeptRun:
    return KeptRun(
        settings.state,
        night.run_id,
        settings.as_of,
        content_hash=night.content_hash,
        code_version=night.code_version,
        reweighted_from=night.reweighted_from,
        started_from=night.started_from,
        estimation=night.estimation,
        fitted=not night.reused_posterior,
        seed=settings.seed,
        chains=settings.chains,
        draws=settings.draws,
    )


def _copied(
    settings: Settings, since: str, earlier: KeptRun, tonight: KeptRun, runs: Sequence[KeptRun]
) -> "pd.DataFrame | None":
    """Take the rows of a run that made the same forecast and was compared with the same one; else None."""
    from warehouse.read import run_tables

    same = next((run for run in runs if run.made_alike == tonight.made_alike), None)
    if same is None or same.run_id == earlier.run_id:
        return None
    rows = run_tables(settings.state, same.run_id, [NEWS])[NEWS]
    rows = rows[rows["since"] == since] if len(rows) else rows
    by_id = {run.run_id: run for run in runs}
    then = by_id.get(str(rows["earlier_run_id"].iloc[0])) if len(rows) else None
    if then is None or then.made_alike != earlier.made_alike:
        return None
    # Days again, as whoever makes the rows gives them.
    return rows.assign(known_on=rows["known_on"].dt.date)


def next_figures(
    settings: Settings,
    night: Night,
    problem: "Problem",
    posterior: "Posterior",
    drawn: "Draws",
    resolved: "pd.DataFrame",
    known: "Evidence",
) -> "tuple[dict[str, pd.DataFrame], list[str]]":
    """Rank the figures that could come next; one that raises is logged, and the night goes on.

    Parameters
    ----------
    settings : Settings
    night : Night
    problem : Problem
    posterior : Posterior
    drawn : Draws
        The joint draws of the night.
    resolved : DataFrame
        Figures, mapped and in base units.
    known : Evidence
        Evidence of the day.

    Returns
    -------
    frames : dict of str to DataFrame
        ``value_of_next_figure``; nothing where there is nothing to say.
    notes : list of str
    """
    from models.attribution.next_figure import value_of_next_figure

    try:
        found = value_of_next_figure(problem, posterior, drawn, resolved, known, settings.seed)
    except Exception as error:
        run_logger().error("the value of the next figure is left out", exc_info=error)
        return {}, [f"the value of the next figure is left out of this run: {one_line(error)}"]
    return ({NEXT: found.assign(run_id=night.run_id)} if len(found) else {}), []
