"""Ask an address for figures; where its answer is no good, the last good one is read again.

No good is what can't be fetched or read, and what lacks many figures of the last good answer. Feeds decide by
themselves (`flows.sources.feeds`): there a figure that the checks refuse is a figure lost too.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from flows.sources.fetch import FetchError, Limits, fetch
from flows.sources.kept import Kept
from flows.sources.losses import lost_too_many
from flows.sources.raw import RawEvidence, RowProblem

type Parse = Callable[[bytes], RawEvidence]
"""Reads an answer into rows; raises FetchError where it is not what was asked for."""


def last_good(kept: Kept, url: str, parse: Parse) -> RawEvidence | None:
    """Read the last good answer again.

    Parameters
    ----------
    kept : Kept
        The answers of the address.
    url : str
        How problems name it.
    parse : callable
        See `Parse`.

    Returns
    -------
    RawEvidence or None
        None where there never was one; a problem where it can't be read any more.
    """
    if kept.good is None:
        return None
    try:
        return parse(kept.good.read_bytes())
    except (FetchError, OSError) as error:
        remedy = f"Delete {kept.good}; the next night fetches it again"
        return RawEvidence({}, {}, [RowProblem(url, 0, "", "", f"the kept answer: {error}", remedy)])


def ask(
    kept: Kept,
    url: str,
    headers: Mapping[str, str],
    limits: Limits,
    parse: Parse,
    last: RawEvidence | None,
    remedy: str,
    withdraw: bool = False,
) -> tuple[RawEvidence, bool]:
    """Ask an address, only for what changed.

    Parameters
    ----------
    kept : Kept
        The answers of the address; the new one is on disk before anything looks into it.
    url : str
    headers : mapping
        Who asks, and what kind of answer is accepted.
    limits : Limits
        What the address may cost.
    parse : callable
        See `Parse`.
    last : RawEvidence or None
        From `last_good`.
    remedy : str
        Of the problem told where nothing can be read and nothing stands in.
    withdraw : bool
        Whether a person allowed many figures to go at once.

    Returns
    -------
    evidence : RawEvidence
        Rows of tonight's answer, or of the last good one with a note that says why.
    is_silent : bool
        Whether there was no answer at all.
    """
    is_silent = True
    try:
        answer = fetch(url, {**headers, **kept.known.conditions()}, limits)
        is_silent = False
        if answer is None:
            kept.confirm()
            return last or RawEvidence({}), False
        file = kept.save(answer.content)
        offered = parse(answer.content)
        _refuse_loss(offered, last, file, withdraw)
        kept.promote(file, answer.headers)
        return offered, False
    except (FetchError, OSError) as error:
        kept.fail(error)
        if last is not None:
            return last.noted(
                [f"{url}: {error}; the answer of {kept.known.good_at} is read again"]
            ), is_silent
        told = RawEvidence({}, {}, [RowProblem(url, 0, "", "", str(error), remedy)])
        return told.noted([f"{url}: {error}; nothing to read yet"]), is_silent


def _refuse_loss(offered: RawEvidence, last: RawEvidence | None, file: Path, withdraw: bool) -> None:
    before, good = _figure_ids(last), _figure_ids(offered)
    lost = sorted(before - good)
    if not withdraw and lost_too_many(len(lost), len(before)):
        raise FetchError(
            f"the new answer lacks {len(lost)} of {len(before)} figures ({lost[0]}, ...); it lies in {file}; "
            "if they are meant to go: hbmcast nightly --withdraw"
        )


def _figure_ids(evidence: RawEvidence | None) -> set[str]:
    frames = evidence.files.values() if evidence is not None else ()
    return {figure for frame in frames if "figure_id" in frame for figure in frame["figure_id"]}
