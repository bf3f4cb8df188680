"""Every new figure is looked at twice, from any door; what surprises waits or informs, as configured."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import pandas as pd
import pytest

from flows.night import second_look
from flows.night.second_look import SecondLook, look_twice, surprise_words
from flows.runtime.errors import HbmcastError
from flows.runtime.settings import INFORM, SURPRISES_VARIABLE, WAIT, Settings, resolve
from flows.sources import review_queue, reviewed
from flows.sources.judged import InForce, judged
from flows.sources.raw import RawEvidence
from flows.sources.readers import read_all
from tests.flows.night.desk import SOURCE, Desk
from tests.world.design import TODAY
from tests.world.files import DATA as WORLD

HUGE = {"value": "5e13"}
"""Beyond six spreads of what others say of the years around, also in a world that booms."""
FIRST = pd.read_csv(WORLD / "figures" / "world.csv", dtype=str).set_index("figure_id").loc["w-001"]
ECHO = dict(FIRST[["metric", "period", "value", "kind"]])
"""What another house says again, whatever the world's generator makes of it."""
IN_TIME = SOURCE | {"published_on": "2022-07-01", "accessed_on": "2022-07-01"}
type Row = Mapping[str, object]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> InForce:
    """What is in force: the world."""
    settings = Settings(tmp_path_factory.mktemp("state"), WORLD, TODAY, today=TODAY)
    return judged(read_all(settings), {}, TODAY).accepted


class Night:
    """A desk, and tonight's look at it: its figures beside what was in force."""

    def __init__(self, desk: Desk, before: InForce) -> None:
        self.desk, self.before = desk, before

    def settings(self, surprises: str = WAIT) -> Settings:
        return replace(self.desk.settings(surprises), data=WORLD)

    def __call__(self, surprises: str = WAIT) -> SecondLook:
        settings = self.settings(surprises)
        raw: RawEvidence = read_all(settings)
        return look_twice(settings, raw, self.before, judged(raw, self.before, TODAY))

    def waiting(self) -> list[str]:
        return [entry.proposal.figure_id for entry in review_queue.listed(self.desk.state).waiting]

    def decide(self, do: Callable[..., object], *words: str, **more: str) -> None:
        (entry,) = review_queue.listed(self.desk.state).waiting
        do(self.settings(), entry.proposal.proposal_id, *words, **more)


@pytest.fixture
def night(tmp_path, before: InForce, monkeypatch: pytest.MonkeyPatch) -> Night:
    desk = Desk(tmp_path)
    desk.own.mkdir()
    monkeypatch.setattr(second_look, "expected", partial(_expected, {}))
    return Night(desk, before)


def _expected(rows: Mapping[str, Row], _settings: Settings, proposals) -> list[Row]:
    return [rows.get(proposal.figure_id, {"reason": "no forecast"}) for proposal in proposals]


def fell(pit: float | None, probability: float | None = None) -> Row:
    quantiles = {"predicted_p05": 1e10, "predicted_p50": 2e10, "predicted_p95": 4e10}
    return {**quantiles, "pit": pit, "probability": probability, "unit": "USD"}


def informs(looked: SecondLook, figure_id: str = "own-1") -> bool:
    return figure_id in set(looked.validated.accepted["figures"]["figure_id"])


def put_aside(looked: SecondLook) -> list[Row]:
    rows = looked.validated.rejected
    return rows[rows["file"].str.startswith("figures/own/")].to_dict("records")


@pytest.mark.parametrize(
    ("row", "is_told"),
    [
        (fell(0.5), False),
        (fell(0.003), False),
        (fell(0.002), True),
        (fell(0.999), True),
        (fell(None, 0.01), False),
        (fell(None, 0.0), True),
        ({"reason": "no forecast"}, False),
    ],
)
def test_a_figure_is_surprising_by_its_two_tails_a_bound_by_one(row: Row, is_told: bool):
    words = surprise_words(row)
    assert bool(words) == is_told
    assert not is_told or "2e+10 (1e+10 to 4e+10) USD" in words


def test_nothing_new_asks_nobody_and_a_first_night_has_nothing_to_compare_with(night: Night):
    looked = night()
    assert (looked.notes, night.waiting(), len(put_aside(looked))) == ((), [], 0)
    night.desk.figures(HUGE)
    night.before = {}
    assert informs(night())
    assert night.waiting() == []


