"""The page is one file that loads nothing, escapes what it is given, warns when stale and says why."""

import base64
import hashlib
import json
import re
from dataclasses import replace

import pandas as pd
import pytest

import tests.dashboards.synthetic_run as synthetic
from dashboards.evidence import evidence_table, gather
from dashboards.page import SECTIONS, banners, render
from dashboards.tables import as_markdown, diagnostics_table, headline_table
from models.vocabulary.market import quantity_frame
from tests.dashboards.synthetic_run import AS_OF, RUN_ID
from tests.market import MARKET


def test_page_loads_nothing_from_anywhere(page):
    sources = re.findall(r'\bsrc\s*=\s*"([^"]{0,40})', page)
    assert sources
    assert all(source.startswith("data:image/") for source in sources)
    assert not re.search(r"<(link|iframe|object|embed)\b|@import|url\((?!#)", page)
    assert not re.search(r"\b(srcset|poster|background|action)\s*=", page)
    assert page.count("<script") == 2
    assert "default-src 'none'" in page


def test_the_policy_lets_only_the_page_s_own_script_run(page):
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page


def test_data_of_the_page_cannot_end_its_element(frames):
    nasty = "</script><script>alert(1)</script><!-- \u2028 &"
    evidence = frames.evidence.assign(note=nasty, publisher=nasty, title=nasty, printed=nasty)
    page = render(replace(frames, evidence=evidence, posterior=lambda: None))
    assert page.count("<script") == 2
    facts = data_of(page)["figures"]
    assert {fact["note"] for fact in facts.values()} == {nasty}


def data_of(page: str) -> dict:
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL).group(1))


def test_images_load_nothing_either(page):
    for body in re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", page):
        svg = base64.b64decode(body).decode()
        # Lines of thousands of points are a picture inside the picture.
        assert not re.search(r'href="(?!#|data:image/png;base64,)', svg)


def test_page_is_small_enough(page):
    assert len(page.encode()) < 8_000_000


def test_page_has_every_section_and_links_to_it(page):
    ids = re.findall(r'<section id="(\w+)"', page)
    assert ids == [section.__name__.removesuffix("_section") for section in SECTIONS]
    assert ids[0] == "headline"
    contents = page[page.index("<nav") : page.index("</nav>")]
    assert re.findall(r'<a href="#(\w+)"', contents) == ids
    assert AS_OF in page


def test_every_chart_of_the_page_says_what_to_look_for_unit_day_and_run(page):
    charts = data_of(page)["charts"]
    assert len(charts) >= 35
    for name, spec in charts.items():
        assert spec["foot"].startswith("Unit: "), name
        assert f"as of {AS_OF} · run {RUN_ID}" in spec["foot"], name
        assert spec["look"].endswith("."), name
        assert f'id="{name}"' in page
        intervals = [m for p in spec["panels"] for m in p["marks"] if "p05" in m or "p10" in m]
        assert not intervals or " intervals of " in spec["foot"], name


def test_anchors_are_unique(page):
    anchors = re.findall(r'\sid="([^"]+)"', page[: page.index('<script type="application/json"')])
    assert len(anchors) == len(set(anchors))


def test_every_image_has_a_text_that_says_run_and_unit(page):
    texts = re.findall(r'<img [^>]*alt="([^"]*)"', page)
    assert all(f"run {RUN_ID}" in text and "Unit: " in text for text in texts)


def test_text_from_outside_is_escaped(page):
    assert "Broker <A>" not in page
    assert "Broker &lt;A&gt; &amp; partners" in page


def test_only_web_addresses_become_links(frames):
    rows = frames.evidence.head(2).assign(
        url=["javascript:alert(1)", "https://example.org/a"], quantity="hbm_bits_gb"
    )
    page = render(replace(frames, evidence=rows, posterior=lambda: None))
    assert 'href="javascript' not in page
    assert 'href="https://example.org/a"' in page


def test_evidence_says_used_or_why_not(frames, page):
    table = evidence_table(frames.evidence, "hbm_revenue_usd")
    assert len(table) == 34
    assert set(table["status"]) == {"used", "superseded by a later estimate of the same publisher"}
    assert f"HBM revenue: 34 figures, {table['status'].eq('used').sum()} used" in page
    assert "TrendForce, via Taiwan News" in set(table["source"])


def test_stale_banner_names_run_and_reason(frames, page):
    assert "Stale: the last attempt (run 2026-11-21T0200-aaaa00" in page
    assert "gate: max_r_hat 1.031 &gt; 1.01" in page
    assert banners(replace(frames, runs=synthetic.runs(last_failed=False))) == []


def test_a_later_published_run_is_no_staleness(frames):
    runs = frames.runs.assign(status="published")
    assert banners(replace(frames, runs=runs)) == [
        "A later run was published: 2026-11-21T0200-aaaa00, as of 2026-11-21."
    ]


def test_a_check_that_does_not_hold_is_said_in_words(frames):
    detail = (
        "Monte Carlo error is below 1 %: 2 offending row(s): quantity=hbm_price_usd_per_gb, period=2027Q4, "
        "p05=19.7; quantity=x, period=2027Q3. Remedy: simulate more draws (--draws)"
    )
    one = frames.diagnostics.head(1).assign(name="check:monte_carlo", passed=False, detail=detail)
    (line,) = banners(replace(frames, diagnostics=one, runs=synthetic.runs(False)))
    first = "quantity=hbm_price_usd_per_gb, period=2027Q4"
    assert line == f"A check does not hold in 2 rows, the first ({first}): Monte Carlo error is below 1 %."


