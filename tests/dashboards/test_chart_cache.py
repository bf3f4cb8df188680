"""Images are drawn once: the same contents are taken again under the new run, other contents never."""

from dataclasses import replace

import pytest
from matplotlib.figure import Figure

from dashboards import chart_cache as kept
from dashboards import drawing
from dashboards.chart_cache import Gallery
from dashboards.page import render
from dashboards.sections.sampler import sampler_section
from dashboards.style import Provenance, data_uri

TONIGHT, TOMORROW = Provenance("run-1", "2026-11-20"), Provenance("run-2", "2026-11-21")


class Draw:
    """An image that counts how often it is drawn."""

    def __init__(self) -> None:
        self.times = 0

    def blocks(self, provenance: Provenance) -> list[dict]:
        self.times += 1
        with drawing.plot_style():
            figure = drawing.new_figure(3, 2)
            figure.subplots().plot([1.5, 2.5])
            return [drawing.figure_block(drawing.finish(figure, "A chart", provenance, "USD", "90 %"))]


@pytest.fixture
def draw() -> Draw:
    return Draw()


def text_of(block: dict) -> str:
    assert block["source"] == data_uri(block["svg"])
    return block["svg"]


def test_an_unchanged_image_is_taken_under_the_new_run(tmp_path, draw):
    Gallery(TONIGHT, tmp_path).blocks("one", draw.blocks, "fit-1")
    (block,) = Gallery(TOMORROW, tmp_path).blocks("one", draw.blocks, "fit-1")
    assert draw.times == 1
    assert "as of 2026-11-21  ·  run run-2" in text_of(block)
    assert "run run-2" in block["alt"]
    assert "run-1" not in block["svg"]
    (fresh,) = Gallery(TOMORROW).blocks("one", draw.blocks, "fit-1")
    assert block["svg"] == fresh["svg"], "kept and fresh are the same"


@pytest.mark.parametrize(
    ("name", "shown"), [("other", ("fit-1",)), ("one", ("fit-2",)), ("one", ("fit-1", 2))]
)
def test_whatever_changes_is_drawn_again(tmp_path, draw, name, shown):
    Gallery(TONIGHT, tmp_path).blocks("one", draw.blocks, "fit-1")
    Gallery(TONIGHT, tmp_path).blocks(name, draw.blocks, *shown)
    assert draw.times == 2


def test_other_code_draws_again(tmp_path, draw, monkeypatch):
    Gallery(TONIGHT, tmp_path).blocks("one", draw.blocks, "fit-1")
    monkeypatch.setattr(kept, "_code", lambda: "other")
    Gallery(TONIGHT, tmp_path).blocks("one", draw.blocks, "fit-1")
    assert draw.times == 2


def test_a_damaged_file_is_drawn_again(tmp_path, draw):
    Gallery(TONIGHT, tmp_path).blocks("one", draw.blocks, "fit-1")
    (file,) = tmp_path.glob("*.json")
    file.write_text('[{"kind": "fig', encoding="utf-8")
    (block,) = Gallery(TONIGHT, tmp_path).blocks("one", draw.blocks, "fit-1")
    assert "run run-1" in text_of(block)
    assert draw.times == 2


def test_the_images_not_shown_for_longest_go(tmp_path, draw, monkeypatch):
    monkeypatch.setattr(kept, "KEPT_CHARTS", 2)
    gallery = Gallery(TONIGHT, tmp_path)
    for value in range(4):
        gallery.blocks("one", draw.blocks, value)
    gallery.tidy()
    assert len(list(tmp_path.glob("*"))) == 2


def test_a_report_of_the_same_run_draws_no_image_again(charts, page, frames, monkeypatch):
    def drawn(_figure: Figure) -> str:
        raise AssertionError("a chart was drawn again")

    monkeypatch.setattr("dashboards.drawing.svg_text", drawn)
    unread = replace(frames, posterior=lambda: pytest.fail("the posterior was read again"))
    assert render(unread, charts) == page
    other = replace(frames, posterior_id="other", posterior=lambda: None)
    with pytest.raises(AssertionError, match="drawn again"):
        sampler_section(other, Gallery(frames.provenance, charts))
