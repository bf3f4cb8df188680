"""`hbmcast backtest`: refit the past month by month, score it, keep the scores."""

import os
import sys
from typing import Annotated

import typer

from flows.backtest.plan import DRAWS, Done, Plan, month_ends_of
from flows.commands.options import FormatOption, StateOption
from flows.runtime.preparation import prepare_environment, prepare_state
from flows.runtime.settings import resolve
from flows.server.ephemeral import start_for


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
    format: FormatOption = None,
    state: StateOption = None,
) -> None:
    """Refit every month since 2023-07 on what was published by then, and score it against what came."""
    from flows.backtest.run import run_backtest
    from flows.commands.formats import chosen_format, write_rows
    from flows.runtime.progress import Progress

    chosen = chosen_format(format)
    settings = resolve(state=state, seed=seed)
    prepare_environment(settings.state)
    prepare_state(settings.state)
    start_for(settings.task_runner)
    plan = Plan(settings, month_ends_of(settings, first, last), draws, cores or os.cpu_count() or 1, force)
    done = run_backtest(plan, Progress())
    import pyarrow as pa

    write_rows(pa.Table.from_pandas(done.board, preserve_index=False), chosen)
    print(_words(done), file=sys.stderr)


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
