"""What each click and key of the page does, in a headless Chromium, without an error on its console."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import tests.dashboards.synthetic_run as synthetic
from dashboards.page import render
from tests.dashboards.browser import Browser, executable
from tests.dashboards.test_charts import learning_rows
from tests.dashboards.test_history import news_rows

pytestmark = pytest.mark.skipif(
    executable() is None, reason="no Chromium on this machine: set HBMCAST_CHROMIUM, or install chromium"
)
EARLIER = "2026-10-01T0200-earlier"
FAN = "fan-server_shipments"


@pytest.fixture(scope="module")
def page(frames, tmp_path_factory) -> Path:
    """Write a page with an earlier run, a vintage, outcomes and draws."""
    forecast = frames.forecast
    told = forecast[
        ["run_id", "as_of", "quantity", "period", "p05", "p10", "p25", "p50", "p75", "p90", "p95"]
    ]
    now = told.assign(run_number=2, as_of=pd.Timestamp(synthetic.AS_OF))
    levels = ["p05", "p10", "p25", "p50", "p75", "p90", "p95"]
    lower = told.assign(**{level: 0.8 * told[level] for level in levels})
    then = lower.assign(run_id=EARLIER, run_number=1, as_of=pd.Timestamp("2026-10-01"))
    yearly = forecast[forecast["period_kind"] == "year"]
    drawn = pd.concat(
        [
            forecast[["quantity", "period"]].assign(draw=draw, value=forecast["p50"] * size)
            for draw, size in ((0, 0.9), (997, 1.1))
        ]
    )
    of_servers = frames.evidence.index[frames.evidence["quantity"] == "server_shipments"]
    evidence = frames.evidence.copy()
    evidence.loc[of_servers[4], "publisher"] = "=cmd()"
    evidence.loc[evidence["quantity"] == "dram_revenue_usd", "url"] = "javascript:alert(1)"
    made = replace(
        frames,
        evidence=evidence,
        history=pd.concat([then, now]),
        vintages=told.assign(
            **{level: 0.3 * told[level] for level in levels}, as_of=pd.Timestamp("2025-05-31")
        ),
        outcomes=yearly[["quantity", "period"]].assign(value=yearly["p50"], known_on="2026-01-01"),
        drawn=drawn,
        tables={"news": news_rows(), "learning": learning_rows()},
        posterior=lambda: None,
    )
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(render(made), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as one:
        yield one


@pytest.fixture
def shown(browser, page) -> Iterator[Browser]:
    """Open the page at one fan chart; after the test nothing may stand on the console or have been asked "
    "for."""
    browser.size(1300, 900)
    browser.messages.clear()
    browser.asked.clear()
    browser.open(page, f"#{FAN}")
    browser.wait(f"document.querySelector('#{FAN} svg')")
    yield browser
    assert browser.messages == []
    assert [url for url in browser.asked if not url.startswith(("file:", "data:", "about:", "blob:"))] == []


def place(browser: Browser, selector: str) -> tuple[float, float]:
    box = browser.run(
        f"(() => {{ const e = document.querySelector(`{selector}`); const b = e.getBoundingClientRect();"
        "return [b.x + b.width / 2, b.y + b.height / 2]; })()"
    )
    return box[0], box[1]


def click(browser: Browser, selector: str) -> None:
    # A chart is drawn once the browser says that it comes near: on a busy machine that is not at once.
    browser.wait(f"document.querySelector(`{selector}`)")
    browser.run(f"document.querySelector(`{selector}`).scrollIntoView({{ block: 'center' }})")
    browser.point(*place(browser, selector), click=True)


def text(browser: Browser, selector: str) -> str:
    return browser.run(f"document.querySelector(`{selector}`).textContent")


def test_hover_reads_value_interval_period_and_run(shown):
    shown.point(*place(shown, f"#{FAN} .panel svg"))
    said = text(shown, "#tip")
    assert "forecast: median" in said
    assert "50 %:" in said
    assert "90 %:" in said
    assert synthetic.RUN_ID in said
    assert said.startswith("20")


def test_a_click_on_a_point_opens_its_source(shown):
    # A point apart from the others of its panel.
    click(shown, f"#{FAN} .panel:nth-child(2) .point path")
    assert shown.run("document.getElementById('figure').open")
    said = text(shown, "#figure")
    for part in ("Publisher", "Published", "Value as printed", "example.org"):
        assert part in said
    assert shown.run("document.querySelector('#figure a').href").startswith("https://example.org/press/")
    shown.key("Escape")
    assert not shown.run("document.getElementById('figure').open")
    click(shown, f"#{FAN} .panel:nth-child(2) .point path")
    shown.point(*place(shown, "#figure dl"), click=True)
    assert shown.run("document.getElementById('figure').open")
    shown.point(3, 3, click=True)
    assert not shown.run("document.getElementById('figure').open")


