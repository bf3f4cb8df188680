"""The systems around the chain: run on the joint draws of a night, one after the other.

The forecast of the chain comes first: a system that fails is left out of the run, told in the log and noted
in the table `diagnostics`, and the night goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, NamedTuple

from flows.runtime.errors import one_line
from flows.runtime.settings import Settings

# Module of models/systems, and the function in it that gives the series.
SYSTEMS: tuple[tuple[str, str], ...] = (
    ("equipment", "equipment"),
    ("materials", "materials"),
    ("packaging", "packaging"),
    ("server_content", "content"),
    ("suppliers", "suppliers"),
    ("roadmap", "roadmap"),
    ("cowos_variants", "variants"),
    ("supply_chain", "substitution"),
)
# The systems rest on so many of the joint draws, evenly spread: their intervals are wide by assumption, each
# row has its Monte Carlo error, and all 18,000 would cost the night a minute.
SYSTEM_DRAWS = 6_000
# Names in the table `diagnostics`; both only inform. A check of the warehouse warns of the second kind.
DONE, FAILED = "system:", "system_failed:"


@dataclass
class SystemTables:
    """What the systems of one run made.

    Parameters
    ----------
    frames : dict of DataFrame
        Tables by name; none where there is nothing to say.
    diagnostics : list of tuple
        Rows ``(run_id, name, value, threshold, passed, detail)``.
    notes : list of str
        What the log should say.
    failed : list of str
        Systems that were left out because they raised.
    totals : list of Series
        Totals in USD, for the sensitivities and the domestic shares.
    kept : list of dict
        Of each system, years by series (draw, 7): the draws that are kept.
    step : int
        They rest on every so many of the chain's draws.
    """

    frames: dict[str, Any] = field(default_factory=dict)
    diagnostics: list[tuple] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    totals: list[Any] = field(default_factory=list)
    kept: list[dict[str, Any]] = field(default_factory=list)
    step: int = 1


class OneSystem(NamedTuple):
    """Rows of `system_forecast` and `system_lineage`, totals in USD, draws to keep, number of series."""

    forecast: Any
    lineage: Any
    totals: list[Any]
    kept: dict[str, Any]
    n_series: int


def system_evidence(known: dict[str, Any], resolved: Any) -> dict[str, Any]:
    """Put together what a system may read: all evidence of a day, with its figures mapped and in base units.

    Parameters
    ----------
    known : dict of DataFrame
        As `warehouse.read.evidence` gives it.
    resolved : DataFrame
        As `models.inference.fit.resolved_figures` gives it.
    """
    return {**known, "figures": resolved}


def random_stream(seed: int, name: str) -> Any:
    """Return a stream of random numbers that depends on the seed and the name alone.

    So a system draws the same numbers whatever other systems there are, and in a scenario as in its base.
    """
    import numpy as np

    return np.random.default_rng([seed, *name.encode()])


def system_function(module: str, function: str) -> Callable[..., list[Any]]:
    """Import the function of a system, when it is run: one that can't be imported harms no other."""
    return getattr(import_module(f"models.systems.{module}"), function)


def series_of(
    seed: int,
    module: str,
    function: str,
    drawn: dict[str, Any],
    evidence: dict[str, Any],
    as_of: Any,
    **options: Any,
) -> list[Any]:
    """Run one system with its own random numbers; the options are the system's."""
    return system_function(module, function)(drawn, evidence, as_of, random_stream(seed, module), **options)


def run_systems(
    settings: Settings,
    run_id: str,
    drawn: dict[str, Any],
    evidence: dict[str, Any],
    report: Callable[[float, str], None] = lambda _share, _words: None,
    systems: tuple[tuple[str, str], ...] = SYSTEMS,
) -> SystemTables:
    """Run every system and sum it up.

    Parameters
    ----------
    settings : Settings
    run_id : str
    drawn : dict of ndarray
        Joint draws (draw, period) of every quantity.
    evidence : dict of DataFrame
        As `system_evidence` gives it.
    report : callable
        Takes the share done and a few words.
    systems : tuple of (module, function)

    Returns
    -------
    SystemTables
        Frames ``system_forecast`` and ``system_lineage``.
    """
    import pandas as pd

    from flows.runtime.fingerprint import SYSTEM_EVIDENCE

    out = SystemTables()
    if not any(len(evidence.get(name, ())) for name in SYSTEM_EVIDENCE):
        out.diagnostics.append((run_id, f"{DONE}none", 0.0, None, None, "the evidence describes no systems"))
        return out
    forecasts, lineages = [], []
    for position, (module, function) in enumerate(systems):
        report(position / len(systems), module)
        try:
            made = one_system(settings, run_id, module, function, drawn, evidence, out.totals)
        except Exception as error:
            leave_out(out, run_id, module, error)
            continue
        forecasts.append(made.forecast)
        lineages.append(made.lineage)
        out.totals += made.totals
        out.kept += [made.kept] if made.kept else []
        out.diagnostics.append((run_id, DONE + module, float(made.n_series), None, None, "series"))
    if forecasts:
        out.frames["system_forecast"] = pd.concat(forecasts, ignore_index=True)
        out.frames["system_lineage"] = pd.concat(lineages, ignore_index=True)
    return out


