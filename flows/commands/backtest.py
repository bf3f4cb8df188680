"""`hbmcast backtest`: refit the past month by month, score it, keep the scores."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.backtest.plan import DRAWS, Done, Plan, month_ends_of
from flows.commands.options import StateOption
from flows.runtime.errors import HbmcastError
from flows.runtime.settings import Settings, prepare_environment, prepare_state, resolve


def backtest(
    first: Annotated[str, typer.Option("--from", help="First month, as 2023-07.")] = "2023-07",
    last: Annotated[
        str | None, typer.Option("--to", help="Last month, as 2026-05; default: last month.")
    ] = None,
    draws: Annotated[int, typer.Option(help="Posterior draws a vintage.")] = DRAWS,
    cores: Annotated[int | None, typer.Option(help="Vintages fitted at a time; default: all cores.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Refit every vintage although nothing changed.")
    ] = False,
    seed: Annotated[int | None, typer.Option(help="Root of every random stream.")] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Write the scoreboard to kept_scores.csv in the evidence folder.")
    ] = False,
    format: Annotated[str, typer.Option("--format", help="table, csv or json.")] = "table",
    state: StateOption = None,
) -> None:
    """Refit every month since 2023-07 on what was published by then, and score it against what came."""
    from flows.backtest.run import run_backtest
    from flows.commands.output import known_format, write_rows
    from flows.runtime.progress import Progress

    known_format(format)
    settings = resolve(state=state, seed=seed)
    prepare_environment(settings.state)
    prepare_state(settings.state)
    plan = Plan(settings, month_ends_of(settings, first, last), draws, cores or os.cpu_count() or 1, force)
    done = run_backtest(plan, Progress())
    if keep:
        print(f"scoreboard written to {keep_scores(settings)}", file=sys.stderr)
    import pyarrow as pa

    write_rows(pa.Table.from_pandas(done.board, preserve_index=False), format, None)
    print(_words(done), file=sys.stderr)


def keep_scores(settings: Settings) -> Path:
    """Write the latest backtest's scoreboard to the evidence folder, to be committed with the code."""
    from models.scoring.kept import kept_rows
    from warehouse.atomic import written_whole
    from warehouse.scores import backtest_to_keep

    made, board = backtest_to_keep(settings.state)
    if made is None:
        raise HbmcastError("there is no backtest to keep", "Run hbmcast backtest first")
    days = (f"{made[name]:%Y-%m-%d}" for name in ("finished_at", "first_as_of", "last_as_of"))
    rows = kept_rows(board, str(made["code_version"]), *days)
    path = settings.data / "kept_scores.csv"
    with written_whole(path) as partial:
        rows.to_csv(partial, index=False, lineterminator="\n")
    return path


def _words(done: Done) -> str:
    lines = [
        f"{done.vintages} vintages, {done.refitted} fitted now, {done.seconds:.0f} s; "
        + (f"scores kept as {done.run_id}" if done.published else f"nothing changed since {done.run_id}"),
        "Hindsight that is left:",
        *(f"- {line}" for line in done.hindsight),
    ]
    if done.doubts:
        lines += ["Vintages whose draws are in doubt:", *(f"- {line}" for line in done.doubts)]
    return "\n".join(lines)