def test_no_mark_lies_over_the_medians_of_the_years(shown):
    panel = f"#{FAN} .panel:nth-child(2) svg"
    axis, medians = (
        shown.run(f"[...document.querySelectorAll('{panel} text')].filter(e => {what}).map({give})")
        for what, give in (
            ("/^20\\d\\d$/.test(e.textContent)", "e => e.getBoundingClientRect().bottom"),
            ("e.getAttribute('font-weight') === '700'", "e => e.getBoundingClientRect().top"),
        )
    )
    assert len(axis) == len(medians) == 7
    assert max(axis) < min(medians) + 3


def test_an_address_that_is_none_of_the_web_stays_text(shown):
    click(shown, "#fan-dram_revenue_usd .panel:nth-child(2) .point path")
    assert shown.run("document.getElementById('figure').open")
    assert "javascript:alert(1)" in text(shown, "#figure")
    assert shown.run("document.querySelectorAll('#figure a').length") == 0
    shown.key("Escape")


def test_the_legend_switches_a_kind_off_and_the_address_keeps_it(shown, page):
    before = shown.run(f"document.querySelectorAll('#{FAN} .point').length")
    click(shown, f"#{FAN} button[data-key=estimate]")
    after = shown.run(f"document.querySelectorAll('#{FAN} .point').length")
    assert after < before
    assert shown.run(f"document.querySelector('#{FAN} button[data-key=estimate]').ariaPressed") == "false"
    address = shown.run("location.hash")
    assert address == f"#{FAN}?off=estimate"
    shown.open(page, address)
    shown.wait(f"document.querySelector('#{FAN} svg')")
    assert shown.run(f"document.querySelectorAll('#{FAN} .point').length") == after


def test_left_and_right_step_through_runs_and_vintages(shown):
    shown.run(f"document.querySelector('#{FAN} .panel').focus()")
    faint = f"document.querySelectorAll('#{FAN} .point[opacity=\"0.3\"]').length"
    unused = shown.run(faint)
    shown.key("ArrowLeft")
    assert "as of 2026-10-01" in text(shown, f"#{FAN} .steps output")
    assert shown.run("location.hash") == f"#{FAN}?run={EARLIER}"
    shown.key("ArrowLeft")
    assert "vintage of the backtest, as of 2025-05-31" in text(shown, f"#{FAN} .steps output")
    assert shown.run(faint) > unused, "what was published after the vintage is dimmed"
    held = shown.run(
        f"[...document.querySelectorAll('#{FAN} svg')].map(svg => {{"
        "const room = svg.querySelector('clipPath rect').getBBox();"
        "const orange = [...svg.querySelectorAll('[fill=\"var(--orange)\"][fill-opacity]')]"
        "  .map(e => e.getBBox());"
        "return orange.length > 0 && orange.every(b =>"
        " b.y >= room.y && b.y + b.height <= room.y + room.height); })"
    )
    assert held == [True, True], "the axis holds the earlier fan"
    shown.key("ArrowDown")
    said = text(shown, "#tip")
    assert "then, 2025-05-31: median" in said
    assert "now: median" in said
    for _ in range(2):
        shown.key("ArrowRight")
    assert text(shown, f"#{FAN} .steps output") == "now"


def test_arrow_keys_step_the_chart_under_the_pointer_too(shown):
    shown.point(*place(shown, f"#{FAN} .panel svg"))
    shown.key("ArrowLeft")
    assert "as of 2026-10-01" in text(shown, f"#{FAN} .steps output")
    click(shown, f"#{FAN} button[title='later run']")
    assert text(shown, f"#{FAN} .steps output") == "now"


def test_keys_read_values_and_open_a_figure(shown):
    shown.run(f"document.querySelector('#{FAN} .panel:nth-child(2)').focus()")
    for _ in range(30):
        shown.key("ArrowDown")
        if "click or enter" in text(shown, "#live"):
            break
    assert "PIT" not in text(shown, "#live") or "," in text(shown, "#live")
    shown.key("Enter")
    assert shown.run("document.getElementById('figure').open")
    click(shown, "#figure .close")
    assert not shown.run("document.getElementById('figure').open")


def test_rows_are_read_where_the_pointer_is(shown):
    for chart, said in (
        ("conflicts", "prior standard deviations"),
        ("news-hbm_revenue_usd", "the whole move"),
    ):
        shown.run(f"document.getElementById('{chart}').scrollIntoView()")
        shown.wait(f"document.querySelector('#{chart} svg')")
        shown.run(f"document.querySelector('#{chart} .panel').focus()")
        shown.key("ArrowDown")
        assert said in text(shown, "#live")