def one_system(
    settings: Settings,
    run_id: str,
    module: str,
    function: str,
    drawn: dict[str, Any],
    evidence: dict[str, Any],
    totals: list[Any],
) -> OneSystem:
    """Run one system and sum it up; domestic shares get the totals of those before.

    Raises
    ------
    Exception
        Whatever the system raises; ValueError when what it gives can't be published.
    """
    from models.systems.kept_draws import kept_years
    from models.systems.output_checks import faults
    from models.systems.series import lineage, summarise, usd_totals
    from models.vocabulary.quantities import BY_NAME

    demand = {"demand": totals} if module == "supply_chain" else {}
    series = series_of(settings.seed, module, function, drawn, evidence, settings.as_of, **demand)
    forecast = summarise(series, run_id, settings.as_of, settings.chains)
    rests_on = lineage(series, run_id, list(BY_NAME))
    if found := faults(forecast, rests_on):
        raise ValueError("; ".join(found))
    return OneSystem(forecast, rests_on, usd_totals(series), kept_years(series), len(series))


def leave_out(out: SystemTables, run_id: str, name: str, error: Exception) -> None:
    """Note that a part of the systems failed; the night goes on without it."""
    reason = one_line(error)
    out.failed.append(name)
    out.notes.append(f"{name} is left out of this run: {reason}")
    out.diagnostics.append((run_id, FAILED + name, 0.0, None, None, f"left out: {reason}"))


def with_system_rows(diagnostics: Any, rows: list[tuple]) -> Any:
    """Add the systems' rows to the table `diagnostics`; they only inform, so no gate reads them."""
    import pandas as pd

    if not rows:
        return diagnostics
    more = pd.DataFrame(rows, columns=list(diagnostics.columns)).astype(
        {"value": float, "threshold": float, "passed": object}
    )
    return pd.concat([diagnostics, more], ignore_index=True)


def tables_of_systems(
    settings: Settings,
    run_id: str,
    problem: Any,
    flat: Any,
    drawn: Any,
    known: dict[str, Any],
    resolved: Any,
    report: Callable[[float, str], None],
) -> SystemTables:
    """Make all tables of a run that do not belong to the chain itself.

    Parameters
    ----------
    settings : Settings
    run_id : str
    problem : models.inference.pymc_model.Problem
    flat : dict of ndarray
        The posterior, (chain * draw, ...).
    drawn : dict of ndarray
        Joint draws (draw, period) of every quantity.
    known : dict of DataFrame
        Evidence of the day.
    resolved : DataFrame
        Its figures, mapped and in base units.
    report : callable
        Takes the share done and a few words.

    Returns
    -------
    SystemTables
        Frames ``system_forecast``, ``system_lineage``, ``scenarios``, ``sensitivities``, ``learning``,
        ``power_scalings``, and those of the January 2024 report.
    """
    from flows.commands.scenario import tables_of_scenarios

    evidence = system_evidence(known, resolved)
    step = max(1, len(next(iter(drawn.values()))) // SYSTEM_DRAWS)
    fewer = {name: values[::step] for name, values in drawn.items()}
    out = run_systems(
        settings, run_id, fewer, evidence, lambda done, words: report(0.7 + 0.2 * done, f"system {words}")
    )
    out.step = step
    report(0.9, "scenarios")
    tables_of_scenarios(out, settings, run_id, problem, flat, evidence)
    if "system_forecast" in out.frames:
        report(0.95, "sensitivities")
        try:
            out.frames |= sensitivities(settings, run_id, problem, flat, drawn, step, out.totals)
        except Exception as error:
            leave_out(out, run_id, "sensitivities", error)
    try:
        out.frames |= about_the_report(settings, run_id, known, drawn)
    except Exception as error:
        leave_out(out, run_id, "report", error)
    return out


def about_the_report(
    settings: Settings, run_id: str, known: dict[str, Any], drawn: dict[str, Any]
) -> dict[str, Any]:
    """Make the tables about the January 2024 report; none before it is known."""
    from models.systems.report_2024.tables import report_tables

    if "report_findings" not in known:
        return {}
    found = report_tables(known["figures"], known["report_findings"], drawn, settings.as_of)
    return {name: frame.assign(run_id=run_id, as_of=settings.as_of) for name, frame in found.items()}


def sensitivities(
    settings: Settings, run_id: str, problem: Any, flat: Any, drawn: Any, step: int, totals: list[Any]
) -> dict[str, Any]:
    """Say what the headline and the systems hang on: drivers, assumptions, figures.

    Parameters
    ----------
    settings : Settings
    run_id : str
    problem : models.inference.pymc_model.Problem
    flat : dict of ndarray (posterior draw, ...)
    drawn : dict of ndarray (draw, period)
    step : int
        Every so many draws are looked at.
    totals : list of Series
        Totals of the systems, on those draws.

    Returns
    -------
    dict of DataFrame
        Tables ``sensitivities``, ``learning`` and ``power_scalings``.
    """
    from models.attribution.frames import sensitivity_frames
    from models.attribution.sensitivity import paired_draws

    n_draws, n_posterior = (len(next(iter(arrays.values()))) for arrays in (drawn, flat))
    simulated, posterior = (at[::step] for at in paired_draws(n_draws, n_posterior))
    found = sensitivity_frames(
        problem,
        {name: values[posterior] for name, values in flat.items()},
        {name: values[simulated] for name, values in drawn.items()},
        totals,
    )
    tables = {"sensitivities": "variance_shares", "learning": "learned", "power_scalings": "power_scaling"}
    return {table: found[name].assign(run_id=run_id, as_of=settings.as_of) for table, name in tables.items()}
