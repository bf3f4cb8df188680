"""Files of the evidence, named after the table whose rows they hold."""

from typing import Final

FIGURES: Final = "figures"
"""Table whose rows stand in several files, one a topic."""


def file_of(table: str, topic: str = "") -> str:
    """Name of the file of a table, relative to a folder of evidence; figures have one a topic."""
    return f"{table}/{topic}.csv" if table == FIGURES else f"{table}.csv"


def table_of(file: str) -> str:
    """Table of a file by its name: `figures/<topic>.csv`, `<table>.csv`, also `<table>/<topic>.csv`."""
    return file.split("/")[0] if "/" in file else file.removesuffix(".csv")


def is_of(file: str, table: str) -> bool:
    """Whether a file among the evidence holds rows of a table."""
    return file.startswith(f"{FIGURES}/") if table == FIGURES else file == file_of(table)


SOURCES_FILE: Final = file_of("sources")