def test_single_futures_are_drawn_on_request(shown):
    lines = f"document.querySelectorAll('#{FAN} path[stroke-opacity=\"0.45\"]').length"
    assert shown.run(lines) == 0
    click(shown, f"#{FAN} [data-act=futures]")
    assert shown.run(lines) == 4  # two draws on two panels
    assert shown.run("location.hash") == f"#{FAN}?futures=1"
    click(shown, f"#{FAN} details.data summary")
    shown.wait(f"document.querySelector('#{FAN} details.data th')")
    assert "future 2" in text(shown, f"#{FAN} details.data tbody")


def test_the_data_table_holds_what_the_chart_shows(shown):
    click(shown, f"#{FAN} details.data summary")
    shown.wait(f"document.querySelector('#{FAN} details.data th')")
    heads = shown.run(f"[...document.querySelectorAll('#{FAN} details.data th')].map(e => e.textContent)")
    assert heads[:4] == ["panel", "series", "at", "p05"]
    assert "url" in heads
    rows = shown.run(f"document.querySelectorAll('#{FAN} details.data tbody tr').length")
    click(shown, f"#{FAN} button[data-key=fan]")
    assert shown.run(f"document.querySelectorAll('#{FAN} details.data tbody tr').length") == rows - 35


SAVED = "window.saved = []; URL.createObjectURL = (blob) => { saved.push(blob); return 'blob:none'; };"


def test_csv_and_png_hold_what_the_chart_shows(shown):
    shown.run(SAVED + "HTMLAnchorElement.prototype.click = function () { saved.push(this.download); };")
    click(shown, f"#{FAN} [data-act=csv]")
    csv = shown.run("saved[0].text()")
    assert shown.run("saved[1]") == f"{FAN}_{synthetic.RUN_ID}.csv"
    head, first = csv.splitlines()[:2]
    assert head.startswith("panel,series,at,p05,p10,p25,median")
    assert head.endswith("unit,as_of,run_id")
    assert ",'=cmd()," in csv, "what a spreadsheet would run is kept as text"
    assert first.endswith(f"million units,{synthetic.AS_OF},{synthetic.RUN_ID}")
    shown.run("saved.length = 0")
    click(shown, f"#{FAN} [data-act=png]")
    shown.wait("window.saved.length === 2")
    assert shown.run("saved[0].type") == "image/png"
    assert shown.run("saved[0].size") > 10_000


def test_ages_go_by_the_reader_s_clock(shown):
    assert "Stale by your clock" in text(shown, "#age") or "clock stands before" in text(shown, "#age")
    for hours, said in (
        (2, "Fresh: this run ended 2 h ago"),
        (50, "Stale by your clock: this run ended 2 days ago"),
    ):
        at = pd.Timestamp("2026-11-20 02:03:40", tz="UTC") + pd.Timedelta(hours=hours)
        found = shown.run(
            f"(() => {{ const real = Date.now; Date.now = () => {int(at.timestamp() * 1000)};"
            "try { window.dispatchEvent(new Event('pageshow')); } finally { Date.now = real; }"
            "return document.getElementById('age').textContent; })()"
        )
        assert said in found


def test_a_sheet_of_paper_has_every_chart_drawn_for_its_width(shown):
    shown.run("window.dispatchEvent(new Event('beforeprint'))")
    on_paper = shown.run(f"document.querySelector('#{FAN} .panels').getBoundingClientRect().width")
    drawn, figures = (
        shown.run(f"document.querySelectorAll('{what}').length")
        for what in ("figure.chart svg", "figure.chart")
    )
    shown.run("window.dispatchEvent(new Event('afterprint'))")
    on_screen = shown.run(f"document.querySelector('#{FAN} .panels').getBoundingClientRect().width")
    assert drawn >= figures >= 35
    assert on_paper <= 720 < on_screen
    keeps = "getComputedStyle(document.querySelector('.swatch')).printColorAdjust"
    assert shown.run(keeps) == "exact"


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_shows_every_chart_without_scrolling_sideways(shown, dark):
    shown.size(390, 844, dark)
    shown.run("window.dispatchEvent(new Event('beforeprint'))")
    shown.run("window.dispatchEvent(new Event('afterprint'))")
    drawn, figures = (
        shown.run(f"document.querySelectorAll('{what}').length")
        for what in ("figure.chart svg", "figure.chart")
    )
    assert drawn >= figures >= 35
    words = "[...document.querySelectorAll('svg text, svg tspan')].map(e => e.firstChild.textContent)"
    assert [said for said in shown.run(words) if said.endswith("…")] == []
    assert shown.run("document.documentElement.scrollWidth") <= 390
    assert shown.run("getComputedStyle(document.body).backgroundColor") == (
        "rgb(20, 23, 26)" if dark else "rgb(255, 255, 255)"
    )
