"""Commands and queries of the documents: what is run by tests, and what is not, with the reason.

``python -m tests.documented`` counts them.
"""

import re
import shlex
from pathlib import Path
from typing import NamedTuple

from flows.commands.docs import DOCUMENTS
from tests.places import ROOT

TEXTS = ("csv", "ini", "toml", "cron", "text")
"""Languages of blocks that are nothing to run."""
NIGHT = "makes a night: a minute of compiling and more (tests/test_end_to_end.py makes one of a small world)"
POSTERIOR = "needs the posterior of a real night"
EVIDENCE = "needs the evidence that a real night took in"
NETWORK = "asks servers of others"
STAYS = "stays in the foreground"
SHELL = "is the shell's, or another program's"
NOT_RUN = {
    "make forecast": NIGHT,
    "make ": "is the build's: tests hold the targets against the Makefile",
    "hbmcast nightly": NIGHT,
    "hbmcast backtest": "refits a model for every vintage",
    "hbmcast scoreboard": "needs a backtest",
    "hbmcast leave-out": POSTERIOR,
    "hbmcast score ": POSTERIOR,
    "hbmcast scenario": POSTERIOR,
    "hbmcast explain": EVIDENCE,
    "hbmcast press": NETWORK,
    "hbmcast review": "decides about what waits: tests/flows/commands/test_review.py does",
    "hbmcast fetch": "needs a shared place: tests/flows/commands/test_fetch.py has one",
    "hbmcast show --state colleague": "shows what was fetched: tests/flows/commands/test_fetch.py does",
    "hbmcast server": STAYS,
    "hbmcast app": STAYS,
    "hbmcast schedule": STAYS,
    "hbmcast figures": "reads the whole evidence: tests/test_documents.py runs the audit beneath it",
    "hbmcast inbox": "needs the workbook of the page: tests/flows/night/test_ingest.py drops one",
    "git ": SHELL,
    "cd ": SHELL,
    "cp ": SHELL,
    "mkdir ": SHELL,
    "export ": SHELL,
    "echo ": SHELL,
    ". ": SHELL,
    "su ": SHELL,
    "install ": SHELL,
    "useradd ": SHELL,
    "apt-get ": SHELL,
    "systemctl ": SHELL,
    "docker ": "needs Docker; tests/test_team_files.py reads the file",
    ".venv/bin/prefect": "needs a Prefect server: tried by hand",
    ".venv/bin/dask": STAYS,
    "duckdb ": "needs DuckDB's own command line, which the lock does not hold",
    ".venv/bin/python -m tests.endurance": "takes an hour: tests/slow/test_endurance.py runs a part",
    ".venv/bin/pre-commit": SHELL,
    "import polars": "polars is not among what hbmcast installs",
    "library(": "needs R",
}
"""Beginnings of what no test runs, and why."""
SYSTEMS = re.compile(r"equipment/")
"""What can only be asked where systems were published."""


class Documented(NamedTuple):
    """Something to run: its page, its language (sh, sql, python, r) and its text."""

    page: str
    language: str
    text: str

    @property
    def why_not_run(self) -> str | None:
        """Reason why no test runs it; None where one does."""
        return next((NOT_RUN[start] for start in NOT_RUN if self.text.startswith(start)), None)


def pages() -> list[Path]:
    """Documents that are a page of the site, and the README."""
    return [ROOT / "README.md", *(ROOT / name for name in DOCUMENTS), *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> list[tuple[str, str]]:
    """Fenced blocks of a page: language and text."""
    return re.findall(r"^```([^\n]*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def documented() -> list[Documented]:
    """Everything that the documents say can be run, each once."""
    found = []
    for page in pages():
        name = page.relative_to(ROOT).as_posix()
        for language, text in blocks(page):
            if language == "sh":
                lines = (re.split(r"\s+#\s", f" {line}")[0].strip() for line in text.splitlines())
                found += [Documented(name, language, line) for line in lines if line]
            elif language not in TEXTS:
                found.append(Documented(name, language, text.strip()))
    return list({one.text: one for one in reversed(found)}.values())[::-1]


def words_of(command: str) -> tuple[list[str], str]:
    """Words of an `hbmcast` command line, and the file it reads standard input from."""
    words = shlex.split(command)[1:]
    if "<" in words:
        return words[: words.index("<")], words[words.index("<") + 1]
    return words, ""


def runs(language: str, systems: bool) -> list[Documented]:
    """What a test is to run in a language, asked of systems or not."""
    chosen = (one for one in documented() if one.language == language and not one.why_not_run)
    return [one for one in chosen if bool(SYSTEMS.search(one.text)) == systems]


if __name__ == "__main__":
    everything = documented()
    left = [one for one in everything if one.why_not_run]
    run = f"{len(everything) - len(left)} are run by tests, {len(left)} are not"
    print(f"{len(everything)} commands and queries on {len(pages())} pages: {run}")
    for one in left:
        print(f"  {one.text.splitlines()[0]:60}  {one.why_not_run}")
