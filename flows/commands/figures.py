"""`hbmcast figures`: what became of the published figures, read fresh from the evidence folder."""

import sys
from pathlib import Path
from typing import Any

from flows.commands.output import known_format
from flows.runtime.errors import HbmcastError
from flows.runtime.settings import resolve

# Table of the audit -> its title and how many rows the terminal shows.
_SHOWN = {
    "counts": ("What is in", 50),
    "by_file": ("By file", 50),
    "not_used": ("Accepted but not used, and why", 25),
    "rejections": ("Put aside, by field at fault", 25),
    "echoes": ("One statement on several pages", 10),
    "growth_conflicts": ("Stated growth that its own end points do not give", 15),
    "out_of_bounds": ("Outside the plausible bounds", 25),
}


def show_figures(*, audit: bool, format: str, state: Path | None) -> None:
    """Print the counts of the evidence; with `audit` everything that is wrong or unused in it.

    Parameters
    ----------
    audit : bool
        Whether to show more than the counts.
    format : {'table', 'json'}
        JSON gives all rows of all tables.
    state : Path or None
        State folder, where answers of feeds are kept.

    Raises
    ------
    HbmcastError
        When the evidence can't be judged at all.
    """
    known_format(format)
    if format not in ("table", "json"):
        raise HbmcastError(f"The audit has no format {format!r}", "Use table or json")
    tables = audit_tables(state)
    names = list(_SHOWN) if audit else ["counts"]
    if format == "json":
        import json

        rows = {name: json.loads(tables[name].to_json(orient="records")) for name in names}
        json.dump(rows, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
        return
    for name in names:
        _print(tables[name], *_SHOWN[name])
    if not audit:
        print("hbmcast figures --audit says more")


def audit_tables(state: Path | None) -> dict[str, Any]:
    """Read, check and audit the evidence; returns the tables of `models.evidence.audit.Audit` by name."""
    from flows.night.stages import all_rejected
    from flows.sources import read_all
    from models.evidence.audit import audit
    from models.evidence.mapping import resolve as map_figures
    from models.evidence.validation import validate

    settings = resolve(state=state)
    raw = read_all(settings)
    validated = validate(raw.files, settings.today)
    if validated.fatal:
        raise HbmcastError("; ".join(validated.fatal), "Mend the file named")
    accepted = validated.accepted
    mapped = map_figures(accepted["figures"], accepted["metrics"])
    rejected = all_rejected(raw, validated.rejected).rename(
        columns={"row_number": "row", "reason": "problem", "content": "raw"}
    )
    found = audit(mapped, accepted["sources"], rejected)
    return {name: getattr(found, name) for name in _SHOWN}


def _print(frame: Any, title: str, limit: int) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console() if sys.stdout.isatty() else Console(width=160)
    console.print(f"\n[bold]{title}[/bold]: " + (f"{len(frame)} rows" if len(frame) else "none"))
    if frame.empty:
        return
    table = Table()
    for name in frame.columns:
        justify: Any = "right" if frame[name].dtype.kind in "if" else "left"
        table.add_column(str(name), overflow="fold", justify=justify)
    for row in frame.head(limit).itertuples(index=False):
        table.add_row(*(f"{v:.4g}" if isinstance(v, float) else str(v).replace("[", r"\[") for v in row))
    console.print(table)
    if len(frame) > limit:
        console.print(f"{len(frame) - limit} more rows; --format json gives them all")
