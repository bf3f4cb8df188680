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
