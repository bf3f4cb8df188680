"""What the documents claim in numbers and names is so."""

import os
import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from flows.commands.cli import app
from flows.commands.figures import audit_tables
from flows.commands.start import ONLY_IN_WSL
from models.vocabulary.results.described import CALLED
from models.vocabulary.systems import SYSTEM_NAMES
from tests.documented import blocks, pages
from tests.places import ROOT

# A figure more must not make the documents wrong; a hundred more must.
ABOUT = 0.04
TRUST = ROOT / "docs" / "model" / "analyst.md"
TUTORIAL = ROOT / "docs" / "tutorial.md"


def numbers(page: Path, pattern: str) -> list[int]:
    found = re.search(pattern.replace(" ", r"\s+"), page.read_text(encoding="utf-8"))
    assert found, f"{page.name} no longer says {pattern!r}"
    return [int(number) for number in found.groups()]


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """The audit of the base with the tutorial's own rows laid over it, as its reader would see it."""
    own = tmp_path_factory.mktemp("own")
    sources, figures = (text for language, text in blocks(TUTORIAL) if language == "csv")
    (own / "figures").mkdir()
    (own / "sources.csv").write_text(sources, encoding="utf-8")
    (own / "figures" / "own.csv").write_text(figures, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HBMCAST_DATA", str(own))
        return audit_tables(tmp_path_factory.mktemp("state"))


def test_documents_count_figures_as_the_audit_does(audited: dict[str, pd.DataFrame]):
    counts = audited["counts"].set_index("item")["n"]
    said = numbers(TRUST, r"Of some (\d+) figures from some (\d+) publications, some (\d+) inform")
    found = [counts["figures read"], counts["publications accepted"], counts["figures used"]]
    assert said == pytest.approx(found, rel=ABOUT)


def test_the_figure_of_the_tutorial_informs(audited: dict[str, pd.DataFrame]):
    for table in ("rejections", "not_used"):
        assert (
            not audited[table]
            .astype(str)
            .apply(lambda row: row.str.contains("own-0001|own_note"))
            .any(axis=None)
        )


def test_documents_count_assumptions():
    basis = pd.read_csv(ROOT / "data" / "assumptions.csv")["basis"].value_counts()
    said = numbers(TRUST, r"Of some (\d+) rows, some (\d+) are, (\d+) are derived and (\d+) published")
    found = [basis.sum(), basis["judgement"], basis["derived"], basis["published"]]
    assert said == pytest.approx(found, rel=ABOUT, abs=1)


def test_the_readme_counts_questions():
    questions = len(list((ROOT / "warehouse" / "cookbook").glob("*.sql")))
    assert numbers(ROOT / "README.md", r"(\d+) worked questions") == [questions]


def test_make_targets_of_the_documents_exist():
    text = "".join(page.read_text(encoding="utf-8") for page in pages())
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`|&& )make ([a-z-]+)", text, re.MULTILINE))
    assert named
    assert named <= targets


def test_on_windows_a_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch):
    from flows.commands import start

    monkeypatch.setattr(os, "name", "nt")
    with pytest.raises(SystemExit) as ended:
        start.main()
    monkeypatch.undo()
    assert ended.value.code == ONLY_IN_WSL
    (page,) = re.findall(r"\((docs/[^)]*)\)", ONLY_IN_WSL)
    assert "WSL" in (ROOT / page).read_text(encoding="utf-8")


def test_the_map_of_the_rooms_names_every_module_that_no_table_names_and_no_other():
    rooms = (ROOT / "models" / "README.md").read_text(encoding="utf-8").split("## Chain")[0]
    named, room = set(), ""
    for line in filter(lambda line: line.startswith("| "), rooms.splitlines()):
        cells = [re.findall(r"`([a-z0-9_]+(?:/|\.py))`", cell) for cell in line.split("|")[1:3]]
        room = cells[0][0] if cells[0] else room
        named |= {f"{room}{name}" for name in cells[1]}
    models = ROOT / "models"
    there = {path.relative_to(models).as_posix() for path in models.glob("*/*.py") if path.stem != "__init__"}
    there |= {f"{path.parent.relative_to(models).as_posix()}/" for path in models.glob("*/*/__init__.py")}
    # Where the maker of a table stands, the table's description says; of a system, the list of systems.
    makers = {f"{table.made_by.removeprefix('models.').replace('.', '/')}.py" for table in CALLED}
    makers |= {f"systems/{system}.py" for system in SYSTEM_NAMES}
    assert there - makers <= named <= there


def test_the_maps_of_flows_and_warehouse_name_every_module_and_none_that_is_gone():
    named, room = [], ""
    for package in ("flows", "warehouse"):
        for line in (ROOT / package / "README.md").read_text(encoding="utf-8").splitlines():
            cells = [re.findall(r"`([a-z0-9_]+(?:/|\.py))`", cell) for cell in line.split("|")[1:3]]
            if line.startswith("| ") and len(cells) == 2:
                of_flows = cells[0][0] if cells[0] else room
                room, modules = (of_flows, cells[1]) if package == "flows" else ("", cells[0])
                named += [f"{package}/{room}{module}" for module in modules if module.endswith(".py")]
    there = {
        path.relative_to(ROOT).as_posix()
        for package in ("flows", "warehouse")
        for path in (ROOT / package).rglob("*.py")
        if path.stem != "__init__"
    }
    assert len(named) > 100
    assert there == set(named)


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_that_a_document_names_is_there(page: Path):
    paths = re.findall(
        r"`((?:models|flows|warehouse|dashboards|tests|data|docs)/[\w./-]*)`",
        page.read_text(encoding="utf-8"),
    )
    assert not [path for path in paths if not (ROOT / path).exists()]


def test_every_question_of_an_analyst_has_its_answer():
    text = (ROOT / "warehouse" / "README.md").read_text(encoding="utf-8")
    table = text.split("### What an analyst asks in the morning")[1].split("### Systems")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ") and "| answer |" not in line]
    assert len(rows) == 28
    files = re.findall(r"`(cookbook/\w+\.sql)`", table)
    assert [name for name in files if not (ROOT / "warehouse" / name).is_file()] == []
    for command in re.findall(r"`hbmcast ([a-z]+(?: run)?)", table):
        assert CliRunner().invoke(app, [*command.split(), "--help"]).exit_code == 0, command
    assert all("`" in row for row in rows)


def test_each_case_names_a_test_that_there_is():
    page = (ROOT / "docs" / "cases.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d\d) \|.*\| `(tests/[\w/]+\.py)` \|$", page, re.MULTILINE)
    assert len(rows) == 30
    assert [number for number, _ in rows] == sorted({number for number, _ in rows})
    assert not [name for _, name in rows if not (ROOT / name).is_file()]
