"""`hbmcast review`: figures that wait for a person, to be accepted, mended or rejected."""

import sys
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from flows.commands.formats import write_object
from flows.commands.options import StateOption
from flows.commands.output import interval, note, printed, terminal, write_table
from flows.runtime.errors import HbmcastError
from flows.runtime.preparation import prepare_environment
from flows.runtime.settings import Settings, resolve
from models.vocabulary.wording import value_or_range

if TYPE_CHECKING:
    from flows.night.review import EntryInContext
    from models.evidence.proposals import Entry, Proposal

FORMATS: Final = ("table", "json")
KEYS: Final = "a accept, e accept as an echo, m mend, r reject, s skip, q quit"


def review(
    cells: Annotated[
        list[str] | None, typer.Argument(help="With --mend: cells to change, as value=61e9 period=2026.")
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="Say what waits, and stop.")] = False,
    show: Annotated[str, typer.Option(help="Show one, with what was expected of it, and stop.")] = "",
    accept: Annotated[list[str] | None, typer.Option(help="Accept it; may be given several times.")] = None,
    mend: Annotated[str, typer.Option(help="Change the cells named, and accept it.")] = "",
    reject: Annotated[list[str] | None, typer.Option(help="Reject it for good; with --why.")] = None,
    why: Annotated[str, typer.Option(help="Why it is rejected; a remark on what is accepted.")] = "",
    echo_of: Annotated[
        str, typer.Option(help="Accepted as a repetition of this figure_id: both count as one statement.")
    ] = "",
    decided: Annotated[bool, typer.Option("--decided", help="With --list: those decided too.")] = False,
    format: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
    state: StateOption = None,
) -> None:
    """Decide about figures that wait: read from press pages, or surprising.

    Without options each is shown with its sentence or row, what the forecast served expected of it, likely
    echoes and its publisher's last word, and one key decides. A proposal is named by its first letters.
    Accepted rows go to the last folder of HBMCAST_DATA, with their publication, and inform the next night;
    decisions stay, and nothing is asked twice.
    """
    if format not in FORMATS:
        raise HbmcastError(f"--format {format!r} is unknown", f"Use one of {', '.join(FORMATS)}")
    deciding = [*(accept or ()), *(reject or ()), *([mend] if mend else [])]
    if cells and not mend:
        raise HbmcastError(f"{cells[0]!r} belongs to no --mend", "hbmcast review --mend ID value=61e9")
    settings = resolve(state=state)
    prepare_environment(settings.state)
    if deciding:
        _decide(settings, accept or [], mend, cells or [], reject or [], why, echo_of)
    elif listing:
        _list(settings, decided, format)
    elif show or format == "json":
        _show(settings, show, format)
    else:
        _one_by_one(settings)


def _decide(
    settings: Settings,
    accepted: list[str],
    mended: str,
    cells: list[str],
    rejected: list[str],
    why: str,
    echo_of: str,
) -> None:
    from flows.sources import reviewed

    if rejected and not why.strip():
        raise HbmcastError("--reject needs --why", "Say why: nobody is asked about this row again")
    if mended and not cells:
        raise HbmcastError("--mend names no cell", f"hbmcast review --mend {mended} value=61e9")
    changes = dict(_cell(text) for text in cells)
    for name in [*accepted, *([mended] if mended else [])]:
        entry, idle = reviewed.accept(settings, name, changes if name == mended else {}, echo_of, why)
        _say_accepted(entry, idle)
    for name in rejected:
        print(f"rejected: {reviewed.reject(settings, name, why).proposal.proposal_id}")


def _cell(text: str) -> tuple[str, str]:
    name, sign, cell = text.partition("=")
    if not sign:
        raise HbmcastError(f"{text!r} is no cell", "Write field=value, as period=2026; field= empties it")
    return name.strip(), cell.strip()


def _say_accepted(entry: "Entry", idle: str) -> None:
    assert entry.decision is not None
    print(f"accepted: {entry.proposal.proposal_id} as {entry.decision.figure_id}; the next night takes it in")
    if idle:
        note(f"it will inform nothing: {idle}")


def _queue(settings: Settings, with_decided: bool = False) -> "tuple[Entry, ...]":
    from flows.sources import review_queue

    queue = review_queue.listed(settings.state)
    for unreadable in queue.unreadable:
        note(f"not read: {unreadable}")
    return queue.entries if with_decided else queue.waiting


def _list(settings: Settings, with_decided: bool, format: str) -> None:
    from models.evidence.proposals import as_record

    entries = _queue(settings, with_decided)
    if format == "json":
        write_object([as_record(entry) for entry in entries])
        return
    if not entries:
        print("nothing waits for review")
        return
    names = ["id", "metric", "entity", "period", "number", "kind", "publisher", "published", "why it waits"]
    rows = [_line(entry) for entry in entries]
    import pyarrow as pa

    columns = zip(*rows, strict=True)
    write_table(pa.table(dict(zip(names, map(list, columns), strict=True))), sys.stdout)
    print(f"{sum(entry.waits for entry in entries)} wait; hbmcast review asks about each")


