"""Reader of filings: the SEC's company facts of the filers in filers.csv, each as figures with its filing.

Asked politely (who asks stands in HBMCAST_CONTACT, a pause between questions, only for what changed). An
answer that can't be read, is about another company, or lacks many figures of the last good one changes
nothing: the last good one goes on being read.
"""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from flows.sources.fetch import FetchError, Limits, fetch
from flows.sources.kept import Kept
from flows.sources.raw import Problem, RawEvidence, text_rows
from models.evidence.filings import FilingError, figures_of_filer
from models.evidence.tables.described import BY_NAME

FILE: Final = "figures/sec-filings.csv"
PAUSE_SECONDS: Final = 0.2
"""Between two questions: half of what the SEC allows a second."""
GIVE_UP_AFTER: Final = 2
"""Questions in a row without an answer, after which the rest waits for the next night."""
LOST_AT_ONCE: Final = 0.1
LIMITS: Final = Limits(seconds=40.0, silence=15.0)


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
    evidence, silent = RawEvidence({}), 0
    named = filers[filers["cik"].str.fullmatch(r"\d{1,10}")] if _is_table(filers) else filers.iloc[:0]
    for cik, rows in named.groupby("cik", sort=False):
        url = f"{address}/CIK{int(str(cik)):010d}.json"
        kept = Kept(folder, url, ".json")
        notes: list[str] = []
        asked = text_rows(rows)
        last = _last(kept, asked, url)
        if silent < GIVE_UP_AFTER:
            given, is_silent = _asked(kept, url, contact, limits, asked, last, withdraw, notes)
            silent = silent + 1 if is_silent else 0
        else:
            given = last or RawEvidence({})
            notes.append(f"{url}: not asked, the last {GIVE_UP_AFTER} questions got no answer")
        kept.tidy()
        evidence = evidence.joined_with(given.noted(notes))
    return evidence


def _is_table(filers: pd.DataFrame) -> bool:
    return set(BY_NAME["filers"].column_names) <= set(filers.columns)


def _last(kept: Kept, asked: Sequence[dict[str, str]], url: str) -> RawEvidence | None:
    if kept.good is None:
        return None
    try:
        return _parsed(kept.good.read_bytes(), asked, url)
    except (FetchError, OSError) as error:
        remedy = f"Delete {kept.good}; the next night fetches it again"
        return RawEvidence({}, {}, [Problem(url, 0, "", "", f"the kept answer: {error}", remedy)])


def _asked(
    kept: Kept,
    url: str,
    contact: str,
    limits: Limits,
    asked: Sequence[dict[str, str]],
    last: RawEvidence | None,
    withdraw: bool,
    notes: list[str],
) -> tuple[RawEvidence, bool]:
    """Ask for one filer; also say whether there was no answer at all."""
    is_silent = True
    try:
        time.sleep(PAUSE_SECONDS)
        headers = {"user-agent": contact, "accept": "application/json", **kept.known.conditions()}
        answer = fetch(url, headers, limits)
        is_silent = False
        if answer is None:
            kept.confirm()
            return last or RawEvidence({}), False
        file = kept.save(answer.content)
        offered = _parsed(answer.content, asked, url)
        _refuse_loss(offered, last, file, withdraw)
        kept.promote(file, answer.headers)
        return offered, False
    except (FetchError, OSError) as error:
        kept.fail(error)
        if last is not None:
            notes.append(f"{url}: {error}; the answer of {kept.known.good_at} is read again")
            return last, is_silent
        notes.append(f"{url}: {error}; nothing to read yet")
        remedy = (
            "Nothing: the next night asks again. If it stays, look at cik in filers.csv and HBMCAST_CONTACT"
        )
        return RawEvidence({}, {}, [Problem(url, 0, "", "", str(error), remedy)]), is_silent


def _refuse_loss(offered: RawEvidence, last: RawEvidence | None, file: Path, withdraw: bool) -> None:
    before, good = _ids(last), _ids(offered)
    lost = sorted(before - good)
    if not withdraw and lost and len(lost) > max(1, LOST_AT_ONCE * len(before)):
        raise FetchError(
            f"the new answer lacks {len(lost)} of {len(before)} figures ({lost[0]}, ...); it lies in {file}; "
            "if they are meant to go: hbmcast nightly --withdraw"
        )


def _ids(evidence: RawEvidence | None) -> set[str]:
    return set() if evidence is None or FILE not in evidence.files else set(evidence.files[FILE]["figure_id"])


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
        except (FilingError, ValueError) as error:
            raise FetchError(str(error)) from error
        files = {FILE: found.figures, "sources.csv": found.sources}
        origins = {name: [(url, i + 1) for i in range(len(frame))] for name, frame in files.items()}
        # Named as figures of the filer: what is odd in a filing keeps no other row from being withdrawn.
        named = json.dumps({"figure_id": f"sec-{filer['cik']}"})
        problems = [Problem(url, 0, *refused, raw=named) for refused in found.refused]
        evidence = evidence.joined_with(RawEvidence(files, origins, problems))
    return evidence.with_unique("sources.csv", "source_id")
