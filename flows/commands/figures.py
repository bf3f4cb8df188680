"""`hbmcast figures`: what became of the published figures, read fresh from the evidence folder."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.formats import chosen_format, write_parts
from flows.commands.options import BomOption, FormatOption, OutputOption, QuietOption, StateOption
from flows.commands.output import note, terminal, write_records, write_table
from flows.runtime.errors import HbmcastError
from flows.runtime.settings import resolve
from models.evidence.tables.files import FIGURES, is_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

# Table of the audit -> its title and how many rows the terminal shows.
_SHOWN = {
    "counts": ("What is in", 50),
    "by_file": ("By file", 50),
    "new_figures": ("Not in the last night: what was read, and what becomes of it", 25),
    "rejections": ("Put aside: what is wrong, and the remedy", 50),
    "not_used": ("Accepted but used by neither chain nor systems, and why", 25),
    "read_as": ("Read in another form than printed", 25),
    "second_look": ("Passed every check, but doubtful beside other figures", 25),
    "echoes": ("One statement on several pages", 10),
    "growth_conflicts": ("Stated growth that its own end points do not give", 15),
}


def figures(
    audit: Annotated[
        bool,
        typer.Option(
            "--audit",
            help="List what is put aside, with its remedy, and what is not used; code 1 if any is put aside.",
        ),
    ] = False,
    format: FormatOption = None,
    output: OutputOption = None,
    bom: BomOption = False,
    quiet: QuietOption = False,
    state: StateOption = None,
) -> None:
    """Say what became of the published figures."""
    chosen = chosen_format(format, output, bom)
    note("reading and checking the evidence: some seconds")
    names = list(_SHOWN) if audit else ["counts"]
    tables = audit_tables(state, names)
    put_aside = int(audit and len(tables["rejections"]) > 0)
    if chosen != "table" or output:
        write_parts({name: tables[name] for name in names}, chosen, output, bom)
        raise typer.Exit(put_aside)
    for name in names:
        _print(tables[name], *_SHOWN[name])
    if not audit:
        note("hbmcast figures --audit says more")
    raise typer.Exit(put_aside)


def audit_tables(state: Path | None, names: "Sequence[str]" = tuple(_SHOWN)) -> "dict[str, pd.DataFrame]":
    """Read, check and audit the evidence: the tables named, of those that --audit shows.

    Raises
    ------
    HbmcastError
        A table is missing, or can't be used, without which no row can be judged.
    """
    from flows.sources.judged import all_rejected, in_force, judged
    from flows.sources.readers import read_all
    from models.evidence.audit import audit
    from models.evidence.mapping import resolve as map_figures
    from models.evidence.new_figures import new_figures
    from models.evidence.second_look import second_look
    from warehouse.read import figures_of_systems

    settings = resolve(state=state)
    raw = read_all(settings)
    before = in_force(settings.state)
    validated = judged(raw, before, settings.today)
    if validated.fatal:
        raise HbmcastError("; ".join(validated.fatal), "Mend the file named")
    accepted = validated.accepted
    mapped = map_figures(accepted["figures"], accepted["metrics"])
    rejected = all_rejected(raw, validated.rejected).rename(
        columns={"row_number": "row", "reason": "problem", "content": "raw"}
    )
    of_systems = figures_of_systems(settings.state)
    found = audit(
        raw.placed(mapped),
        accepted["sources"],
        rejected,
        raw.placed(validated.read_as),
        of_systems,
        {file for name, at in raw.origins.items() if is_of(name, FIGURES) for file, _ in at},
    )
    tables: dict[str, pd.DataFrame] = {}
    if "second_look" in names:
        doubtful = second_look(mapped, accepted["exchange_rates"], accepted["sources"])
        new = new_figures(raw.placed(mapped), accepted, before.get("figures"), doubtful, of_systems)
        tables = {"second_look": raw.placed(doubtful), "new_figures": new}
    return {name: tables[name] if name in tables else getattr(found, name) for name in names}


def _print(frame: "pd.DataFrame", title: str, limit: int) -> None:
    import pyarrow as pa

    console = terminal()
    console.print(f"\n[bold]{title}[/bold]: " + (f"{len(frame)} rows" if len(frame) else "none"))
    if frame.empty:
        return
    shown = frame.head(limit)
    mixed = shown.select_dtypes("object").columns
    shown = shown.assign(**{name: shown[name].map(str, na_action="ignore") for name in mixed})
    answer = pa.Table.from_pandas(shown, preserve_index=False)
    # A remedy that is left out for want of room helps nobody.
    write = write_records if "remedy" in frame and sys.stdout.isatty() else write_table
    write(answer, sys.stdout)
    if len(frame) > limit:
        console.print(f"{len(frame) - limit} more rows; --format json gives them all")
