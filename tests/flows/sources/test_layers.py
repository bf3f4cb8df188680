"""Folders of own evidence: laid over the base, counted, refused by name; the wheel's place for state."""

import os
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from flows.commands.cli import app
from flows.runtime import settings as runtime
from flows.runtime.settings import Settings, evidence_folders, state_folder
from flows.sources.layers import laid_over, read_overlay
from flows.sources.readers import read_folders
from models.evidence.tables.described import BY_NAME
from models.evidence.validation import validate
from tests.places import DATA, ROOT
from tests.world.files import DATA as WORLD

TODAY = pd.Timestamp("2026-11-28").date()
SOURCE = ["own-2026-11-01", "Own desk", "", "Note", "", "2026-11-01", "day", "", "not_to_be_exported"]
FIGURE = ["own-0001", "own-2026-11-01", "own-0001", "hbm_revenue", "industry", "", "2026", "", "61e9", "", ""]
FIGURE += ["USD", "forecast", "", "", ""]


def write(folder: Path, name: str, *rows: list[str]) -> Path:
    """Write rows of a table with its header."""
    table = name.split("/")[0].removesuffix(".csv").removesuffix(".CSV")
    frame = pd.DataFrame(rows, columns=list(BY_NAME[table].column_names))
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(folder / name, index=False)
    return folder / name


@pytest.fixture
def own(tmp_path: Path) -> Path:
    write(tmp_path / "own", "sources.csv", SOURCE)
    write(tmp_path / "own", "figures/desk.csv", FIGURE)
    return tmp_path / "own"


def with_overlays(tmp_path: Path, *overlays: Path) -> Settings:
    return Settings(tmp_path / "state", WORLD, TODAY, overlays=overlays, today=TODAY)


def test_own_rows_are_added_to_the_base(tmp_path: Path, own: Path):
    base, both = read_folders(with_overlays(tmp_path)), read_folders(with_overlays(tmp_path, own))
    before, after = validate(base.files, TODAY), validate(both.files, TODAY)
    assert not after.fatal
    assert len(after.accepted["figures"]) == len(before.accepted["figures"]) + 1
    added = both.placed(after.accepted["figures"]).set_index("figure_id").loc["own-0001"]
    assert (added["file"], added["row"], added["value"]) == (f"{own}/figures/desk.csv", 2, 61e9)


def test_a_row_with_a_key_of_the_base_replaces_it_and_is_told(tmp_path: Path, own: Path):
    base = read_folders(with_overlays(tmp_path))
    prior = base.files["assumptions.csv"].iloc[0].to_dict()
    other = [*{**prior, "source": "our own view"}.values()]
    write(own, "assumptions.csv", other)
    both = read_folders(with_overlays(tmp_path, own))
    rows = both.files["assumptions.csv"]
    same = rows[(rows["assumption"] == prior["assumption"]) & (rows["known_since"] == prior["known_since"])]
    assert same["source"].tolist() == ["our own view"]
    assert len(rows) == len(base.files["assumptions.csv"])
    assert len(both.origins["assumptions.csv"]) == len(rows)
    assert any("replaces 1 rows of assumptions" in note for note in both.notes)
    assert not validate(both.files, TODAY).rejected["field"].eq("assumption").any()


def test_the_last_of_several_folders_wins(tmp_path: Path, own: Path):
    write(tmp_path / "later", "figures/desk.CSV", [*FIGURE[:8], "64e9", *FIGURE[9:]])
    both = read_folders(with_overlays(tmp_path, own, tmp_path / "later"))
    found = [f[f["figure_id"] == "own-0001"] for n, f in both.files.items() if n.startswith("figures/")]
    assert pd.concat(found)["value"].tolist() == ["64e9"]


def test_the_same_row_again_is_no_replacement(tmp_path: Path, own: Path):
    one = read_overlay(own)
    assert laid_over(one, one).notes == []
    assert len(laid_over(one, one).files["sources.csv"]) == 1


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("metric.csv", "metric\nx\n", "no table of evidence"),
        ("figures.csv", "figure_id\nx\n", "no table of evidence"),
        ("figures/x.csv", "figure_id,value\nx,1\n", "has no column source_id"),
        ("workbook.xlsx", "PK", "a .xlsx is not read here"),
        ("figures/numbers", "1", "file without an ending"),
        ("figures/hbm.txt", "figure_id\tvalue\n", "a .txt is not read here"),
        ("figures/hbm.csv.bak", "figure_id,value\n", "a .bak is not read here"),
        ("figures/hbm.tsv", "figure_id\tvalue\n", "a .tsv is not read here"),
    ],
)
def test_what_is_no_evidence_is_named(own: Path, name: str, text: str, said: str):
    (own / name).write_text(text, encoding="utf-8")
    read = read_overlay(own)
    (problem,) = read.problems
    assert said in problem.problem
    assert problem.file == f"{own}/{name}"
    assert problem.remedy
    assert len(read.files) == 2


def test_a_folder_that_is_away_stops_nothing(tmp_path: Path):
    (problem,) = read_folders(with_overlays(tmp_path, tmp_path / "away")).problems
    assert "not there" in problem.problem


def test_which_folder_is_the_base(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own: Path):
    monkeypatch.setenv("HBMCAST_DATA", f"{own}{os.pathsep}{tmp_path}")
    assert evidence_folders() == (DATA, (own, tmp_path))
    for table in runtime.BASE_TABLES:
        (tmp_path / f"{table}.csv").touch()
    monkeypatch.setenv("HBMCAST_DATA", f"{tmp_path}{os.pathsep}{own}")
    assert evidence_folders() == (tmp_path, (own,))
    monkeypatch.setenv("HBMCAST_DATA", f"{own}{os.pathsep}{tmp_path}")
    assert evidence_folders() == (DATA, (own, tmp_path))


def test_an_installed_wheel_keeps_its_state_with_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("HBMCAST_STATE", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(runtime, "IS_CHECKOUT", False)
    found = state_folder()
    assert found.name == "hbmcast"
    assert runtime.REPOSITORY not in found.parents


def test_init_writes_templates_that_are_read_and_empty(tmp_path: Path):
    folder = tmp_path / "desk"
    assert CliRunner().invoke(app, ["init", str(folder)]).exit_code == 0
    read = read_overlay(folder)
    assert read.problems == []
    tables = ("assumptions", "metrics", "products", "scenarios", "sources")
    assert set(read.files) == {"figures/desk/own.csv", *(f"{table}.csv" for table in tables)}
    assert all(frame.empty for frame in read.files.values())
    assert "not_to_be_exported" in (folder / "README.md").read_text(encoding="utf-8")
    both = read_folders(with_overlays(tmp_path, folder))
    assert not validate(both.files, TODAY).fatal
    again = CliRunner().invoke(app, ["init", str(folder)])
    assert again.exit_code == 1


def test_the_wheel_carries_every_file_that_a_night_reads():
    """A night of the wheel in a bare folder was run by hand; its patterns take along what it reads."""
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    folders = [name.removesuffix("*") for name in setup["packages"]["find"]["include"]]
    patterns = setup["package-data"]["*"]
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    left = [p for p in files if p.suffix not in (".py", ".pyc") and not any(p.match(x) for x in patterns)]
    assert {"data", "flows", "warehouse"} < set(folders)
    assert left == []
