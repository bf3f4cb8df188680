"""Raw evidence: files of text rows, the line each row stands on, and what could not be read."""

import csv
import io
import os
import re
from dataclasses import dataclass, field

import pandas as pd

import flows.runtime.texts  # noqa: F401 - says how pandas keeps texts
from flows.sources.csv_text import LARGEST_COLUMNS, LARGEST_ROWS, Fault, decoded, separator_fault

PROBLEM_COLUMNS = ("file", "row", "field", "value", "problem", "remedy", "raw")
# The first record of a file is row 2, as a spreadsheet shows it.
FIRST_ROW = 2
_SHOWN = 80
_ROW_OF_FILE = re.compile(r"((?:figures/)?[\w./-]+\.csv) row (\d+)")
_OF_MANY_CELLS = (
    "Quote cells that hold a comma, a thousand in a number say; look whether cells moved to the right"
)
_OF_FEW_CELLS = "Give every column a cell; if it is the last row, the file was cut: fetch or save it again"


SAME_HEADER = "the header stands here again"
ANOTHER_HEADER = "another header stands here: two tables were put under each other"
BELOW_ANOTHER = "the row stands below another header than the first, so that its columns may be others"
_APART = "Give each table a file or sheet of its own, or bring the rows into the columns of the first header"
HEADER_REMEDIES = {
    SAME_HEADER: "Delete the line; the rows below it are read",
    ANOTHER_HEADER: _APART,
    BELOW_ANOTHER: _APART,
}
_LEAST_OF_A_HEADER = 3


@dataclass(frozen=True)
class RowProblem:
    """Something in a source that could not be read, said so that a person can mend it.

    `row` is the line in the file (the header is line 1), 0 where the whole file is meant; `raw` the line's
    text where there is one.
    """

    file: str
    row: int
    field: str
    value: str
    problem: str
    remedy: str
    raw: str = ""


@dataclass(frozen=True)
class RawEvidence:
    """What the readers found.

    Parameters
    ----------
    files : dict of str to DataFrame
        By name relative to the evidence folder ('sources.csv', 'figures/hbm.csv'): all columns as text, one
        row per record, empty cells as ''.
    origins : dict of str to list of (str, int)
        For each record of each file, where it stands: file or address, and line.
    problems : list of RowProblem
        What could not be read; nothing is dropped without a line here.
    notes : list of str
        What a reader of the log should know (a feed unchanged, a feed out of reach).
    """

    files: dict[str, pd.DataFrame]
    origins: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def joined_with(self, other: "RawEvidence") -> "RawEvidence":
        """Return both evidences as one; records of files with the same name stand one after the other."""
        files, origins = dict(self.files), dict(self.origins)
        for name, frame in other.files.items():
            known = files.get(name)
            files[name] = frame if known is None else pd.concat([known, frame], ignore_index=True).fillna("")
            origins[name] = [*origins.get(name, []), *other.origins[name]]
        return RawEvidence(files, origins, [*self.problems, *other.problems], [*self.notes, *other.notes])

    def without(self, name: str, kept: list[bool]) -> "RawEvidence":
        """Return the evidence with those records of one file only that are `kept`."""
        if all(kept):
            return self
        files = {**self.files, name: self.files[name][kept].reset_index(drop=True)}
        places = [place for place, stays in zip(self.origins[name], kept, strict=True) if stays]
        return RawEvidence(files, {**self.origins, name: places}, self.problems, self.notes)

    def with_unique(self, name: str, key: str) -> "RawEvidence":
        """Return the evidence with the first record of each key in one file."""
        if name not in self.files:
            return self
        return self.without(name, (~self.files[name][key].duplicated()).tolist())

    def noted(self, notes: list[str]) -> "RawEvidence":
        """Return the evidence with more notes."""
        return RawEvidence(self.files, self.origins, self.problems, [*self.notes, *notes])

    def problem_frame(self) -> pd.DataFrame:
        """Return the problems as a frame with the columns of the rejected rows."""
        rows = [[getattr(problem, column) for column in PROBLEM_COLUMNS] for problem in self.problems]
        return pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS))

    def placed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Replace `file` and `row` (counted over records) by where the record really stands.

        Blank lines, quoted line breaks and rows set aside make the two differ.
        """
        if frame.empty or not {"file", "row"} <= set(frame.columns):
            return frame
        places = [
            self.place(str(name), int(row)) for name, row in zip(frame["file"], frame["row"], strict=True)
        ]
        frame = frame.assign(file=[name for name, _ in places], row=[line for _, line in places])
        named = [column for column in ("problem", "remedy") if column in frame.columns]
        return frame.assign(**{column: frame[column].map(self._with_places) for column in named})

    def _with_places(self, said: str) -> str:
        """Put where a row really stands in place of `sources.csv row 12`, wherever a text names one."""

        def really(found: re.Match[str]) -> str:
            name, line = self.place(found[1], int(found[2]))
            return f"{name} row {line}"

        return _ROW_OF_FILE.sub(really, said)

    def place(self, name: str, row: int) -> tuple[str, int]:
        """Say where a record (counted as a row of its file) really stands."""
        known = self.origins.get(name, [])
        return known[row - FIRST_ROW] if 0 <= row - FIRST_ROW < len(known) else (name, row)


def shown_name(name: str) -> str:
    """Give a file's name as text that can be kept: bytes of another encoding by their number."""
    return os.fsencode(name).decode("utf-8", errors="backslashreplace")


def text_rows(frame: pd.DataFrame) -> list[dict[str, str]]:
    """Give the rows of a frame of text as dictionaries."""
    return [{str(name): str(cell) for name, cell in row.items()} for row in frame.to_dict("records")]


