"""Figures that may not leave inform the forecast, and stand in nothing that is published."""

from datetime import date, timedelta
from pathlib import Path
from shutil import copytree

import pandas as pd
import pytest

from flows.commands.findings import findings
from flows.night.private import A_FIGURE, Private, private_of, publishable
from flows.runtime.evidence import evidence_of
from flows.runtime.preparation import prepare_state
from tests.flows.night.desk import FIGURE, SOURCE, Desk
from tests.world.design import TODAY
from tests.world.files import DATA as WORLD
from warehouse.errors import WarehouseUnreadable
from warehouse.layout import private_file
from warehouse.private import keep_private_rows, private_rows_behind
from warehouse.query import query

LICENSED = SOURCE | {
    **{"source_id": "vault-s1", "publisher": "Vault Research", "title": "Vault quarterly"},
    "licence_note": "Licensed to this desk. Not to be exported.",
}
MINE = FIGURE | {
    "figure_id": "vault-1",
    "origin_id": "vault-1",
    "source_id": "vault-s1",
    "value": "20123456789",
}
SECRETS = (
    "20123456789",
    "2.0123456789",
    "vault-1",
    "vault-2",
    "vault-s1",
    "Vault Research",
    "Vault quarterly",
)


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("private")
    copytree(WORLD, place / "base")
    desk = Desk(place)
    desk.write("sources.csv", LICENSED)
    desk.write(
        "figures/vault.csv",
        MINE,
        MINE | {"figure_id": "vault-2", "origin_id": "vault-2", "unit": "doubloons"},
        MINE | {"figure_id": "vault-3", "origin_id": "vault-3", "period": "2024", "value": "17e9"},
    )
    prepare_state(desk.state)
    (place / "notes.txt").write_text("\n".join(desk.night()), encoding="utf-8")
    return place


@pytest.fixture
def desk(first: Path, tmp_path: Path) -> Desk:
    copytree(first, tmp_path / "desk")
    return Desk(tmp_path / "desk")


def everything(state: Path) -> str:
    """All that the published warehouse holds, whatever view shows it."""
    names = query(state, "select table_name from information_schema.tables where table_type = 'BASE TABLE'")
    return "\n".join(
        query(state, f'from "{row["table_name"]}"').to_pandas().to_csv() for row in names.to_pylist()
    )


def test_what_is_licensed_informs_and_is_nowhere_in_the_warehouse(first: Path):
    state = first / "state"
    known = evidence_of(state, TODAY).figures
    (mine,) = known[known["figure_id"] == "vault-1"].to_dict("records")
    assert (mine["value"], mine["publisher"]) == (20123456789.0, "Vault Research")
    seen = evidence_of(state, TODAY, private=False).figures
    assert len(known) == len(seen) + 2
    assert list(known.columns) == list(seen.columns)
    assert known.drop(columns="figure_id").dtypes.equals(seen.drop(columns="figure_id").dtypes)
    notes = (first / "notes.txt").read_text(encoding="utf-8")
    assert "2 private figures besides" in notes
    published = everything(state)
    for secret in SECRETS:
        assert secret not in published
        assert secret not in notes
    # Nor in what was refused of it, nor in the bytes of any file that is not private.
    assert "doubloons" not in published
    kept = [p for p in state.rglob("*") if p.is_file() and not {"private", "raw"} & set(p.parts)]
    assert not [p for p in kept for s in SECRETS if s.encode() in p.read_bytes()]
    assert (state / "private").stat().st_mode & 0o077 == 0
    assert (state / "private/evidence.duckdb").stat().st_mode & 0o077 == 0


def test_it_is_known_from_its_day_and_in_earlier_nights_not_at_all(desk: Desk):
    earlier = evidence_of(desk.state, date(2025, 6, 19)).figures
    assert "vault-1" not in set(earlier["figure_id"])
    before = query(desk.state, "select min(ingested_at) as at from figures").to_pylist()[0]["at"]
    assert evidence_of(desk.state, TODAY, before - timedelta(seconds=1)).figures.empty


def test_a_damaged_file_of_it_is_mended_and_comes_back_from_the_folder(desk: Desk):
    private_file(desk.state).write_bytes(b"Vault Research vault-1 " * 1000)
    with pytest.raises(WarehouseUnreadable, match="doctor"):
        desk.night()
    (found,) = [finding for finding in findings(desk.state) if "private" in finding.what]
    said = (found.what, found.remedy, found.mend())
    assert not [secret for secret in SECRETS if secret in " ".join(said)]
    desk.night()
    assert "vault-1" in set(evidence_of(desk.state, TODAY).figures["figure_id"])


