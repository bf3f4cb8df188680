"""Runs the checks: each a query that returns offending rows, with what it is and how severe in its header."""

import re
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import duckdb

from warehouse.connect import connect
from warehouse.errors import first_line
from warehouse.statements import HERE

# Those of a publication; 'kept' looks through everything that is kept for good, which takes longer each year.
SCOPES = ("evidence", "run", "history")
EVERY_SCOPE = (*SCOPES, "kept")
SEVERITIES = ("error", "warning")
SHOWN_ROWS = 5
_COMMENT = re.compile(r"--.*|'[^']*'")
_HEADER = re.compile(r"^-- (check|severity|scope|remedy): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Check:
    """One check: name of its file, title, severity, scope, remedy and query.

    `scope` says what it looks at: 'evidence' the figures taken in, 'run' the run being published
    (on a published file: the one served), 'history' all runs, 'kept' whatever is kept for good.
    """

    name: str
    title: str
    severity: str
    scope: str
    remedy: str
    sql: str

    @cached_property
    def reads_draws(self) -> bool:
        """Whether it reads files of draws, which takes seconds."""
        return bool(re.search(r"\b(system_)?draws\b(?!_)", _COMMENT.sub("", self.sql)))


@dataclass(frozen=True)
class CheckResult:
    """What a check found: number of offending rows, the first of them as dicts, whether it reads draws."""

    name: str
    title: str
    severity: str
    remedy: str
    n_rows: int
    rows: list[dict] = field(default_factory=list)
    reads_draws: bool = False

    def describe(self) -> str:
        """Say in one line what was found, the first rows and the remedy."""
        shown = "; ".join(", ".join(f"{k}={_short(v)}" for k, v in row.items()) for row in self.rows)
        more = f" and {self.n_rows - len(self.rows)} more" if self.n_rows > len(self.rows) else ""
        return f"{self.title}: {self.n_rows} offending row(s): {shown}{more}. Remedy: {self.remedy}"


def _short(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


@cache
def load_checks(folder: Path = HERE / "checks") -> tuple[Check, ...]:
    """Read all checks of a folder, sorted by name; once a process.

    Raises
    ------
    ValueError
        When a header line is missing or has an unknown value: a check without severity must not pass as one.
    """
    checks = []
    for path in sorted(folder.glob("*.sql")):
        sql = path.read_text(encoding="utf-8")
        header = dict(_HEADER.findall(sql))
        missing = {"check", "severity", "scope", "remedy"} - set(header)
        if missing or header["severity"] not in SEVERITIES or header["scope"] not in EVERY_SCOPE:
            raise ValueError(
                f"{path.name}: header lines missing or not understood: {sorted(missing) or header}"
            )
        checks.append(
            Check(
                path.stem,
                header["check"],
                header["severity"],
                header["scope"],
                header["remedy"],
                sql.rstrip().rstrip(";"),
            )
        )
    return tuple(checks)


def run_checks(
    connection: duckdb.DuckDBPyConnection, scopes: tuple[str, ...] = SCOPES, with_draws: bool = True
) -> list[CheckResult]:
    """Run the checks of some scopes and return those that found offending rows.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Open on a warehouse, published or being built.
    scopes : tuple of str
        Subset of `EVERY_SCOPE`.
    with_draws : bool
        Whether those that read the draws are run too.

    Returns
    -------
    list of CheckResult
        Only checks with findings; errors and warnings alike.
    """
    findings = []
    for check in load_checks():
        if check.scope not in scopes or (check.reads_draws and not with_draws):
            continue
        try:
            cursor = connection.execute(check.sql)
            names = [column[0] for column in cursor.description]
            rows = cursor.fetchmany(SHOWN_ROWS)
            n_rows = len(rows)
            while rows and (block := cursor.fetchmany(10_000)):
                n_rows += len(block)
        except duckdb.Error as error:
            # A check that can't run has not passed: a missing or damaged draws file shows here.
            shown = [{"error": first_line(error)}]
            findings.append(_found(check, "error", 1, shown))
            continue
        if n_rows:
            shown = [dict(zip(names, row, strict=True)) for row in rows]
            findings.append(_found(check, check.severity, n_rows, shown))
    return findings


def _found(check: Check, severity: str, n_rows: int, rows: list[dict]) -> CheckResult:
    return CheckResult(check.name, check.title, severity, check.remedy, n_rows, rows, check.reads_draws)


def check_published(state: Path, with_draws: bool = True) -> list[CheckResult]:
    """Run the checks on the published file of a state folder; see `run_checks`."""
    with connect(state) as connection:
        return run_checks(connection, EVERY_SCOPE, with_draws)