def test_failed_checks_are_named_on_top_and_first_in_the_table(frames):
    diagnostics = frames.diagnostics.assign(passed=[True, False, True, True, True, True, True])
    lines = banners(replace(frames, diagnostics=diagnostics, runs=synthetic.runs(False)))
    assert len(lines) == 1
    assert lines[0].startswith("A check of this run failed: max_r_hat")
    table = diagnostics_table(diagnostics)
    assert (table.loc[0, "Check"], table.loc[0, "Passed"]) == ("max_r_hat", "NO")
    assert (table.loc[0, "Value"], table.loc[0, "Threshold"]) == ("1.006", "1.01")


def test_a_run_with_nothing_but_a_forecast_still_makes_a_page(frames):
    bare = replace(
        frames,
        binding=frames.binding.head(0),
        diagnostics=frames.diagnostics.head(0),
        evidence=frames.evidence.head(0),
        figure_fit=frames.figure_fit.head(0),
        drivers=frames.drivers.head(0),
        publisher_bias=frames.publisher_bias.head(0),
        posterior=lambda: None,
    )
    page = render(bare)
    assert page.count("no posterior of this run in the state folder") == 1
    for reason in (
        "no driver quantiles",
        "no binding probabilities",
        "no used figure has a PIT",
        "no publisher bias",
    ):
        assert reason in page
    assert page.count("<section") == len(SECTIONS)


def test_headline_table(frames):
    table = headline_table(frames.forecast, frames.binding)
    assert len(table) == 6 * 4 + 3 * 4
    row = table[(table["Quantity"] == "HBM revenue") & (table["Year"] == "2027")].iloc[0]
    truth = frames.forecast.query("quantity == 'hbm_revenue_usd' and period == '2027'").iloc[0]
    assert row["Unit"] == "USD bn"
    assert float(row["Median"].replace(",", "")) == pytest.approx(truth["p50"] / 1e9, rel=0.01)
    low, high = (float(v.replace(",", "")) for v in row["90 % interval"].split(" to "))
    assert (low, high) == (
        pytest.approx(truth["p05"] / 1e9, rel=0.01),
        pytest.approx(truth["p95"] / 1e9, rel=0.01),
    )
    shares = table[table["Quantity"].str.startswith("P(") & (table["Year"] == "2025")]["Median"].astype(float)
    assert shares.sum() == pytest.approx(100, abs=1.5)


def test_headline_table_lacks_what_the_run_lacks(frames):
    only = frames.forecast.query("quantity == 'hbm_bits_gb' and period == '2026'")
    assert len(headline_table(only, frames.binding.head(0))) == 1
    assert headline_table(only.head(0), frames.binding.head(0)).empty


def test_markdown():
    text = as_markdown(pd.DataFrame({"A": ["x|y"], "B": ["1"]}))
    assert text == "| A | B |\n| --- | --- |\n| x\\|y | 1 |\n"


def test_gather_maps_converts_and_joins():
    figures = pd.DataFrame(
        {
            "figure_id": ["a", "b", "c", "d"],
            "metric": ["hbm_revenue", "hbm_price", "hbm_revenue", "nobody_knows"],
            "entity": "industry",
            "segment": "",
            "period": ["2024", "2024", "2030", "2024"],
            "fiscal_year_end_month": None,
            "value": [17e12, 1.5, 1e9, 1.0],
            "low": None,
            "high": None,
            "unit": ["KRW", "USD_per_Gb", "USD", "USD"],
            "kind": "estimate",
            "definition": "",
            "not_used_reason": "",
            "publisher": "P",
            "relayed_by": "",
            "title": "t",
            "url": "https://example.org",
            "published_on": "2025",
            "effective_published_on": pd.Timestamp("2025-07-31"),
        }
    )
    rules = {"entity": "*", "segment": "*", "aggregation": "sum", "scale": "log", "lower": 0, "upper": 1e15}
    metrics = pd.DataFrame(
        [
            rules
            | {"metric": "hbm_revenue", "unit": "USD", "quantity": "hbm_revenue_usd", "per_quantity": ""},
            rules
            | {
                "metric": "hbm_price",
                "unit": "USD_per_GB",
                "quantity": "hbm_revenue_usd",
                "per_quantity": "hbm_bits_gb",
            },
        ]
    ).assign(definition="", description="")
    rates = pd.DataFrame({"currency": ["KRW"], "year": [2024], "usd_per_unit": [0.00073]})
    fit = pd.DataFrame({"figure_id": ["a", "b"], "used": [True, False], "reason": [None, "echo"]})
    out = gather(figures, metrics, rates, fit, quantity_frame(MARKET)).set_index("figure_id")
    assert out.loc["a", "value"] == pytest.approx(17e12 * 0.00073)
    assert (out.loc["a", "published_on"], out.loc["a", "known_on"]) == ("2025", "2025-07-31")
    assert (out.loc["a", "used"], out.loc["a", "reason"]) == (True, "")
    assert out.loc["b", "quantity"] == "hbm_price_usd_per_gb"
    assert out.loc["b", "value"] == pytest.approx(12.0)
    assert (out.loc["b", "used"], out.loc["b", "reason"]) == (False, "echo")
    assert "outside" in out.loc["c", "reason"]
    assert "nobody_knows" in out.loc["d", "reason"]