@pytest.mark.slow
def test_what_is_open_comes_into_the_warehouse_and_leaves_it_when_it_is_private_again(desk: Desk):
    desk.write("sources.csv", LICENSED | {"licence_note": "open now"})
    unknown = {"figure_id": "own-9", "origin_id": "own-9", "source_id": "own-s9", "value": "23456789012"}
    desk.write("figures/vault.csv", MINE, FIGURE | unknown)
    desk.night()
    assert desk.in_force("vault-1") == 20123456789.0
    known = evidence_of(desk.state, TODAY).figures["figure_id"]
    assert known.eq("vault-1").sum() == 1
    # One row of a file may always go; its names stay private, since a later run may speak of it.
    assert not known.eq("vault-3").any()
    assert "vault-3" in private_of(desk.state).figures
    # What nobody knows the publication of may be private: it is told without its content.
    assert "own-s9" in desk.put_aside("own-9")
    assert "23456789012" not in everything(desk.state)
    # Again, with another one in whose own note the mark stands.
    desk.write("sources.csv", LICENSED, SOURCE)
    desk.write("figures/vault.csv", MINE | {"value": "21e9"}, FIGURE | {"note": "not_to_be_exported"})
    desk.night()
    assert desk.in_force("vault-1") is None
    assert desk.in_force("own-1") is None
    values = evidence_of(desk.state, TODAY).figures.set_index("figure_id")["value"]
    assert (values["vault-1"], values["own-1"]) == (21e9, 20e9)


PRIVATE = Private(frozenset({"vault-1"}), ("vault-1", "Vault Research"))


def test_tables_of_a_run_are_published_without_it():
    fit = pd.DataFrame(
        {"figure_id": ["vault-1", "hbm-1"], "published_value": [2.0, 1.0], "used": [True, True]}
    )
    shown, hidden = PRIVATE.split_by_licence("figure_fit", fit)
    assert shown["figure_id"].tolist() == ["hbm-1"]
    assert hidden["figure_id"].tolist() == ["vault-1"]
    news = pd.DataFrame(
        {
            "part": ["whole", "new figure", "new figure"],
            "figure_ids": [None, "vault-1", "hbm-1"],
            "publisher": [None, "Vault Research", "Yolo"],
            "about": [None, "hbm_revenue 2025: 20.1", "hbm_revenue 2025"],
            "known_on": [None, date(2025, 6, 20), date(2025, 6, 21)],
            "p50": [3.0, 2.0, 1.0],
        }
    )
    shown, _ = PRIVATE.split_by_licence("news", news)
    # The parts still add up to the whole.
    assert shown["p50"].tolist() == [3.0, 2.0, 1.0]
    assert shown["figure_ids"].tolist()[1:] == ["", "hbm-1"]
    assert (shown["publisher"][1], shown["about"][1]) == ("", A_FIGURE)
    said = PRIVATE.without("vault-1 of Vault Research, not vault-12, moved it")
    assert said == f"{A_FIGURE} of {A_FIGURE}, not vault-12, moved it"


def test_its_own_machine_explains_a_number_with_it(desk: Desk):
    row = {
        "run_id": "r1",
        "figure_id": "vault-1",
        "quantity": "hbm_revenue_usd",
        "period": "2025",
        "unit": "USD",
    }
    row |= {"measure": "level", "per_quantity": None, "published_value": 2.0e10, "weight": 1.0, "used": True}
    fit = pd.DataFrame([row, row | {"figure_id": "hbm-1"}])
    diagnostics = pd.DataFrame(
        [
            {
                "run_id": "r1",
                "name": "x",
                "value": 1.0,
                "threshold": None,
                "passed": True,
                "detail": "see vault-1",
            }
        ]
    )
    shown, hidden = publishable(desk.state, "r1", {"figure_fit": fit, "diagnostics": diagnostics})
    assert shown["figure_fit"]["figure_id"].tolist() == ["hbm-1"]
    assert shown["diagnostics"].set_index("name")["value"]["private_figures"] == 1
    assert "vault-1" not in shown["diagnostics"].to_csv()
    keep_private_rows(desk.state, "r1", hidden)
    (fitted,) = private_rows_behind(desk.state, "r1", "chain", "hbm_revenue_usd")["fitted"].to_dict("records")
    assert (fitted["figure_id"], fitted["value"]) == ("vault-1", 20123456789.0)
