"""`hbmcast scoreboard`: what a referee asks of the last backtest, and of two of them against each other."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.formats import chosen_format, write_parts
from flows.commands.options import FormatOption, OutputOption, StateOption
from flows.commands.output import note
from flows.runtime.errors import HbmcastError
from flows.runtime.preparation import check_state
from flows.runtime.settings import Settings, resolve

if TYPE_CHECKING:
    import pandas as pd

    from warehouse.scores import KeptScores


def scoreboard(
    against: Annotated[
        Path | None,
        typer.Option(
            "--against", help="State folder of an earlier backtest; only forecasts that both made count."
        ),
    ] = None,
    cut_off: Annotated[
        str | None, typer.Option("--cut-off", help="Day that splits outcomes; default: the registered one.")
    ] = None,
    horizon: Annotated[
        str, typer.Option(help="up to six months, over six months, or all.")
    ] = "over six months",
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Write it to kept_scores.csv in the evidence folder too."),
    ] = False,
    format: FormatOption = None,
    output: OutputOption = None,
    state: StateOption = None,
) -> None:
    """Print skill against each opponent, joint scores and coverage of the last backtest."""
    from models.scoring.horizons import HORIZON_GROUPS
    from models.scoring.scoreboard import CUT_OFF

    chosen = chosen_format(format, output)
    if horizon not in HORIZON_GROUPS:
        raise HbmcastError(f"--horizon {horizon!r} is unknown", f"Use one of {', '.join(HORIZON_GROUPS)}")
    try:
        day = CUT_OFF if cut_off is None else date.fromisoformat(cut_off)
    except ValueError:
        raise HbmcastError(f"--cut-off {cut_off!r} is no day", "Write it as 2025-07-01") from None
    settings = resolve(state=state)
    if against is None and not keep and (committed := committed_with_code(settings.state, horizon)):
        write_parts(committed, chosen, output)
        return
    after = scores_of(settings.state)
    if keep:
        print(f"scoreboard written to {keep_scores(settings)}", file=sys.stderr)
    if against is None:
        write_parts(tables(after, settings.seed, day, horizon), chosen, output)
    else:
        write_parts(compared(scores_of(against), after, settings.seed, day, horizon), chosen, output)


def committed_with_code(state: Path, horizon: str) -> "dict[str, pd.DataFrame]":
    """Give the tables of the scores that came with the code, and say so, where no backtest is stored yet."""
    from models.scoring.referee import coverage_table, skill_of_board
    from warehouse.scores import shown_scores

    check_state(state)
    board, _ = shown_scores(state)
    if board.empty or "code_version" not in board:
        return {}
    made = board.iloc[0]
    note(
        f"scores of version {made['code_version']} of {made['run_at']}, which came with the code: "
        "no backtest is stored here; hbmcast backtest makes one"
    )
    return {
        f"Skill {horizon}": skill_of_board(board, horizon),
        "Coverage of all our forecasts": coverage_table(board),
    }


def scores_of(state: Path) -> "KeptScores":
    """Read the last backtest of a state folder.

    Raises
    ------
    HbmcastError
        There is none, or one of before targets that share evidence were told.
    """
    from warehouse.scores import kept_scores

    check_state(state)
    found = kept_scores(state)
    if found is None or found.outcomes["independent_group"].isna().any():
        raise HbmcastError(f"{state}: no backtest of this version is stored", "Run hbmcast backtest first")
    return found


def tables(kept: "KeptScores", seed: int, cut_off: date, horizon: str) -> "dict[str, pd.DataFrame]":
    """Give the tables of one backtest by their headings.

    Parameters
    ----------
    kept : KeptScores
    seed : int
        Of the bootstrap.
    cut_off : date
        Splits the outcomes by the day of their first print.
    horizon : str
        Of `models.scoring.horizons.HORIZON_GROUPS`.
    """
    from models.scoring.referee import coverage_table, skill_table

    return {
        f"Skill {horizon}": skill_table(kept.scores, kept.outcomes, seed, cut_off, horizon),
        "All targets of a vintage together": kept.joint,
        "Coverage of all our forecasts": coverage_table(kept.board),
    }


def compared(
    before: "KeptScores", after: "KeptScores", seed: int, cut_off: date, horizon: str
) -> "dict[str, pd.DataFrame]":
    """Give the tables of two backtests on the forecasts both made, by their headings.

    Parameters
    ----------
    before, after : KeptScores
        The outcomes are those of the later.
    seed, cut_off, horizon
        As for `tables`; the difference is over all horizons.
    """
    from models.scoring.comparison import common_forecasts, compare
    from models.scoring.referee import skill_table

    pair = common_forecasts(before.scores, after.scores)
    skills = {
        f"Skill {horizon}, {name}": skill_table(scores, after.outcomes, seed, cut_off, horizon)
        for name, scores in zip(("before", "after"), pair, strict=True)
    }
    return {**skills, "After less before": compare(*pair, after.outcomes, seed, cut_off)}


def keep_scores(settings: Settings) -> Path:
    """Write the latest backtest's scoreboard to the evidence folder, to be committed with the code."""
    from models.scoring.kept import kept_rows
    from warehouse.atomic import written_whole
    from warehouse.scores import backtest_to_keep

    made, board = backtest_to_keep(settings.state)
    assert made is not None, "its scores were read"
    days = (f"{made[name]:%Y-%m-%d}" for name in ("finished_at", "first_as_of", "last_as_of"))
    rows = kept_rows(board, str(made["code_version"]), *days)
    path = settings.data / "kept_scores.csv"
    with written_whole(path) as partial:
        rows.to_csv(partial, index=False, lineterminator="\n")
    return path
