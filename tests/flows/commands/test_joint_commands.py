"""Two forecasts side by side, claims with their probability in every kept run, scenarios as a workbook."""

import csv
import io
import json
import shutil

import numpy as np
import openpyxl
import pytest

import tests.warehouse.synthetic_warehouse as synthetic
from flows.runtime.preparation import prepare_state
from warehouse.errors import WarehouseError
from warehouse.joint import joint_values, run_called

NIGHT, RERUN = synthetic.joint_draws(1), synthetic.joint_draws(2, shift=0.05, n=40)


def drawn(draws: dict, quantity: str, period: str) -> np.ndarray:
    return draws[quantity][:, synthetic.PERIODS.index(period)].astype(float)


@pytest.mark.parametrize(
    ("name", "run"),
    [
        ("latest", "night-1"),
        ("previous", "rerun-2024"),
        ("month-ago", "rerun-2024"),  # as of 2026-01-02 less 30 days
        ("year-ago", "rerun-2024"),
        ("2026-01-02", "night-1"),
        ("2025-06-30", "rerun-2024"),
        ("rer", "rerun-2024"),
        ("night-1", "night-1"),
    ],
)
def test_runs_by_the_names_people_give_them(published, name, run):
    assert run_called(published, name) == run


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("2023-01-01", "hbmcast nightly --as-of 2023-01-01.*night-1 .as of 2026-01-02"),
        ("nigth", "no published run is called 'nigth'; use a run id, a day, or one of latest, previous"),
        ("", "more than one run begins with"),
    ],
)
def test_a_run_that_is_not_there_is_told_with_those_that_are(published, name, said):
    with pytest.raises(WarehouseError, match=said):
        run_called(published, name)


def test_compare_says_what_moved_where_a_night_has_split_it(hbmcast, published):
    code, out, _ = hbmcast("compare", "rerun-2024", "night-1", "--state", published)
    assert code == 0
    assert (
        "HBM revenue 2027 rose from 130 to 135 USD bn: +4.0 from Yolo (HBM revenue 2027, 29 Sep 2025); "
        "noise +1.0 ± 0.20"
    ) in " ".join(out.split())
    code, out, err = hbmcast("compare", "night-1", "rerun-2024", "--state", published)
    assert (code, "What moved" in out) == (0, False)
    assert "--why does it now" in err
    code, out, _ = hbmcast(
        "sql", "select part, p50 from news_of('hbm_revenue_usd', '2027', 'month ago')", "--format", "csv",
        "--state", published,
    )  # fmt: skip
    assert (code, out.split()[1:]) == (
        0,
        ["whole,5000000000.0", "new", "figure,4000000000.0", "noise,1000000000.0"],
    )


def test_compare_puts_two_forecasts_side_by_side(hbmcast, published):
    code, out, err = hbmcast("compare", "2025-01-01", "latest", "--state", published, "--format", "csv")
    assert code == 0, err
    assert "earlier: rerun-2024 as of 2024-12-31\nlater: night-1 as of 2026-01-02" in err
    rows = {(row["quantity"], row["period"]): row for row in csv.DictReader(io.StringIO(out))}
    row = rows["hbm_revenue_usd", "2026"]
    before, after = (np.median(drawn(draws, "hbm_revenue_usd", "2026")) for draws in (RERUN, NIGHT))
    np.testing.assert_allclose(
        [float(row[name]) for name in ("earlier_p50", "later_p50", "change_of_median")],
        [before, after, after / before - 1],
    )
    assert not any("Q" in period for _, period in rows)
    shown = hbmcast("compare", "previous", "--state", published)[1]
    assert max(map(len, shown.splitlines())) <= 80
    assert f"{after / before - 1:+.1%}" in shown
    assert "same run" in hbmcast("compare", "latest", "--state", published)[2]
    assert "same run" not in hbmcast("compare", "latest", "--state", published, "--quiet")[2]


def test_a_claim_has_its_probability_in_every_kept_run(hbmcast, published, tmp_path):
    text = "hbm_revenue_usd 2026 > 50bn and hbm_revenue_usd 2026 > 1.2 * hbm_revenue_usd 2025"
    code, out, err = hbmcast("claim", text, "--state", published, "--format", "json")
    assert code == 0, err
    answer = json.loads(out)
    wanted = [
        np.mean((a > 50e9) & (a > 1.2 * b))
        for a, b in ([drawn(d, "hbm_revenue_usd", y) for y in ("2026", "2025")] for d in (NIGHT, RERUN))
    ]
    assert [row["probability"] for row in answer["probability"]] == wanted
    assert [(row["run_id"], row["n_draws"]) for row in answer["probability"]] == [
        ("night-1", 120),
        ("rerun-2024", 40),
    ]
    # The growth figure of 2026 is no figure about its level.
    assert {row["figure_id"] for row in answer["figures"]} == {"hbm-0002", "hbm-0003"}
    assert {row["says_so"] for row in answer["figures"]} == {None}
    # Where the draws of the run before are gone it is left out; nothing but the claim is asked of them.
    state = shutil.copytree(published, tmp_path / "state")
    shutil.rmtree(state / "draws" / "run_id=rerun-2024")
    code, out, _ = hbmcast("claim", "hbm_revenue_usd 2026 > 80bn", "--state", state, "--format", "json")
    answer = json.loads(out)
    assert [row["run_id"] for row in answer["probability"]] == ["night-1"]
    assert [(row["figure_id"], row["says_so"]) for row in answer["figures"]] == [("hbm-0002", True)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hbm_revenue 2026 > 5e10", "nearest: hbm_revenue_usd"),
        ("hbm_revenue_usd 2026Q9 > 5e10", "not understood"),
        ("hbm_revenue_usd 2036 > 5e10", "no such period"),
        ("hbm_revenue_usd 2026", "claim --help"),
    ],
)
def test_a_claim_about_nothing_is_refused(hbmcast, published, text, said):
    code, _, err = hbmcast("claim", text, "--state", published)
    assert (code, said in err) == (1, True), err


