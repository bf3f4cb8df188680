"""Charts are drawn once: the same contents are taken again under the new run, other contents never."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
from matplotlib.figure import Figure

from dashboards import chart_cache as kept
from dashboards import style
from dashboards.chart_cache import Gallery
from dashboards.page import render
from dashboards.style import Provenance

TONIGHT, TOMORROW = Provenance("run-1", "2026-11-20"), Provenance("run-2", "2026-11-21")
FRAME = pd.DataFrame({"period": ["2026", "2027"], "p50": [1.5, 2.5], "note": ["a", None]})
FRAME = FRAME.assign(run_id="run-1", as_of="2026-11-20")


class Draw:
    """A chart that counts how often it is drawn."""

    def __init__(self) -> None:
        self.times = 0

    def chart(self, frame: pd.DataFrame, provenance: Provenance) -> Figure:
        self.times += 1
        assert not {"run_id", "as_of"} & set(frame.columns)
        with style.plot_style():
            figure = style.new_figure(3, 2)
            figure.subplots().plot(frame["p50"])
            return style.finish(figure, "A chart", provenance, "USD", "90 %")


@pytest.fixture
def draw() -> Draw:
    return Draw()


def text_of(block: dict) -> str:
    assert block["source"] == style.data_uri(block["svg"])
    return block["svg"]


def test_an_unchanged_chart_is_taken_under_the_new_run(tmp_path, draw):
    Gallery(TONIGHT, tmp_path).chart(draw.chart, FRAME)
    again = FRAME.assign(run_id="run-2", as_of="2026-11-21")
    block = Gallery(TOMORROW, tmp_path).chart(draw.chart, again)
    assert draw.times == 1
    assert "as of 2026-11-21  ·  run run-2" in text_of(block)
    assert "run run-2" in block["alt"]
    assert "run-1" not in block["svg"]
    assert block["svg"] == Gallery(TOMORROW).chart(draw.chart, again)["svg"], "kept and fresh are the same"


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.assign(p50=[1.5, 2.5000001]),
        lambda frame: frame.assign(note=["a", "b"]),
        lambda frame: frame.iloc[::-1],
        lambda frame: frame.rename(columns={"note": "unit"}),
        lambda frame: frame.head(1),
    ],
    ids=["value", "text", "order", "column", "rows"],
)
def test_whatever_changes_is_drawn_again(tmp_path, draw, change: Callable[[pd.DataFrame], pd.DataFrame]):
    Gallery(TONIGHT, tmp_path).chart(draw.chart, FRAME)
    Gallery(TONIGHT, tmp_path).chart(draw.chart, change(FRAME))
    assert draw.times == 2


def test_a_chart_that_draws_the_day_is_drawn_again_on_the_next(tmp_path, draw):
    for provenance in (TONIGHT, replace(TONIGHT, run_id="run-3"), TOMORROW):
        block = Gallery(provenance, tmp_path).chart(draw.chart, FRAME, dated=True)
        assert f"as of {provenance.as_of}" in text_of(block)
    assert draw.times == 2


def test_other_code_draws_again(tmp_path, draw, monkeypatch):
    Gallery(TONIGHT, tmp_path).chart(draw.chart, FRAME)
    monkeypatch.setattr(kept, "_code", lambda: "other")
    Gallery(TONIGHT, tmp_path).chart(draw.chart, FRAME)
    assert draw.times == 2


def test_a_damaged_file_is_drawn_again(tmp_path, draw):
    Gallery(TONIGHT, tmp_path).chart(draw.chart, FRAME)
    (file,) = tmp_path.glob("*.json")
    file.write_text('[{"kind": "fig', encoding="utf-8")
    assert "run run-1" in text_of(Gallery(TONIGHT, tmp_path).chart(draw.chart, FRAME))
    assert draw.times == 2


def test_the_charts_not_shown_for_longest_go(tmp_path, draw, monkeypatch):
    monkeypatch.setattr(kept, "KEPT_CHARTS", 2)
    gallery = Gallery(TONIGHT, tmp_path)
    for value in range(4):
        gallery.chart(draw.chart, FRAME.assign(p50=value))
    gallery.tidy()
    assert len(list(tmp_path.glob("*"))) == 2


def test_a_report_of_the_same_run_draws_nothing_again(tmp_path, frames, monkeypatch):
    page = render(frames, tmp_path)

    def drawn(_figure: Figure) -> str:
        raise AssertionError("a chart was drawn again")

    monkeypatch.setattr("dashboards.blocks.svg_text", drawn)
    unread = replace(frames, posterior=lambda: pytest.fail("the posterior was read again"))
    assert render(unread, tmp_path) == page
    with pytest.raises(AssertionError, match="drawn again"):
        render(replace(frames, drivers=frames.drivers.assign(p50=1.0)), tmp_path)
