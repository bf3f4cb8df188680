"""Folders of own evidence: laid over the base, counted, refused by name; the wheel's place for state."""

import os
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from flows.commands.cli import app
from flows.runtime import settings as runtime
from flows.runtime.settings import Settings, evidence_folders, state_folder
from flows.sources.folder import read_folder
from flows.sources.layers import overlaid, read_overlay
from flows.sources.own_rows import remember
from flows.sources.readers import read_folders
from models.evidence.assumption_names import uncalled_for
from models.evidence.tables.described import BY_NAME
from models.evidence.validation import validate
from tests.flows.night.test_added_class import ASSUMED, GENERATION, WAFER
from tests.flows.night.test_added_class import ROWS as ROWS_OF_CLASS
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


def assumption(name: str) -> list[str]:
    return [name, "1", "2", "lognormal", "ratio", "judgement", "own desk", "2026-01", "own view"]


def test_an_assumption_that_nothing_asks_for_is_put_aside_with_the_nearest_name(tmp_path: Path, own: Path):
    write(own, "assumptions.csv", assumption("driver.server_shipment.level"), assumption("own_view"))
    both = read_folders(with_overlays(tmp_path, own))
    slip, other = both.problems
    assert (slip.file, slip.row, slip.value) == (
        f"{own}/assumptions.csv",
        2,
        "driver.server_shipment.level",
    )
    assert "did you mean 'driver.server_shipments.level'" in slip.remedy
    assert "would inform nothing" in other.problem
    assert not {slip.value, "own_view"} & set(both.files["assumptions.csv"]["assumption"])


def test_an_assumption_that_a_row_of_a_catalogue_asks_for_is_taken(tmp_path: Path, own: Path):
    write(own, "assumptions.csv", assumption("class.own_class.size"))
    (aside,) = read_folders(with_overlays(tmp_path, own)).problems
    assert aside.value == "class.own_class.size"
    write(own, "product_classes.csv", ["own_class", "other_asic", "15", "other_asic", "yes", "our own"])
    both = read_folders(with_overlays(tmp_path, own))
    assert both.problems == []
    assert "class.own_class.size" in set(both.files["assumptions.csv"]["assumption"])


def test_a_definition_offset_that_no_figure_states_stays_and_is_told(tmp_path: Path, own: Path):
    write(own, "assumptions.csv", assumption("definition_offset.own_basis"))
    both = read_folders(with_overlays(tmp_path, own))
    assert any("definition_offset.own_basis: nothing asks for it yet" in note for note in both.notes)
    assert "definition_offset.own_basis" in set(both.files["assumptions.csv"]["assumption"])
    write(own, "figures/desk.csv", [*FIGURE[:13], "own_basis", *FIGURE[14:]])
    assert not any("own_basis" in note for note in read_folders(with_overlays(tmp_path, own)).notes)


def test_all_that_a_new_class_and_generation_need_is_called_for_by_their_rows():
    files = read_folder(DATA).files
    known = set(files["assumptions.csv"]["assumption"])
    needed = [*ASSUMED, *(f"hbm.{name}.{GENERATION}" for name in WAFER)]
    assert set(uncalled_for(needed, known, files)) == set(needed)
    rows = {f"{name}.csv": pd.DataFrame([row]).astype(str) for name, row in ROWS_OF_CLASS.items()}
    with_rows = {name: pd.concat([frame, rows.get(name)]) for name, frame in files.items()}
    assert uncalled_for(needed, known, {**rows, **with_rows}) == {}


def test_a_slip_in_any_name_of_the_base_is_found(tmp_path: Path):
    files = read_folder(DATA).files
    names = set(files["assumptions.csv"]["assumption"])
    assert uncalled_for(names, names, files) == {}
    # A doubled letter in the last word of each name: numbers aside, none of them is another name.
    slips = {f"{name}{name[-1]}" for name in names if not name[-1].isdecimal()} - names
    found = uncalled_for(slips, names, files)
    assert set(found) == slips
    assert all("did you mean" in remedy for remedy in found.values())


def test_the_last_of_several_folders_wins(tmp_path: Path, own: Path):
    write(tmp_path / "later", "figures/desk.CSV", [*FIGURE[:8], "64e9", *FIGURE[9:]])
    both = read_folders(with_overlays(tmp_path, own, tmp_path / "later"))
    found = [f[f["figure_id"] == "own-0001"] for n, f in both.files.items() if n.startswith("figures/")]
    assert pd.concat(found)["value"].tolist() == ["64e9"]


def test_the_same_row_again_is_no_replacement(tmp_path: Path, own: Path):
    one = read_overlay(own)
    assert overlaid(one, one).notes == []
    assert len(overlaid(one, one).files["sources.csv"]) == 1


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


def test_a_name_of_a_table_that_is_no_file_is_told(own: Path):
    (own / "products.csv").symlink_to(own / "away.csv")
    (own / "metrics.CSV").mkdir()
    (own / "figures/.desk2.csv").write_text("figure_id\n", encoding="utf-8")
    (own / "figures/.~lock.desk.csv#").write_text("x", encoding="utf-8")
    read = read_overlay(own)
    assert {p.file.removeprefix(f"{own}/") for p in read.problems} == {"products.csv", "metrics.CSV"}
    assert read.notes == ["hidden files are not read: .desk2.csv"]


