"""Case 35, from cron: what goes into a file has no signs meant for a terminal, whatever the locale."""

import os
import subprocess
import sys
from pathlib import Path

from tests.places import ROOT


def test_what_goes_into_a_log_is_plain(published: Path, tmp_path: Path):
    log = tmp_path / "cron.log"
    small = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LC_ALL": "C", "LANG": "C", "TERM": "dumb"}
    small |= {"PYTHONPATH": str(ROOT), "DO_NOT_TRACK": "1"}
    if "SYSTEMROOT" in os.environ:
        small["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
    sql = "select 'Größe, 記憶體' as said"
    command = [sys.executable, "-m", "flows.commands.start", "sql", sql, "--state", str(published)]
    with log.open("wb") as out:
        done = subprocess.run(
            command, env=small, stdout=out, stderr=subprocess.STDOUT, check=False, cwd=tmp_path
        )
    said = log.read_bytes()
    assert done.returncode == 0, said
    assert b"\r" not in said
    assert b"\x1b" not in said
    assert "記憶體".encode() in said or b"\\u" in said
