"""Licensed figures through a whole night: they inform it, and no way out of the house holds one of them."""

import os
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from flows.commands.cli import app
from tests.flows.night.desk import FIGURE, SOURCE, Desk
from tests.prefect_server import talking_to
from tests.world.night import run_night
from warehouse.query import query

pytestmark = pytest.mark.slow
LICENSED = SOURCE | {
    **{"source_id": "vault-s1", "publisher": "Vault Research", "title": "Vault quarterly"},
    **{"url": "https://vault.example/page", "licence_note": "not_to_be_exported"},
}
NUMBERS = {"vault-1": 20123456789.0, "vault-2": 31234567891.0}
SECRETS = (
    *("vault-1", "vault-2", "vault-s1", "Vault Research", "Vault quarterly", "vault.example"),
    *("20123456789", "20,123,456,789", "20.123456789", "31234567891", "31,234,567,891", "31.234567891"),
)
# Posteriors and what is drawn of them are in no share either, and name figures along their axes.
STAY_HOME = {"private", "raw", "posterior", "drawn", "work"}
"""Folders of the state that are never sent; everything else may be."""


@pytest.fixture(scope="module")
def home(prefect_url, tmp_path_factory):
    """State, and the place where the night shared its forecast."""
    place = tmp_path_factory.mktemp("home")
    desk = Desk(place)
    desk.write("sources.csv", LICENSED)
    rows = [
        FIGURE | {"figure_id": name, "origin_id": name, "source_id": "vault-s1", "value": f"{number:.0f}"}
        for name, number in NUMBERS.items()
    ]
    rows[1]["period"] = "2026"
    desk.write("figures/vault.csv", *rows)
    (place / "share").mkdir()
    with talking_to(prefect_url), pytest.MonkeyPatch.context() as patch:
        patch.setenv("HBMCAST_SHARE", str(place / "share"))
        outcome = run_night(place / "state", patch, overlays=[desk.own])
    assert outcome["status"] == "published"
    return place


def leaks(content: bytes) -> list[str]:
    return [secret for secret in SECRETS if secret.encode() in content]


def holds_number(frame: pd.DataFrame) -> list[str]:
    """Columns in which one of the numbers stands, in any usual scale."""
    floats = frame.select_dtypes("number")
    return [
        str(column)
        for column in floats
        for number in NUMBERS.values()
        for scale in (1, 1e6, 1e9)
        if ((floats[column].astype(float) * scale / number - 1).abs() < 1e-9).any()
    ]


def tables_of(state: Path) -> dict[str, pd.DataFrame]:
    """Every table and view that a reader of the warehouse finds."""
    names = query(state, "select distinct name from data_dictionary where kind in ('table', 'view')")
    return {
        row["name"]: query(state, f'from "{row["name"]}"').to_pandas()
        for row in names.to_pylist()
        if row["name"] not in ("draws", "system_draws")
    }


def test_it_informs_the_night(home):
    (row,) = query(
        home / "state", "select value from latest_diagnostics where name = 'private_figures'"
    ).to_pylist()
    assert row["value"] == len(NUMBERS)


def test_no_file_but_those_that_stay_home_holds_one(home):
    for folder in ("state", "share"):
        for path in (home / folder).rglob("*"):
            if path.is_file() and not STAY_HOME & set(path.relative_to(home / folder).parts):
                assert leaks(path.read_bytes()) == [], path
                if path.suffix == ".parquet":
                    frame = pq.ParquetFile(path).read().to_pandas()
                    assert holds_number(frame) == [], path
                    assert leaks(frame.head(100_000).to_csv().encode()) == [], path


def test_no_table_of_the_warehouse_holds_one(home):
    for name, frame in tables_of(home / "state").items():
        assert leaks(frame.to_csv().encode()) == [], name
        assert holds_number(frame) == [], name


@pytest.mark.parametrize(
    "words",
    [
        ("explain", "chain", "hbm_revenue_usd", "2025", "-o", "tree.json"),
        ("explain", "chain", "hbm_revenue_usd", "2025", "-o", "tree.csv"),
        ("claim", "hbm_revenue_usd 2025 > 20e9", "-o", "claim.csv"),
        ("export", "--scenarios", "50", "--quarters", "-o", "futures.csv"),
        ("sql", "from every_figure_fit", "-o", "fit.csv"),
        ("sql", "from revision_chains", "-o", "chains.json"),
        ("show", "--format", "json"),
        ("report", "--picture", "fans.svg"),
    ],
)
def test_no_export_holds_one(home, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, [*words, "--state", str(home / "state")])
    assert done.exit_code == 0, done.output
    written = [path.read_bytes() for path in tmp_path.iterdir()]
    for content in (done.output.encode(), *written):
        assert leaks(content) == []


def test_whoever_fetches_it_has_none(home, tmp_path):
    done = CliRunner().invoke(app, ["fetch", str(home / "share"), "--state", str(tmp_path / "state")])
    assert done.exit_code == 0, done.output
    for name, frame in tables_of(tmp_path / "state").items():
        assert leaks(frame.to_csv().encode()) == [], name
        assert holds_number(frame) == [], name
    assert not (tmp_path / "state" / "private").exists()
    assert os.listdir(tmp_path / "state")