def parse_csv(content: bytes, name: str) -> tuple[pd.DataFrame | None, list[int], list[RowProblem]]:
    """Read CSV bytes into text columns.

    Parameters
    ----------
    content : bytes
        The file as it is on disk or on the wire.
    name : str
        How problems name the file.

    Returns
    -------
    frame : DataFrame or None
        All columns as text; None where the file as a whole can't be read.
    lines : list of int
        The line each record starts on.
    problems : list of RowProblem
        Rows set aside, or the one reason why the file was.
    """
    text = decoded(content)
    if isinstance(text, Fault):
        return None, [], [_of_file(name, text)]
    return _parse_text(text, name)


def lost_as_csv(frame: pd.DataFrame) -> list[tuple[int, str, str]]:
    """Say which rows would not be read again as they are, once written as CSV: a zero byte, a cell too long.

    Parameters
    ----------
    frame : DataFrame of str

    Returns
    -------
    list of (int, str, str)
        Place of the row, the column at which it fails, and how reading fails; all rows where they fail
        together only.
    """
    if not _fault_of_csv(frame):
        return []
    found = []
    for i in range(len(frame)):
        row = frame.iloc[[i]]
        for column in frame.columns if _fault_of_csv(row) else ():
            if fault := _fault_of_csv(row[[column]].assign(beside="x")):
                found.append((i, str(column), fault))
                break
    return found or [(i, str(frame.columns[0]), _fault_of_csv(frame)) for i in range(len(frame))]


def _fault_of_csv(frame: pd.DataFrame) -> str:
    content = frame.to_csv(index=False, lineterminator="\n").encode(errors="surrogatepass")
    again, _, problems = parse_csv(content, "")
    if again is None or problems:
        return problems[0].problem
    is_same = again.to_numpy().tolist() == [[c.strip() for c in row] for row in frame.to_numpy().tolist()]
    return "" if is_same else "what would be read is another text"


def _of_file(name: str, fault: Fault) -> RowProblem:
    return RowProblem(name, fault.line, "", fault.shown, fault.problem, fault.remedy)


def _parse_text(text: str, name: str) -> tuple[pd.DataFrame | None, list[int], list[RowProblem]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    problems: list[RowProblem] = []
    header: list[str] = []
    names: set[str] = set()
    line, below = 1, ""
    try:
        for record in reader:
            start, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in record) or (not header and _is_separator_line(record)):
                continue
            if not header:
                header = [cell.strip() for cell in record]
                names = set(header)
                if separated := separator_fault(",".join(record)):
                    return None, [], [_of_file(name, separated)]
                if len(header) > LARGEST_COLUMNS:
                    many = f"{len(header)} columns, more than {LARGEST_COLUMNS}"
                    remedy = "Leave out columns of no use"
                    return None, [], [RowProblem(name, start, "header", "", many, remedy)]
                fault = _header_fault(header)
                if fault:
                    shown = ",".join(record)[:_SHOWN]
                    remedy = "Give each column one name, as in the other files of this folder"
                    return None, [], [RowProblem(name, start, "header", shown, fault, remedy)]
            elif again := (not names.isdisjoint(record) and header_again(header, record)) or below:
                below = BELOW_ANOTHER if again == ANOTHER_HEADER else below
                whole = ",".join(record)
                remedy = HEADER_REMEDIES[again]
                problems.append(RowProblem(name, start, "", whole[:_SHOWN], again, remedy, whole))
            elif len(record) != len(header):
                fault = f"{len(record)} cells where the header has {len(header)} columns"
                remedy = _OF_MANY_CELLS if len(record) > len(header) else _OF_FEW_CELLS
                whole = ",".join(record)
                problems.append(RowProblem(name, start, "", whole[:_SHOWN], fault, remedy, whole))
            elif len(rows) >= LARGEST_ROWS:
                many = f"more than {LARGEST_ROWS} rows"
                return None, [], [RowProblem(name, 0, "", "", many, "Split the file into several")]
            else:
                rows.append([cell.strip() for cell in record])
                lines.append(start)
    except csv.Error as error:
        # After a stray quote nothing in the file can be trusted: a cell may have swallowed rows.
        remedy = 'Close every quote, and write a quote inside a quoted cell twice ("")'
        fault = f"broken CSV in the record that starts in line {line}: {error}"
        return None, [], [RowProblem(name, line, "", _line(text, line), fault, remedy)]
    return pd.DataFrame(rows, columns=header, dtype="str"), lines, problems


def header_again(header: list[str], cells: list[str]) -> str:
    """Say whether a row below a header is a header itself, as where two tables were put under each other.

    Parameters
    ----------
    header, cells : list of str

    Returns
    -------
    str
        `SAME_HEADER`, `ANOTHER_HEADER`, '' for a row of cells.
    """
    said = [cell.strip() for cell in cells]
    filled = [cell for cell in said if cell]
    if len(filled) < _LEAST_OF_A_HEADER or len(set(header).intersection(filled)) * 2 < len(filled):
        return ""
    while said[len(header) :] and not said[-1]:
        said.pop()
    return SAME_HEADER if said == header else ANOTHER_HEADER


def _is_separator_line(record: list[str]) -> bool:
    """Say whether a record is the line by which a file tells Excel its separator."""
    return re.fullmatch(r"sep=.?", ",".join(record).strip(), re.IGNORECASE) is not None


def _header_fault(header: list[str]) -> str:
    if any(not column for column in header):
        return "a column of the header has no name"
    twice = sorted({column for column in header if header.count(column) > 1})
    return f"the header names {', '.join(twice)} twice" if twice else ""


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number - 1][:_SHOWN] if 0 < number <= len(lines) else ""