def test_a_folder_behind_a_link_is_read_and_a_loop_ends(tmp_path: Path, own: Path):
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked/figures").symlink_to(own / "figures")
    (own / "figures/again").symlink_to(own)
    read = read_overlay(tmp_path / "linked")
    assert read.files["figures/linked/desk.csv"]["figure_id"].tolist() == ["own-0001"]


def test_a_folder_that_cannot_be_looked_into_is_told(own: Path, monkeypatch: pytest.MonkeyPatch):
    scan = os.scandir

    def refused(place):
        if str(place).endswith("figures"):
            raise PermissionError(13, "Permission denied", str(place))
        return scan(place)

    monkeypatch.setattr(os, "scandir", refused)
    (problem,) = read_overlay(own).problems
    assert (problem.file, problem.remedy) == (f"{own}/figures", "Make the folder readable")


def test_a_table_of_the_base_may_be_a_folder_of_files_and_a_misspelled_one_is_told(tmp_path: Path):
    base = tmp_path / "data"
    shutil.copytree(WORLD, base)
    products = (base / "products.csv").read_text(encoding="utf-8").splitlines()
    (base / "products").mkdir()
    for i, name in enumerate(("a.csv", "b.CSV")):
        rows = [products[0], *products[1 + i :: 2]]
        (base / "products" / name).write_text("\n".join(rows) + "\n", encoding="utf-8")
    (base / "products.csv").unlink()
    (base / "figure.csv").write_text("figure_id\nx\n", encoding="utf-8")
    read = read_folder(base)
    assert len(read.files["products.csv"]) == len(products) - 1
    assert {file for file, _ in read.origins["products.csv"]} == {"products/a.csv", "products/b.CSV"}
    (problem,) = read.problems
    assert (problem.file, "no table of evidence" in problem.problem) == ("figure.csv", True)


ROWS = [[f"own-{i}", *FIGURE[1:2], f"own-{i}", *FIGURE[3:6], str(2021 + i), *FIGURE[7:]] for i in range(6)]


def own_ids(settings: Settings) -> tuple[set[str], list[str]]:
    read = read_folders(settings)
    found = {i for f in read.files.values() if "figure_id" in f for i in f["figure_id"] if "own-" in i}
    return found, [p.problem for p in read.problems]


def test_a_file_that_lost_its_tail_gives_its_rows_of_last_time_until_a_person_lets_them_go(
    tmp_path: Path, own: Path
):
    settings = with_overlays(tmp_path, own)
    path = write(own, "figures/desk.csv", *ROWS)
    write(
        own, "exchange_rates.csv", ["JPY", "2025", "0.0099", "own", ""], ["KRW", "2025", "0.0099", "own", ""]
    )
    whole = {f"own-{i}" for i in range(6)}
    remember(read_folders(settings), settings.overlays, settings.state)
    # One row may always go.
    write(own, "figures/desk.csv", *ROWS[:5])
    assert own_ids(settings) == (whole - {"own-5"}, [])
    # Cut at the end of a line, at which nothing of the file itself is wrong.
    content = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(content[:4]))
    held, (problem,) = own_ids(settings)
    assert held == whole
    assert "3 rows of last time are gone (own-3, own-4, own-5)" in problem
    # Another night remembers what was held, and asks again.
    remember(read_folders(settings), settings.overlays, settings.state)
    assert own_ids(settings)[0] == whole
    assert own_ids(replace(settings, withdraw_many=True)) == ({"own-0", "own-1", "own-2"}, [])
    # Moved to another file they are not gone.
    write(own, "figures/other.csv", *ROWS[3:])
    assert own_ids(settings) == (whole, [])
    # A row that replaced one of the base does not give way to it while its file can't be read.
    (own / "exchange_rates.csv").write_bytes("currency,year".encode("utf-16"))
    rates = read_folders(settings).files["exchange_rates.csv"]
    assert (rates["usd_per_unit"] == "0.0099").sum() == 2


def test_a_folder_that_is_away_stops_nothing(tmp_path: Path):
    (problem,) = read_folders(with_overlays(tmp_path, tmp_path / "away")).problems
    assert "not there" in problem.problem


def test_which_folder_is_the_base(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own: Path):
    monkeypatch.setenv("HBMCAST_DATA", f"{own}{os.pathsep}{tmp_path}")
    assert evidence_folders() == (DATA, (own, tmp_path))
    for table in runtime.BASE_TABLES:
        (tmp_path / f"{table}.csv").write_text("a,b\n1,2\n")
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


def test_templates_alone_are_no_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for table in runtime.BASE_TABLES:
        (tmp_path / f"{table}.csv").write_text("a,b\n,\n\n")
    monkeypatch.setenv("HBMCAST_DATA", str(tmp_path))
    assert evidence_folders()[1] == (tmp_path,)
    for table in runtime.BASE_TABLES:
        (tmp_path / f"{table}.csv").write_text("a,b\n1,2\n")
    assert evidence_folders() == (tmp_path, ())