def test_draws_side_by_side_are_spread_evenly(published):
    wide = joint_values(published, "night-1", ["hbm_bits_gb", "hbm_revenue_usd"], ["2026", "2025Q1"], most=10)
    assert list(wide.columns) == [
        (q, p) for q in ("hbm_bits_gb", "hbm_revenue_usd") for p in ("2026", "2025Q1")
    ]
    assert list(wide.index) == list(range(0, 120, 12))
    np.testing.assert_array_equal(
        wide["hbm_revenue_usd", "2026"], drawn(NIGHT, "hbm_revenue_usd", "2026")[::12]
    )
    assert joint_values(published, "night-7", ["hbm_bits_gb"], ["2026"]).empty


def test_a_workbook_of_joint_scenarios(hbmcast, published, tmp_path):
    path = tmp_path / "scenarios.xlsx"
    code, _, err = hbmcast(
        "export", "--scenarios", 30, "--xlsx", "-o", path, "--from", 2026, "--state", published
    )
    assert code == 0, err
    assert "30 scenarios in" in err
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["draws", "definitions", "run"]
    quantities, periods, *rows = book["draws"].iter_rows(values_only=True)
    assert len(rows) == 30
    # A row is one draw of the run across all columns; its number is the draw's.
    for quantity, period, *values in list(zip(quantities, periods, *rows, strict=True))[1:]:
        assert values == pytest.approx(list(drawn(NIGHT, quantity, period)[::4]), rel=1e-12)
    assert [row[0] for row in rows] == list(range(0, 120, 4))
    assert set(periods[1:]) == {"2026", "2027"}
    defined = {row[0]: row for row in book["definitions"].iter_rows(values_only=True, min_row=2)}
    assert set(defined) == set(quantities[1:])
    assert defined["hbm_revenue_usd"][2:4] == ("USD", "sum of its quarters")
    assert ("run", "night-1") in book["run"].iter_rows(values_only=True)


def test_scenarios_as_rows_of_a_file(hbmcast, published, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = (
        "export",
        "--scenarios",
        500,
        "--quantities",
        "hbm_bits_gb",
        "--quarters",
        "--from",
        "2027",
        "--state",
        published,
    )
    code, out, err = hbmcast(*words, "--format", "csv")
    assert code == 0, err
    assert "has 120 such draws, fewer than 500" in err
    rows = list(csv.DictReader(io.StringIO(out)))
    assert list(rows[0]) == ["draw", "hbm_bits_gb 2027", *(f"hbm_bits_gb 2027Q{q}" for q in (1, 2, 3, 4))]
    assert [float(row["hbm_bits_gb 2027Q3"]) for row in rows] == list(drawn(NIGHT, "hbm_bits_gb", "2027Q3"))
    assert hbmcast(*words, "--run", "2025-01-01")[0] == 0
    assert (tmp_path / "scenarios-2024-12-31.xlsx").is_file()


def test_an_export_of_weighted_draws_says_that_rows_repeat(hbmcast, tmp_path):
    prepare_state(tmp_path)
    synthetic.take_in(tmp_path)
    # As a weighted posterior takes them: every draw twice, but the last ones not at all.
    taken = np.repeat(np.arange(60), 2)
    synthetic.publish(tmp_path, "night-1", {name: values[taken] for name, values in NIGHT.items()})
    path = tmp_path / "scenarios.xlsx"
    code, _, err = hbmcast("export", "--scenarios", 120, "--xlsx", "-o", path, "--state", tmp_path)
    assert code == 0, err
    assert "60 rows repeat another" in err
    about = dict(openpyxl.load_workbook(path)["run"].iter_rows(values_only=True, min_row=2))
    assert about["of them repeat another"].startswith("60;")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--quantities", "hbm_revenue"], "nearest: hbm_revenue_usd"),
        (["--quantities", "hbm_bits_gb,hbm_bit"], "nearest: hbm_bits"),
        (["--from", "2031"], "from 2021 to 2027"),
        (["--xlsx", "--format", "csv"], "contradict"),
        (["--xlsx", "-o", "a.csv"], "is to be csv"),
    ],
)
def test_what_can_not_be_exported_is_refused(hbmcast, published, words, said):
    code, _, err = hbmcast("export", *words, "--state", published)
    assert (code, said in err) == (1, True), err
