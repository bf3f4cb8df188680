"""`hbmcast init`: a folder for evidence of one's own, laid over the base that comes with hbmcast."""

import csv
import os
from pathlib import Path
from typing import Annotated, Final

import typer

from flows.runtime.errors import HbmcastError
from flows.runtime.settings import DATA_VARIABLE
from models.evidence.tables.files import FIGURES, file_of
from warehouse.atomic import written_whole

OWN_FIGURES: Final = file_of(FIGURES, "own")
TABLES: Final = ("sources", "metrics", "products", "assumptions", "scenarios")
README: Final = """\
# Evidence of our own

hbmcast reads this folder besides its base when the variable HBMCAST_DATA names it:

    {export}
    hbmcast figures --audit     # what is refused or unused, and why
    hbmcast nightly

Several folders stand in one variable with `{separator}` between them; each is laid over those before it.

- A row whose key the base has too replaces the base's row (a figure with the same figure_id, an assumption
  with the same name and known_since): the log of the night says how many. All other rows are added.
- Each CSV holds a header and no rows yet. A file that stays empty may be deleted; the names of files say
  which table they are, and `figures/` takes as many files as you like.
- Every figure needs its publication in sources.csv (source_id). A figure_id is never used twice:
  begin yours with a word of your own (`{word}-0001`), so that it never meets one of the base.
- Material that must not leave this house: write `not_to_be_exported` into licence_note of its row in
  sources.csv. Its figures inform the forecast, and no export, page or shared warehouse has their numbers
  or names; `hbmcast figures` and `hbmcast explain` show them on this machine.
- Workbooks, Parquet and the files others send belong into the inbox (`hbmcast inbox --help`). Recipes
  for their layouts stand in `recipes/*.toml` of this folder.

| file | a row is | key |
|---|---|---|
{tables}
"""


def init(
    folder: Annotated[Path, typer.Argument(help="Folder to write; it must be empty or not exist yet.")],
) -> None:
    """Write a folder for evidence of your own: templates and a README."""
    place = folder.expanduser().resolve()
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise HbmcastError(f"{place} is not an empty folder", "Name a new one; nothing was written")
    try:
        write_templates(place)
    except OSError as error:
        raise HbmcastError(
            f"{place} can't be written ({error.strerror or error})", "Name a folder that can"
        ) from error
    print(f"{place} is ready: {OWN_FIGURES}, {', '.join(map(file_of, TABLES))}, README.md")
    print(_export(place))


def write_templates(folder: Path) -> None:
    """Write a header for each table and the README.

    Raises
    ------
    OSError
        The folder can't be written.
    """
    from models.evidence.tables.described import BY_NAME

    (folder / FIGURES).mkdir(parents=True, exist_ok=True)
    (folder / "recipes").mkdir(exist_ok=True)
    told = []
    for table in (FIGURES, *TABLES):
        file = OWN_FIGURES if table == FIGURES else file_of(table)
        described = BY_NAME[table]
        with (
            written_whole(folder / file) as unfinished,
            unfinished.open("w", encoding="utf-8", newline="") as out,
        ):
            csv.writer(out, lineterminator="\n").writerow(described.column_names)
        told.append(f"| {file} | {described.comment.split(',')[0]} | {', '.join(described.keys)} |")
    text = README.format(
        export=_export(folder), separator=os.pathsep, word=folder.name.lower(), tables="\n".join(told)
    )
    with written_whole(folder / "README.md") as unfinished:
        unfinished.write_text(text, encoding="utf-8")


def _export(folder: Path) -> str:
    return f'export {DATA_VARIABLE}="{folder}"'
