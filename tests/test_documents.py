"""What the documents claim in numbers and names is so."""

import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from flows.commands.cli import app
from flows.commands.figures import audit_tables
from tests.places import ROOT

# A figure more must not make the README wrong; a hundred more must.
ABOUT = 0.04
README = (ROOT / "README.md").read_text(encoding="utf-8")


def numbers(pattern: str) -> list[int]:
    found = re.search(pattern.replace(" ", r"\s+"), README)
    assert found, f"README no longer says {pattern!r}"
    return [int(number) for number in found.groups()]


def test_readme_counts_figures_as_the_audit_does(tmp_path: Path):
    counts = audit_tables(tmp_path)["counts"].set_index("item")["n"]
    said = numbers(r"Of some (\d+) figures from some (\d+) publications, some (\d+) inform")
    found = [counts["figures read"], counts["publications accepted"], counts["figures used"]]
    assert said == pytest.approx(found, rel=ABOUT)


def test_readme_counts_assumptions():
    basis = pd.read_csv(ROOT / "data" / "assumptions.csv")["basis"].value_counts()
    said = numbers(r"Of some (\d+) rows, some (\d+) are, (\d+) are derived and (\d+) published")
    found = [basis.sum(), basis["judgement"], basis["derived"], basis["published"]]
    assert said == pytest.approx(found, rel=ABOUT, abs=1)


def test_documents_count_questions_and_checks():
    assert numbers(r"(\d+) worked questions") == [len(list((ROOT / "warehouse" / "cookbook").glob("*.sql")))]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"{len(list((ROOT / 'warehouse' / 'checks').glob('*.sql')))} checks as SQL" in changelog


@pytest.mark.parametrize(
    "command", sorted(set(re.findall(r"(?:^|`|bin/)hbmcast ([a-z][a-z-]*)", README, re.MULTILINE)))
)
def test_every_command_of_the_readme_exists(command: str):
    assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0, command


def test_make_targets_of_the_documents_exist():
    text = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`|&& )make ([a-z-]+)", text, re.MULTILINE))
    assert named
    assert named <= targets


def test_the_map_of_the_rooms_names_every_module_and_no_other():
    rooms = (ROOT / "models" / "README.md").read_text(encoding="utf-8").split("## Chain")[0]
    named, room = set(), ""
    for line in filter(lambda line: line.startswith("| "), rooms.splitlines()):
        cells = [re.findall(r"`([a-z0-9_]+(?:/|\.py))`", cell) for cell in line.split("|")[1:3]]
        room = cells[0][0] if cells[0] else room
        named |= {f"{room}{name}" for name in cells[1]}
    models = ROOT / "models"
    there = {path.relative_to(models).as_posix() for path in models.glob("*/*.py") if path.stem != "__init__"}
    there |= {f"{path.parent.relative_to(models).as_posix()}/" for path in models.glob("*/*/__init__.py")}
    assert named == there


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_file_that_a_document_names_is_there(document: str):
    text = (ROOT / document).read_text(encoding="utf-8")
    paths = set(re.findall(r"`((?:models|flows|warehouse|dashboards|tests|data)/[\w./-]*)`", text))
    assert paths
    assert not {path for path in paths if not (ROOT / path).exists()}


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
