"""`hbmcast score`: both formats, nothing dropped, the keys promised, the day asked for."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from flows.commands.csv_file import read_csv
from flows.commands.score import score, score_figures, sources_beside
from flows.night.posterior import load_fit
from flows.runtime.artifacts import save_posterior
from flows.runtime.errors import HbmcastError
from flows.runtime.evidence import evidence_of
from flows.runtime.fingerprint import posterior_hash
from flows.runtime.preparation import prepare_state
from flows.runtime.settings import resolve
from models.evidence.shared_header import SHARED_COLUMNS
from models.inference.from_evidence import problem_from_evidence
from models.inference.posterior import named
from models.inference.problem import parameter_shapes
from tests.flows.small_state import take_in
from tests.market import MARKET
from warehouse.layout import posterior_file

AS_OF = date(2024, 6, 30)
KEYS = {"scored", "unmapped", "coverage", "pit", "pit_uniform_p", "figures", "read_as"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """A state whose posterior of the day is the prior, put where a fit would leave it."""
    found = resolve(state=tmp_path_factory.mktemp("score") / "state", as_of=AS_OF.isoformat())
    prepare_state(found.state)
    take_in(found.state)
    known = evidence_of(found.state, AS_OF)
    operator = problem_from_evidence(known, AS_OF).operator
    rng = np.random.default_rng(3)
    raw = {
        k: rng.standard_normal((2, 300, *shape)) for k, shape in parameter_shapes(operator, MARKET).items()
    }
    content = posterior_hash(known, found)
    save_posterior(posterior_file(found.state, content), named(raw, {}, MARKET, operator))
    return found


@pytest.fixture(scope="module")
def fitted(settings):
    return load_fit(settings, for_as_of=True)


def shared_row(**columns):
    base = dict.fromkeys(SHARED_COLUMNS, "") | {
        "metric": "hbm_revenue",
        "entity": "industry",
        "period": "2024",
        "value": "16000000000",
        "unit": "USD",
        "kind": "forecast",
        "source_org": "Somebody New",
        "published_on": "2024-08-01",
    }
    return base | columns


def scored(fitted, *rows, sources=None):
    fit, known = fitted
    frame = pd.DataFrame(list(rows), dtype=str).fillna("")
    return score_figures(fit, known, frame, sources, seed=1, today=date(2026, 7, 1))


def test_every_row_comes_back_scored_or_with_its_reason(fitted):
    result = scored(
        fitted,
        shared_row(),
        shared_row(metric="no_such_metric"),
        shared_row(period="2019"),
        shared_row(value="plenty"),
        shared_row(published_on=""),
        shared_row(published_on="soon"),
        shared_row(kind="rumour"),
        shared_row(unit="furlongs"),
        shared_row(value="", low="20000000000"),
        shared_row(metric="accelerator_price", unit="USD"),
        shared_row(value=""),
    )
    assert set(result) == KEYS
    assert result["scored"] == len(result["figures"]) == 2
    assert result["scored"] + len(result["unmapped"]) == 11
    assert sorted(r["row"] for r in [*result["figures"], *result["unmapped"]]) == list(range(2, 13))
    reasons = {row["row"]: row["reason"] for row in result["unmapped"]}
    words = {
        3: "no_such_metric",
        4: "2019",
        5: "plenty",
        6: "publication date",
        7: "soon",
        8: "rumour",
        9: "furlongs",
    }
    for row, word in words.items():
        assert word in reasons[row]
    assert "value, low and high are all empty" in reasons[12]
    json.dumps(result, allow_nan=False)


def test_a_figure_says_where_it_falls_in_its_own_unit(fitted):
    usd, krw = scored(
        fitted, shared_row(), shared_row(unit="KRW", value="22000000000000")
    )["figures"]  # fmt: skip
    assert usd["value"] == 16e9
    assert usd["unit"] == "USD"
    assert usd["predicted_p05"] < usd["predicted_p25"] < usd["predicted_p50"] < usd["predicted_p95"]
    assert 0 < usd["pit"] < 1
    assert usd["inside_90"] == (usd["predicted_p05"] <= 16e9 <= usd["predicted_p95"])
    assert usd["horizon_years"] == pytest.approx(152 / 365.25)
    assert krw["value"] == 22e12
    assert krw["predicted_p50"] > 1e12, "won, as printed"
    fraction, percent = scored(
        fitted,
        shared_row(metric="hbm_revenue_growth", value="0.5", unit="fraction"),
        shared_row(metric="hbm_revenue_growth", value="50", unit="percent"),
    )["figures"]
    assert percent["pit"] == pytest.approx(fraction["pit"], abs=0.05)
    assert percent["predicted_p50"] == pytest.approx(100 * fraction["predicted_p50"], rel=0.2)


def test_coverage_and_pit_count_the_two_sided_figures(fitted):
    # Within the metric's bounds (beyond them a row is refused as a slip), and far from what was ever sold.
    low, high = (shared_row(metric="server_shipments", unit="units", value=x) for x in ("1e6", "40e6"))
    result = scored(fitted, low, high, low | {"value": "", "low": "1e6"})
    assert result["scored"] == 3
    assert result["coverage"] == {"50": 0.0, "80": 0.0, "90": 0.0}
    assert len(result["pit"]) == 2
    assert result["pit"][0] < 0.01 < 0.99 < result["pit"][1]
    over = result["figures"][2]
    assert over["pit"] is None
    assert over["probability"] > 0.99


def test_a_figure_the_fit_has_seen_is_marked(fitted):
    seen = shared_row(value="14000000000", source_org="Yolo", published_on="2024-02-20")
    old, new = scored(fitted, seen, shared_row(value="14000000000"))["figures"]
    assert old["in_fit"]
    assert not new["in_fit"]


def test_the_format_of_the_data_folder_with_known_and_own_sources(fitted, tmp_path):
    row = {
        "figure_id": "mine-1",
        "source_id": "s4",
        "origin_id": "mine-1",
        "metric": "hbm_revenue",
        "entity": "industry",
        "segment": "",
        "period": "2024",
        "fiscal_year_end_month": "",
        "value": "15e9",
        "low": "",
        "high": "",
        "unit": "USD",
        "kind": "forecast",
        "definition": "",
        "not_used_reason": "",
        "note": "",
    }
    rows = [row, row | {"figure_id": "mine-2", "source_id": "elsewhere"}]
    rows += [row | {"figure_id": "mine-3", "not_used_reason": "a slip"}]
    result = scored(fitted, *rows)
    assert [r["figure_id"] for r in result["figures"]] == ["mine-1"]
    assert result["figures"][0]["publisher"] == "Yolo"
    reasons = {r["figure_id"]: r["reason"] for r in result["unmapped"]}
    assert "elsewhere" in reasons["mine-2"]
    assert reasons["mine-3"] == "a slip"
    (tmp_path / "figures").mkdir()
    pd.DataFrame(
        [
            {
                "source_id": "elsewhere",
                "publisher": "New",
                "published_on": "2024-05",
                "published_precision": "month",
            }
        ]
    ).to_csv(tmp_path / "sources.csv", index=False)
    own = sources_beside(tmp_path / "figures" / "mine.csv")
    assert scored(fitted, *rows, sources=own)["scored"] == 2


def test_a_file_with_other_columns_is_refused_with_what_is_missing(fitted, tmp_path):
    with pytest.raises(HbmcastError, match="published_on"):
        scored(fitted, {"a": "1"})
    with pytest.raises(HbmcastError, match="can't be read"):
        read_csv(tmp_path / "none.csv")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(HbmcastError, match="no CSV"):
        read_csv(tmp_path / "empty.csv")
    (tmp_path / "german.csv").write_text("metric;period;value\nhbm_revenue;2026;61,4\n")
    with pytest.raises(HbmcastError, match="separated by semicolons") as refused:
        read_csv(tmp_path / "german.csv")
    assert "commas between cells" in refused.value.remedy


def command():
    app = typer.Typer()
    app.command()(score)
    return app


def test_the_command_prints_json_with_the_promised_keys(settings, tmp_path):
    file = tmp_path / "broker.csv"
    pd.DataFrame([shared_row(), shared_row(metric="moon_cheese")]).to_csv(file, index=False)
    args = [str(file), "--as-of", AS_OF.isoformat(), "--state", str(settings.state)]
    done = CliRunner().invoke(command(), [*args, "--format", "json"])
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert set(result) == KEYS
    assert set(result["coverage"]) == {"50", "80", "90"}
    shown = CliRunner().invoke(command(), args)
    assert "1 figures scored" in shown.stdout
    assert "not scored: row 3 moon_cheese" in shown.stdout
    wrong = CliRunner().invoke(command(), [*args, "--format", "xml"])
    assert isinstance(wrong.exception, HbmcastError)


def test_cells_are_read_as_ingestion_reads_them_and_lines_are_those_of_the_file(settings, tmp_path):
    file = tmp_path / "broker.csv"
    header = ",".join(SHARED_COLUMNS)
    rows = (
        'hbm_revenue,industry,,2024,"160億",,,美元,forecast,Somebody New,,,2024-08-01,',
        "hbm_revenue,industry,,2024,16000000000",
        'hbm_revenue,industry,,2024,"16,1",,,billion USD,forecast,Somebody New,,,2024-08-01,',
    )
    file.write_text("\n".join(["", header, rows[0], ",,,,,,,,,,,,,", *rows[1:]]), encoding="utf-8")
    args = [str(file), "--as-of", AS_OF.isoformat(), "--state", str(settings.state), "--format", "json"]
    done = CliRunner().invoke(command(), args)
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert [(row["row"], row["value"], row["unit"]) for row in result["figures"]] == [(3, 1.6e10, "USD")]
    assert {(c["row"], c["field"], c["printed"], c["read"]) for c in result["read_as"]} == {
        (3, "value", "160億", "16000000000"),
        (3, "unit", "美元", "USD"),
    }
    assert [(row["row"], row["reason"][:30]) for row in result["unmapped"]] == [
        (5, "5 cells where the header has 1"),
        (6, "value '16,1' has a decimal com"),
    ]
    shown = CliRunner().invoke(command(), args[:-2])
    assert "read as: row 3 value '160億' is 16000000000" in shown.stdout


def test_a_table_of_numbers_takes_rows_whose_numbers_cannot_be_read(settings, tmp_path):
    """Text among the numbers of a column ended it in a traceback, as CSV and as Parquet."""
    file = tmp_path / "broker.csv"
    rows = [
        shared_row(value="1.6e10", period="2024"),
        shared_row(value="about a lot"),
        shared_row(unit="xyz"),
    ]
    pd.DataFrame(rows).to_csv(file, index=False)
    out = tmp_path / "scored.parquet"
    args = [str(file), "--as-of", AS_OF.isoformat(), "--state", str(settings.state), "--output", str(out)]
    done = CliRunner().invoke(command(), [*args, "--format", "parquet"])
    assert done.exit_code == 0, done.output
    scored = pd.read_parquet(out)
    assert scored["scored"].tolist() == [True, False, False]
    assert scored["value"].dtype == "float64"
    assert scored["printed"].tolist()[1] == "about a lot"


def test_without_a_forecast_served_it_says_what_to_do(settings, tmp_path):
    file = tmp_path / "broker.csv"
    pd.DataFrame([shared_row()]).to_csv(file, index=False)
    done = CliRunner().invoke(command(), [str(file), "--state", str(settings.state)])
    assert isinstance(done.exception, HbmcastError)
    assert "nightly" in str(done.exception)
