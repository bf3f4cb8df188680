"""hbmcast doctor: a healthy state is found healthy, each fault named with its remedy, and mended."""

import shutil
from pathlib import Path

from flows.commands.findings import findings
from flows.runtime import journal
from flows.runtime.preparation import prepare_state
from flows.runtime.settings import resolve
from tests.damage import flip_inside
from warehouse.atomic import DAMAGED
from warehouse.layout import private_file


def levels(state: Path) -> dict[str, str]:
    return {finding.what: finding.level for finding in findings(state)}


def test_doctor_finds_a_healthy_state_healthy(published: Path):
    found = levels(published)
    assert any("serves run night-1" in what for what in found)
    bad = {what for what, level in found.items() if level == "error"}
    # The synthetic night has no quantities of the real gate, so its own checks may warn, never fail.
    assert not bad


def test_doctor_names_each_fault_and_its_remedy(tmp_path: Path, published: Path, hbmcast):
    shutil.copytree(published, tmp_path, dirs_exist_ok=True)
    (tmp_path / "warehouse.duckdb.wal").write_bytes(b"x")
    (tmp_path / "draws" / "run_id=night-1" / "draws.parquet").unlink()
    journal.start(resolve(state=tmp_path), "night-2", "")
    found = {finding.what: finding for finding in findings(tmp_path)}
    for words in ("warehouse.duckdb.wal lies beside", "joint draws of the served run are missing"):
        (finding,) = [finding for what, finding in found.items() if words in what]
        assert finding.level == "error"
        assert finding.remedy
    assert any("night-2" in what and "without a word" in what for what in found)
    code, out, _ = hbmcast("doctor", "--state", tmp_path)
    assert code == 1
    assert "->" in out


def test_doctor_mends_what_is_damaged_and_a_forecast_stays(hbmcast, tmp_path, published, monkeypatch):
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    shutil.copytree(published, tmp_path, dirs_exist_ok=True)
    draws = tmp_path / "draws" / "run_id=night-1" / "draws.parquet"
    posterior = tmp_path / "posterior" / "cut.nc"
    prefect = tmp_path / "prefect" / "prefect.db"
    for file, content in (
        (tmp_path / "warehouse.duckdb", b"no database at all" * 100),
        (draws, draws.read_bytes()[:-9]),
        (posterior, b"\x89HDF\r\n\x1a\n cut off"),
        (prefect, b"garbage" * 1000),
    ):
        file.unlink(missing_ok=True)
        file.write_bytes(content)
    code, out, err = hbmcast("doctor", "--state", tmp_path)
    assert (code, err) == (1, "")
    told = " ".join(out.split())
    for words in (
        "warehouse.duckdb is damaged",
        "puts warehouse-000003.duckdb, which serves night-1 as of 2026-01-02 in its place",
        "Prefect's database in",
    ):
        assert words in told
    hbmcast("doctor", "--mend", "--state", tmp_path)
    # What a damaged file hid is seen once it is mended.
    code, out, _ = hbmcast("doctor", "--mend", "--state", tmp_path)
    assert (code, "files of draws are cut short" in out, posterior.exists()) == (0, True, False)
    (left,) = [finding for finding in findings(tmp_path) if finding.level == "error"]
    assert left.what == "the joint draws of the served run are missing"
    assert "run night-1" in hbmcast("show", "--state", tmp_path)[1]
    assert sorted(path.name for path in tmp_path.rglob("*.damaged")) == ["prefect.db.damaged"]


def test_draws_damaged_inside_are_no_bug_of_the_model_and_go(hbmcast, tmp_path, published, monkeypatch):
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    shutil.copytree(published, tmp_path, dirs_exist_ok=True)
    draws = tmp_path / "draws" / "run_id=night-1" / "draws.parquet"
    kept = tmp_path / "drawn" / "night" / "draws.parquet"
    kept.parent.mkdir(parents=True)
    flip_inside(draws)
    # A night keeps its draws for the next under a second name of the same file.
    kept.hardlink_to(draws)
    code, out, _ = hbmcast("doctor", "--draws", "--state", tmp_path)
    assert (code, "1 files of draws are cut short or damaged" in out) == (1, True)
    assert "hbmcast doctor --draws --mend takes them away" in out
    assert "models/" not in out
    code, out, _ = hbmcast("doctor", "--draws", "--mend", "--state", tmp_path)
    assert (code, "mended" in out, "models/" in out) == (0, True, False)
    assert not draws.exists()
    assert not kept.exists()
    assert "run night-1" in hbmcast("show", "--state", tmp_path)[1]


def test_doctor_sets_damaged_private_evidence_aside(hbmcast, tmp_path, published):
    shutil.copytree(published, tmp_path, dirs_exist_ok=True)
    file = private_file(tmp_path)
    file.parent.mkdir(mode=0o700)
    file.write_bytes(b"Vault Research " * 1000)
    file.chmod(0o600)
    code, out, _ = hbmcast("doctor", "--state", tmp_path)
    assert (code, f"{file} is damaged" in out, "Vault" in out) == (1, True, False)
    code, out, _ = hbmcast("doctor", "--mend", "--state", tmp_path)
    assert (code, "earlier versions are lost" in out, "Vault" in out) == (0, True, False)
    aside = file.with_name(file.name + DAMAGED)
    assert (file.exists(), aside.stat().st_mode & 0o077) == (False, 0)
    assert hbmcast("doctor", "--state", tmp_path)[0] == 0


def test_doctor_without_a_whole_build_says_how_to_begin_anew(hbmcast, tmp_path: Path):
    prepare_state(tmp_path)
    (tmp_path / "warehouse.duckdb").write_bytes(b"no database at all" * 100)
    (finding,) = [finding for finding in findings(tmp_path) if finding.level == "error"]
    assert "begins anew" in finding.remedy
    assert hbmcast("doctor", "--mend", "--state", tmp_path)[0] == 0
    assert not (tmp_path / "warehouse.duckdb").exists()


def test_doctor_refuses_a_newer_state(tmp_path: Path):
    (tmp_path / "VERSION").write_text("7\n")
    assert "error" in levels(tmp_path).values()