def _line(entry: "Entry") -> list[str]:
    p = entry.proposal
    about = p.why_it_waits
    if entry.decision is not None:
        about = f"{entry.decision.verdict} by {entry.decision.who} on {entry.decision.decided_at[:10]}"
    where = [p.metric, " ".join(filter(None, (p.entity, p.segment))), p.period or "?"]
    return [p.proposal_id, *where, _number(p), p.kind or "?", p.page.publisher, p.page.published_on, about]


def _number(proposal: "Proposal") -> str:
    return f"{value_or_range(proposal.value, proposal.low, proposal.high)} {proposal.unit}"


def _show(settings: Settings, name: str, format: str) -> None:
    from flows.night.review import in_context
    from flows.sources import review_queue

    entries = [review_queue.find(settings.state, name)] if name else list(_queue(settings))
    looked = in_context(settings, entries)
    if format == "json":
        write_object([one.as_record() for one in looked])
        return
    for one in looked:
        _print(one)


def _print(looked: "EntryInContext") -> None:
    proposal, page = looked.entry.proposal, looked.entry.proposal.page
    console = terminal()
    said = f"“{proposal.sentence}”" if proposal.sentence else f"the row of {proposal.file}"
    lines = [
        ("", ""),
        (proposal.proposal_id, f"{page.publisher}, {page.published_on}: {page.title}"),
        ("", page.url),
        ("it says", said),
        ("the row", ", ".join(f"{name}={cell}" for name, cell in proposal.cells.items() if cell)),
        ("becomes", looked.idle),
        ("expected", _expectation(looked.expected)),
        *(("echo of?", _other(echo)) for echo in looked.echoes[:3]),
        ("publisher", _other(looked.last) if looked.last else "said nothing of this period before"),
        *(("doubt", doubt) for doubt in looked.doubts),
        ("waits", proposal.why_it_waits),
    ]
    if (decision := looked.entry.decision) is not None:
        lines.append(("decided", f"{decision.verdict} by {decision.who}: {decision.reason}"))
    for name, text in lines:
        if text or not name:
            console.print(f"{name:<13}{text}", markup=False, highlight=False)


def _expectation(row: dict[str, Any]) -> str:
    if "predicted_p50" not in row:
        return f"nothing to compare with: {row['reason']}"
    if row["pit"] is None:
        fall = f"a figure beyond the bound has a probability of {row['probability']:.1%}"
    else:
        fall = f"{row['pit']:.1%} of the expectation lie below the number (PIT)"
    return f"{interval(str(row['unit']), row, 'predicted_')} as of {row['as_of']}; {fall}"


def _other(figure: dict[str, Any]) -> str:
    said = printed(str(figure["unit"]), figure["value"], None, None)
    return f"{figure['figure_id']}: {said}, {figure['publisher']}, {figure['published_on']}"


def _one_by_one(settings: Settings) -> None:
    """Ask about each that waits; what is open when somebody stops is asked about the next time."""
    from flows.night.review import in_context

    waiting = list(_queue(settings))
    if not waiting:
        print("nothing waits for review")
        return
    for position, looked in enumerate(in_context(settings, waiting), start=1):
        _print(looked)
        print(f"{position} of {len(waiting)}: {KEYS}")
        while (done := _answered(settings, looked)) is None:
            pass
        if not done:
            return


def _answered(settings: Settings, looked: "EntryInContext") -> bool | None:
    """Do what a key says: whether to go on; None where it has to be asked again."""
    from flows.sources import reviewed

    name = looked.entry.proposal.proposal_id
    key = _key()
    try:
        if key in ("q", ""):
            return False
        if key == "s":
            return True
        if key == "a":
            _say_accepted(*reviewed.accept(settings, name))
            return True
        if key == "e":
            usual = looked.echoes[0]["figure_id"] if looked.echoes else None
            _say_accepted(*reviewed.accept(settings, name, origin_id=_asked("repeats figure_id", usual)))
            return True
        if key == "m":
            changes = dict(_cell(text) for text in _asked("cells, as value=61e9 period=2026", None).split())
            _say_accepted(*reviewed.accept(settings, name, changes))
            return True
        if key == "r":
            print(f"rejected: {reviewed.reject(settings, name, _asked('why', None)).proposal.proposal_id}")
            return True
    except HbmcastError as error:
        print(error)
        return None
    print(KEYS)
    return None


def _key() -> str:
    """Give the key that was pressed; at the end of a script's answers, none."""
    if sys.stdin.isatty():
        return typer.getchar(echo=True).strip().lower()
    return sys.stdin.readline().strip().lower()[:1]


def _asked(words: str, usual: str | None) -> str:
    print(f"{words}{f' [{usual}]' if usual else ''}: ", end="", flush=True)
    said = sys.stdin.readline().strip() or (usual or "")
    if not said:
        raise HbmcastError("nothing was said", "Press another key")
    return said
