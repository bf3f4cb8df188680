"""`hbmcast doctor`: what is wrong with an installation or a state folder, and how to mend it."""

from collections.abc import Callable
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.findings import findings
from flows.commands.options import StateOption
from flows.commands.output import terminal
from flows.runtime.errors import one_line
from flows.runtime.preparation import prepare_environment
from flows.runtime.settings import state_folder

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 160
# Columns that the word of a finding takes.
INDENT = 10


def doctor(
    draws: Annotated[
        bool, typer.Option("--draws", help="Check the joint draws again too, as when they were published.")
    ] = False,
    mend: Annotated[
        bool,
        typer.Option("--mend", help="Serve the last good build again and set aside what is damaged."),
    ] = False,
    state: StateOption = None,
) -> None:
    """Say what is wrong with this installation or state folder, and how to mend it."""
    raise typer.Exit(examine(state, draws, mend))


def examine(state: Path | None, with_draws: bool = False, mend: bool = False) -> int:
    """Print every finding; those about the values of the draws, which takes half a minute, if asked for.

    Parameters
    ----------
    state : Path, optional
    with_draws : bool
    mend : bool
        Whether what can be mended here is mended.

    Returns
    -------
    int
        1 when something must be mended before the next night can work, else 0.
    """
    folder = state_folder(state)
    prepare_environment(folder)
    colours = {"ok": "green", "note": "cyan", "warning": "yellow", "error": "red"}
    console = terminal(WIDTH)
    worst = 0
    for finding in findings(folder, with_draws):
        console.print(f"[{colours[finding.level]}]{finding.level:>8}[/]  ", end="", highlight=False)
        _indented(console, finding.what)
        remedy, mended = finding.remedy, False
        if mend and finding.mend is not None:
            remedy, mended = _mended(finding.mend)
        if remedy:
            console.print(" " * INDENT, end="")
            _indented(console, f"-> {remedy}")
        worst = max(worst, finding.level == "error" and not mended)
    return int(worst)


def _indented(console: "Console", text: str) -> None:
    """Print a text behind the word of its finding; a terminal gets it folded below itself."""
    room = console.width - INDENT
    lines = wrap(text, room, break_on_hyphens=False) if console.is_terminal else [text]
    console.print(f"\n{' ' * INDENT}".join(lines), markup=False, highlight=False, soft_wrap=True)


def _mended(mend: Callable[[], str]) -> tuple[str, bool]:
    """Mend something; what was done, or why it could not be."""
    try:
        return f"mended: {mend()}", True
    except Exception as error:
        return f"could not be mended: {one_line(error)}", False
