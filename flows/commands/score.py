"""`hbmcast score FILE`: where each figure of a CSV falls in what such a publication was expected to print."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.csv_file import CsvFile, read_csv, read_rows
from flows.commands.formats import chosen_format, write_object, write_rows
from flows.commands.options import BomOption, FormatOption, OutputOption, QuietOption, StateOption
from flows.commands.output import interval, note, printed, terminal
from flows.runtime.errors import HbmcastError
from flows.runtime.preparation import prepare_environment, prepare_state
from flows.runtime.settings import resolve
from models.evidence.tables.files import SOURCES_FILE

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from models.evidence.chain_evidence import ChainEvidence
    from models.inference.fit import Fit
    from models.scoring.scored_figures import ScoredFigures


def score(
    file: Annotated[
        Path, typer.Argument(help="CSV of figures: as data/figures/, or with the shared header.")
    ],
    as_of: Annotated[
        str | None,
        typer.Option(help="Day, as 2024-12-31: judge by what was known then; default: the forecast served."),
    ] = None,
    format: FormatOption = None,
    output: OutputOption = None,
    bom: BomOption = False,
    quiet: QuietOption = False,
    state: StateOption = None,
) -> None:
    """Say where each published figure of a file falls in the forecast of such a figure."""
    chosen = chosen_format(format, output, bom)
    note(
        "reading the posterior: some seconds"
        if as_of is None
        else f"fitting what was known by {as_of}, where no run of that day is kept: some minutes"
    )
    from flows.night.posterior import load_fit

    settings = resolve(state=state, as_of=as_of)
    prepare_environment(settings.state)
    prepare_state(settings.state)
    read = read_rows(file)
    fit, known = load_fit(settings, for_as_of=as_of is not None)
    scored = score_figures(fit, known, read.frame, sources_beside(file), settings.seed, settings.today)
    result = placed_in_file(scored, read)
    if chosen == "json":
        write_object(result, output)
    elif chosen == "table" and output is None:
        print_table(result, fit.problem.as_of.isoformat())
    else:
        write_rows(rows_of_result(result), chosen, output, bom)


def rows_of_result(result: "ScoredFigures") -> "pa.Table":
    """Lay out what was scored and what could not be as one table, in the order of the file.

    A column of numbers holds numbers alone: what a refused row has in their place stands in `printed`.
    """
    import pandas as pd
    import pyarrow as pa

    from models.vocabulary.units import VALUE_COLUMNS

    scored = [row | {"scored": True, "printed": None} for row in result["figures"]]
    aside = [
        row | {"scored": False, "printed": " ".join(str(row[n]) for n in VALUE_COLUMNS if row[n] is not None)}
        for row in result["unmapped"]
    ]
    rows = pd.DataFrame([*scored, *aside])
    for name in VALUE_COLUMNS:
        rows[name] = pd.to_numeric(rows[name], errors="coerce").astype("float64")
    return pa.Table.from_pandas(rows.sort_values("row", kind="stable"), preserve_index=False)


def placed_in_file(result: "ScoredFigures", read: CsvFile) -> "ScoredFigures":
    """Give rows the line of the file they stand on, and add those that could not be read at all."""
    from flows.sources.raw import FIRST_ROW
    from models.scoring.external_figures import SHOWN

    for row in (*result["figures"], *result["unmapped"], *result["read_as"]):
        row["row"] = read.lines[row["row"] - FIRST_ROW]
    unread = [
        {
            "row": problem.row,
            "figure_id": "",
            **dict.fromkeys(SHOWN),
            "reason": f"{problem.problem}: {problem.value}",
            "remedy": problem.remedy,
        }
        for problem in read.problems
    ]
    unmapped = sorted([*result["unmapped"], *unread], key=lambda row: row["row"])
    return {**result, "unmapped": unmapped}


def sources_beside(file: Path) -> "pd.DataFrame | None":
    """Read the `sources.csv` that a figure file brings, beside it or one folder up; else None."""
    for folder in (file.resolve().parent, file.resolve().parent.parent):
        if (folder / SOURCES_FILE).is_file():
            return read_csv(folder / SOURCES_FILE)
    return None


def score_figures(
    fit: "Fit",
    known: "ChainEvidence",
    raw: "pd.DataFrame",
    sources: "pd.DataFrame | None",
    seed: int,
    today: date,
) -> "ScoredFigures":
    """Score a table of figures, with a remedy where its header is wrong.

    Parameters and what it returns are those of `models.scoring.scored_figures.scored_figures`.

    Raises
    ------
    HbmcastError
        The columns are those of neither format.
    """
    from models.scoring.external_figures import HeaderError
    from models.scoring.scored_figures import scored_figures

    try:
        return scored_figures(fit, known, raw, sources, seed, today)
    except HeaderError as error:
        raise HbmcastError(str(error), "Use the columns of data/figures/, or the shared header") from error


def print_table(result: "ScoredFigures", as_of: str) -> None:
    """Write the answer for a terminal: each figure, then what could not be scored, then the totals."""
    console = terminal()
    for row in result["figures"]:
        about = " ".join(str(row[name]) for name in ("metric", "entity", "period") if row[name])
        is_bound = row["pit"] is None
        fall = f"P(beyond) {row['probability']:.0%}" if is_bound else f"falls at {row['pit']:.0%}"
        lines = [
            f"row {row['row']}: {about}, {row['publisher'] or 'no publisher'}: {_number(row)}",
            f"    expected {interval(str(row['unit']), row, 'predicted_')}; {fall}",
        ]
        for line in lines:
            console.print(line, markup=False, highlight=False, soft_wrap=not console.is_terminal)
    for cell in result["read_as"]:
        console.print(
            f"read as: row {cell['row']} {cell['field']} {cell['printed']!r} is {cell['read']}", markup=False
        )
    for row in result["unmapped"]:
        remedy = f". Remedy: {row['remedy']}" if row["remedy"] else ""
        named = " ".join(str(row[name]) for name in ("metric", "period") if row[name])
        line = f"not scored: row {row['row']} {named}: {row['reason']}{remedy}"
        console.print(line, markup=False)
    coverage = ", ".join(
        f"{level} %: {share:.0%}" for level, share in result["coverage"].items() if share is not None
    )
    seen = sum(row["in_fit"] for row in result["figures"])
    uniform = result["pit_uniform_p"]
    print(
        f"as of {as_of}: {result['scored']} figures scored "
        f"({len(result['pit'])} two-sided; {seen} were in the fit), "
        f"{len(result['unmapped'])} not. Inside the intervals: {coverage or 'none to count'}."
        + (f" Uniformity of the falls: p = {uniform:.2g}." if uniform is not None else "")
    )


def _number(row: dict[str, Any]) -> str:
    from models.vocabulary.units import VALUE_COLUMNS

    return printed(str(row["unit"]), *(row[name] for name in VALUE_COLUMNS))
