"""From a state folder to the file: what is read, what is refused, and that only the report is written."""

from dataclasses import replace
from functools import partial

import pandas as pd
import pytest

import tests.dashboards.synthetic_run as synthetic
from dashboards.chart_cache import Gallery
from dashboards.load import _sampled_posterior, load, load_posterior
from dashboards.report import write_report
from dashboards.sections.sampler import sampler_section
from tests.dashboards.synthetic_state import EARLIER, FAILED
from warehouse import read
from warehouse.errors import WarehouseError
from warehouse.layout import posterior_file


def test_load_reads_the_run_served(state):
    loaded = load(state)
    assert loaded.provenance.run_id == synthetic.RUN_ID
    assert str(loaded.provenance.as_of) == synthetic.AS_OF
    assert set(loaded.forecast["run_id"]) == {synthetic.RUN_ID}
    assert len(loaded.runs) == 3
    from dashboards import sampler_charts

    posterior = loaded.posterior()
    assert posterior["posterior"].sizes["draw"] == 100
    assert "launch delay, NVIDIA Rubin" in set(sampler_charts.mixing_table(posterior)["parameter"])
    units = loaded.drivers.drop_duplicates("driver").set_index("driver")["unit"]
    assert units["server_shipments"] == "units/quarter"
    assert units["hbm_server_penetration"] == ""


def test_the_chains_of_a_weighted_posterior_are_those_of_the_one_that_was_sampled(state, frames, charts):
    sampled, weighted = posterior_file(state, "sampled"), posterior_file(state, "weighted")
    run = pd.Series({"content_hash": "weighted", "reweighted_from": "sampled"})
    assert _sampled_posterior(state, run) == weighted, "what was sampled is no longer kept"
    sampled.touch()
    assert _sampled_posterior(state, run) == sampled
    assert _sampled_posterior(state, run.replace("sampled", None)) == weighted
    assert _sampled_posterior(state, run.drop("reweighted_from")) == weighted
    sampled.unlink()
    assert not load(state).posterior_is_weighted
    for weighs in (True, False):
        shown = replace(frames, posterior_is_weighted=weighs)
        told = sampler_section(shown, Gallery(frames.provenance, charts))
        assert ("weighted by the figures" in " ".join(told["texts"])) == weighs


def test_load_shows_no_figure_from_after_the_as_of_date(state):
    evidence = load(state).evidence
    assert list(evidence["figure_id"]) == ["hbm-0001"]
    row = evidence.iloc[0]
    assert (row["used"], row["publisher"], row["value"]) == (True, "TrendForce", 30e9)
    assert load(state, EARLIER).evidence.empty


def test_no_page_asks_for_figures_that_may_not_leave(state, monkeypatch):
    """It leaves the house with what is shared; the whole path is tested in tests/slow."""
    asked, real = [], read.evidence

    def evidence(*given, private=True, **more):
        asked.append(private)
        return real(*given, private=private, **more)

    monkeypatch.setattr(read, "evidence", evidence)
    load(state)
    assert asked == [False]


def test_figures_of_the_fit_get_their_metric_and_unit(state):
    row = load(state).figure_fit.iloc[0]
    assert (row["metric"], row["unit"], row["pit"]) == ("hbm_revenue", "USD", 0.7)


def test_report_is_written_whole_and_only_there(state, monkeypatch):
    from dashboards import sampler_charts

    # How many parameters are drawn side by side is no matter here, and each costs.
    monkeypatch.setattr(sampler_charts, "slowest", partial(sampler_charts.slowest, n=2))
    before = {p for p in state.rglob("*") if p.is_file()}
    path = write_report(state)
    assert path == state / "reports" / f"{synthetic.RUN_ID}.html"
    charts = state / "cache" / "charts"
    written = {p for p in state.rglob("*") if p.is_file()} - before
    assert {p for p in written if p.parent != charts} == {path}
    assert {p.suffix for p in written if p.parent == charts} == {".json"}
    page = path.read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")
    assert f"Stale: the last attempt (run {FAILED}" in page
    assert "fit: R-hat 1.2" in page
    assert "HBM revenue: 1 figures, 1 used" in page
    assert "https://example.org/hbm" in page


def test_report_of_an_earlier_run_without_posterior(state):
    page = write_report(state, EARLIER).read_text(encoding="utf-8")
    assert f"run <strong>{EARLIER}</strong>" in page
    assert "no posterior of this run in the state folder" in page


def test_an_unknown_run_is_named(state):
    with pytest.raises(WarehouseError, match="there is no run nobody"):
        write_report(state, "nobody")


def test_nothing_published_yet(tmp_path):
    with pytest.raises(WarehouseError):
        write_report(tmp_path)
    assert not (tmp_path / "reports").exists()


def test_a_damaged_posterior_is_as_good_as_none(tmp_path):
    path = tmp_path / "x.nc"
    path.write_bytes(b"PK\x03\x04 cut off")
    assert load_posterior(path) is None
    assert load_posterior(tmp_path / "absent.nc") is None
