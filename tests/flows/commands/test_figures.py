"""`hbmcast figures --audit`: every row put aside, of every file, with its remedy; the exit code says so."""

import json
import shutil

import pandas as pd
import pytest
from typer.testing import CliRunner

from flows.commands.cli import app
from tests.places import DATA


def audited(monkeypatch, data, state):
    monkeypatch.setenv("HBMCAST_DATA", str(data))
    done = CliRunner().invoke(app, ["figures", "--audit", "--format", "json", "--state", str(state)])
    return done.exit_code, json.loads(done.stdout)


@pytest.fixture
def data(tmp_path):
    return shutil.copytree(DATA, tmp_path / "data")


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """What is said of the evidence as it is in the repository."""
    with pytest.MonkeyPatch.context() as patch:
        code, tables = audited(patch, DATA, tmp_path_factory.mktemp("before") / "state")
    assert code == 0
    return tables


def test_a_wrong_date_of_a_source_is_named_once_and_with_every_figure_it_takes_along(
    monkeypatch, data, tmp_path
):
    file = data / "sources.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    at, line = next((i, line) for i, line in enumerate(lines) if ",2024-05-06,day," in line)
    lines[at] = line.replace(",2024-05-06,day,", ",06/05/2024,day,")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    code, tables = audited(monkeypatch, data, tmp_path / "state")
    assert code == 1
    first, *others = sorted(tables["rejections"], key=lambda row: row["file"] != "sources.csv")
    assert (first["file"], first["row"], first["field"]) == ("sources.csv", at + 1, "published_on")
    assert first["value"] == "06/05/2024"
    assert first["remedy"] == "write 2024-06-05 or 2024-05-06"
    assert others
    assert all(f"sources.csv row {at + 1}" in row["problem"] + row["remedy"] for row in others)


def test_cells_read_in_another_form_are_listed_and_are_no_fault(monkeypatch, data, tmp_path, before):
    file = data / "figures" / "hbm.csv"
    text = file.read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if ",USD," in line and ",industry,,2024,," in line)
    file.write_text(
        text.replace(row, row.replace(",industry,,2024,,", ",industry,,２０２４,,")), encoding="utf-8"
    )
    code, tables = audited(monkeypatch, data, tmp_path / "state")
    assert code == 0
    assert before["read_as"] == []
    assert [(cell["field"], cell["printed"], cell["read"]) for cell in tables["read_as"]] == [
        ("period", "２０２４", "2024")
    ]


def test_rows_of_a_folder_of_own_evidence_are_counted_and_named_where_they_stand(
    monkeypatch, data, tmp_path, before
):
    """Their figures were counted as rows of other files, and their sources by a row that no file has."""
    own = tmp_path / "own"
    (own / "figures").mkdir(parents=True)
    for table in ("sources.csv", "figures/hbm.csv"):
        header, row = (data / table).read_text(encoding="utf-8").splitlines()[:2]
        (own / table).write_text(f"{header}\n{row}\n", encoding="utf-8")
    sources = pd.read_csv(own / "sources.csv", dtype=str, keep_default_na=False)
    sources.assign(source_id="own-1", published_on="2024/05/06").to_csv(own / "sources.csv", index=False)
    figures = pd.read_csv(own / "figures" / "hbm.csv", dtype=str, keep_default_na=False)
    figures.assign(figure_id="own-1", origin_id="own-1", source_id="own-1").to_csv(
        own / "figures" / "hbm.csv", index=False
    )
    code, tables = audited(monkeypatch, f"{data}:{own}", tmp_path / "state")
    counted = {row["item"]: row["n"] for row in tables["counts"]}
    were = {row["item"]: row["n"] for row in before["counts"]}
    assert code == 1
    assert counted["figures read"] == were["figures read"] + 1
    assert counted["figures rejected"] == 1
    assert counted["rows of other files rejected"] == 1
    (by_file,) = (row for row in tables["by_file"] if row["file"] == f"{own}/figures/hbm.csv")
    assert (by_file["accepted"], by_file["rejected"]) == (0, 1)
    figure = next(row for row in tables["rejections"] if row["field"] == "source_id")
    assert f"mend {own}/sources.csv row 2: write 2024-05-06" in figure["remedy"]


def test_formats_that_the_help_names_are_taken_and_no_other(tmp_path):
    done = CliRunner().invoke(app, ["figures", "--format", "yaml", "--state", str(tmp_path)])
    assert done.exit_code != 0
    assert "yaml" not in CliRunner().invoke(app, ["figures", "--help"]).stdout