def test_a_surprising_figure_waits_and_is_put_aside_with_its_remedy(
    night: Night, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(second_look, "expected", partial(_expected, {"own-2": fell(0.0)}))
    night.desk.figures({}, {"figure_id": "own-2", "origin_id": "own-2", "period": "2023"})
    looked = night()
    assert (informs(looked), informs(looked, "own-2"), night.waiting()) == (True, False, ["own-2"])
    ((told,), (entry,)) = put_aside(looked), review_queue.listed(night.desk.state).waiting
    assert "so far out with a probability of less than 0.1%" in told["problem"]
    assert f"hbmcast review --accept {entry.proposal.proposal_id}" in told["remedy"]
    assert entry.proposal.file.endswith("own/figures/desk.csv row 3")
    assert entry.proposal.page.title == SOURCE["title"]
    again = night()
    assert (informs(again, "own-2"), night.waiting()) == (False, ["own-2"]), "it waits on, queued once"


@pytest.mark.parametrize(
    ("figure", "source", "words"),
    [
        (HUGE, SOURCE, "what its publisher said last (w-"),
        (HUGE, SOURCE | {"publisher": "Nobody Known"}, "above the median of"),
        (ECHO, IN_TIME, "the same number from somebody else, days before (w-001)"),
    ],
)
def test_its_neighbours_too_make_a_figure_surprising(night: Night, figure: dict, source: dict, words: str):
    night.desk.figures(figure)
    night.desk.write("sources.csv", source)
    assert not informs(night())
    (entry,) = review_queue.listed(night.desk.state).waiting
    assert words in entry.proposal.why_it_waits


def test_by_default_it_informs_flagged_until_somebody_rejects_it(night: Night):
    night.desk.figures(HUGE)
    looked = night(INFORM)
    assert (informs(looked), night.waiting()) == (True, ["own-1"])
    assert "inform, flagged" in looked.notes[-1]
    night.before = looked.validated.accepted
    assert informs(night(WAIT)), "what informs is not taken away because the setting changed"
    night.decide(reviewed.reject, "a slip of zeros")
    looked = night(INFORM)
    assert (informs(looked), looked.withdrawn) == (False, {"own-1"})
    assert "a slip of zeros" in put_aside(looked)[0]["problem"]
    night.desk.figures({"value": "20e9"})
    looked = night(INFORM)
    assert (informs(looked), looked.withdrawn) == (True, set()), "a mended row is another"


def test_an_accepted_row_informs_where_it_stands_and_another_number_of_it_is_looked_at_anew(night: Night):
    night.desk.figures(HUGE)
    night()
    night.decide(reviewed.accept)
    assert not (night.desk.own / reviewed.REVIEWED_FIGURES).exists()
    for _ in range(2):
        assert (informs(night()), night.waiting()) == (True, [])
    night.desk.figures({"value": "8e12"})
    assert (informs(night()), night.waiting()) == (False, ["own-1"])


@pytest.mark.parametrize("door", ["own", "inbox"])
def test_a_row_that_a_person_mended_takes_the_place_of_the_one_that_came_in(night: Night, door: str):
    night.desk.figures(ECHO)
    night.desk.write("sources.csv", IN_TIME)
    if door == "inbox":
        taken = night.settings().inbox_folder / "taken" / "20250701T000000-a"
        taken.parent.mkdir(parents=True)
        night.desk.own.rename(taken)
        night.desk.own.mkdir()
    night()
    night.decide(reviewed.accept, origin_id="w-001", remark="their wire")
    looked = night()
    figures = looked.validated.accepted["figures"].set_index("figure_id")
    assert figures.loc["own-1", "origin_id"] == "w-001"
    assert figures.loc["own-1", "note"].endswith("; their wire")
    assert (night.waiting(), len(put_aside(looked))) == ([], 0)


def test_an_unknown_setting_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(SURPRISES_VARIABLE, "hold")
    with pytest.raises(HbmcastError, match="wait"):
        resolve()
    monkeypatch.setenv(SURPRISES_VARIABLE, " Wait")
    assert resolve().surprises == WAIT
