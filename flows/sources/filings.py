"""Reader of filings: the SEC's company facts of the filers in filers.csv, each as figures with its filing.

Asked politely (who asks stands in HBMCAST_CONTACT, a pause between questions, only for what changed). An
answer that can't be read, is about another company, or lacks many figures changes nothing: the last good one
is read again.
"""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd

from flows.runtime.errors import one_line
from flows.sources.fetch import FetchError, Limits
from flows.sources.kept import Kept
from flows.sources.last_good import ask, last_good
from flows.sources.raw import RawEvidence, RowProblem, text_rows
from flows.sources.side_by_side import Pace
from models.evidence.filings import FilingError, figures_of_filer
from models.evidence.tables.described import BY_NAME
from models.evidence.tables.files import FIGURES, SOURCES_FILE, file_of

FILE: Final = file_of(FIGURES, "sec-filings")
PAUSE_SECONDS: Final = 0.2
"""Between two questions: half of what the SEC allows a second."""
GIVE_UP_AFTER: Final = 2
"""Questions in a row without an answer, after which the rest waits for the next night."""
LIMITS: Final = Limits(seconds=40.0, silence=15.0)
_REMEDY: Final = (
    "Nothing: the next night asks again. If it stays, look at cik in filers.csv and HBMCAST_CONTACT"
)


def read_filings(
    filers: pd.DataFrame,
    folder: Path,
    contact: str,
    address: str,
    limits: Limits = LIMITS,
    withdraw: bool = False,
) -> RawEvidence:
    """Fetch company facts and read them into raw rows.

    Parameters
    ----------
    filers : DataFrame of str
        Rows of filers.csv.
    folder : Path
        Where raw answers are kept, one sub-folder per filer.
    contact : str
        Who asks: a name and an e-mail address; goes out as User-Agent.
    address : str
        Where `CIK##########.json` is served.
    limits : Limits
        What one filer may cost.
    withdraw : bool
        Whether a person allowed many figures to go at once.

    Returns
    -------
    RawEvidence
        Figures and sources of every filer's newest good answer, tonight's or an earlier one.
    """
    evidence, silent, pace = RawEvidence({}), 0, Pace(PAUSE_SECONDS)
    named = filers[filers["cik"].str.fullmatch(r"\d{1,10}")] if _is_table(filers) else filers.iloc[:0]
    for cik, rows in named.groupby("cik", sort=False):
        url = f"{address}/CIK{int(str(cik)):010d}.json"
        kept = Kept(folder, url, ".json")
        parse = partial(_parsed, asked=text_rows(rows), url=url)
        last = last_good(kept, url, parse)
        if silent < GIVE_UP_AFTER:
            pace.wait()
            headers = {"user-agent": contact, "accept": "application/json"}
            given, is_silent = ask(kept, url, headers, limits, parse, last, _REMEDY, withdraw)
            silent = silent + 1 if is_silent else 0
        else:
            told = f"{url}: not asked, the last {GIVE_UP_AFTER} questions got no answer"
            given = (last or RawEvidence({})).noted([told])
        kept.tidy()
        evidence = evidence.joined_with(given)
    return evidence


def _is_table(filers: pd.DataFrame) -> bool:
    return set(BY_NAME["filers"].column_names) <= set(filers.columns)


def _parsed(content: bytes, asked: Sequence[dict[str, str]], url: str) -> RawEvidence:
    """Read an answer into rows, one set for each row of filers.csv that asks for it.

    Raises
    ------
    FetchError
        It is no JSON, no company facts, or those of another company.
    """
    if content.lstrip()[:1] == b"<":
        raise FetchError("the answer is a web page, not JSON")
    try:
        facts: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise FetchError(f"the answer is no JSON: {str(error)[:120]}") from error
    evidence = RawEvidence({})
    for filer in asked:
        try:
            found = figures_of_filer(facts, filer)
        except FilingError as error:
            raise FetchError(str(error)) from error
        except Exception as error:  # an answer may hold anything: it costs a note, never the night
            raise FetchError(f"the answer can't be read: {one_line(error)}") from error
        files = {FILE: found.figures, SOURCES_FILE: found.sources}
        origins = {name: [(url, i + 1) for i in range(len(frame))] for name, frame in files.items()}
        # Named as figures of the filer: what is odd in a filing keeps no other row from being withdrawn.
        named = json.dumps({"figure_id": f"sec-{filer['cik']}"})
        problems = [RowProblem(url, 0, *refused, raw=named) for refused in found.refused]
        evidence = evidence.joined_with(RawEvidence(files, origins, problems))
    return evidence.with_unique(SOURCES_FILE, "source_id")
