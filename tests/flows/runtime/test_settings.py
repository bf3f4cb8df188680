"""Settings are resolved once, and the state folder is refused where it must not be touched."""

import errno
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from flows.runtime.errors import HbmcastError, StateError
from flows.runtime.preparation import check_state, prepare_environment, prepare_state
from flows.runtime.settings import REPOSITORY, resolve, state_folder
from models.inference.fit import CHAINS


def test_defaults_are_beside_the_code(monkeypatch: pytest.MonkeyPatch):
    for name in ("HBMCAST_STATE", "HBMCAST_DATA", "HBMCAST_FEEDS", "HBMCAST_TIMEZONE"):
        monkeypatch.delenv(name, raising=False)
    settings = resolve()
    assert settings.state == REPOSITORY / "state"
    assert settings.data == REPOSITORY / "data"
    assert settings.as_of == settings.today == datetime.now(UTC).date()
    assert settings.doors.feeds == ()


def test_a_night_and_a_fit_that_is_asked_for_nothing_sample_as_many_chains():
    assert resolve().chains == CHAINS


def test_the_argument_beats_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("HBMCAST_STATE", str(tmp_path / "one"))
    monkeypatch.setenv("HBMCAST_FEEDS", " http://a/x.csv  http://b/y.csv ")
    assert state_folder() == tmp_path / "one"
    assert state_folder(tmp_path / "two") == tmp_path / "two"
    assert resolve().doors.feeds == ("http://a/x.csv", "http://b/y.csv")


def test_as_of_is_a_day_that_has_come():
    assert resolve(as_of="2024-12-31").as_of == date(2024, 12, 31)
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    with pytest.raises(HbmcastError, match="future"):
        resolve(as_of=str(tomorrow))
    for text in ("2024", "31.12.2024", "2024-13-01", "yesterday"):
        with pytest.raises(HbmcastError, match="2024-12-31"):
            resolve(as_of=text)


def test_numbers_that_make_no_sense_are_refused():
    with pytest.raises(HbmcastError, match="too few"):
        resolve(draws=10)
    with pytest.raises(HbmcastError, match="negative"):
        resolve(seed=-1)


def test_a_state_folder_is_made_and_known_again(tmp_path: Path):
    folder = tmp_path / "a" / "state"
    prepare_state(folder)
    assert (folder / "VERSION").read_text() == "1\n"
    assert (folder / "draws").is_dir()
    prepare_state(folder)


@pytest.mark.parametrize(
    ("text", "said"), [("2\n", "layout 2"), ("99", "layout 99"), ("new", "'new'"), ("", "''")]
)
def test_a_newer_or_unreadable_layout_is_left_alone(tmp_path: Path, text: str, said: str):
    (tmp_path / "VERSION").write_text(text)
    for refuse in (check_state, prepare_state):
        with pytest.raises(StateError, match=said) as caught:
            refuse(tmp_path)
        assert caught.value.remedy
    assert [path.name for path in tmp_path.iterdir()] == ["VERSION"]


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StateError, match="can't be written"):
        prepare_state(tmp_path / "file" / "state")


@pytest.mark.parametrize("name", ["drawn", "posterior", "frozen"])
def test_a_file_in_the_place_of_a_folder_is_told_before_anything_is_spent(tmp_path: Path, name: str):
    (tmp_path / name).symlink_to("/dev/zero")
    with pytest.raises(StateError, match=f"{name} is no folder"):
        prepare_state(tmp_path)


def test_a_folder_that_takes_no_file_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    prepare_state(tmp_path)

    def read_only(**_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("flows.runtime.preparation.tempfile.TemporaryFile", read_only)
    with pytest.raises(StateError, match=r"can't be written \(Read-only file system\)"):
        prepare_state(tmp_path)


def test_libraries_keep_their_files_in_the_state_folder_and_send_nothing(monkeypatch, tmp_path: Path):
    for name in list(os.environ):
        ours = ("PREFECT_", "HBMCAST_", "PYTENSOR", "NUMBA", "MPL", "OPENBLAS", "DO_NOT_TRACK")
        if name.startswith(ours):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PREFECT_SERVER_ANALYTICS_ENABLED", "true")
    monkeypatch.setenv("PYTENSOR_FLAGS", "cxx=")
    monkeypatch.setenv("NO_PROXY", "example.com")
    monkeypatch.setattr(os, "environ", os.environ.copy())
    prepare_environment(tmp_path)
    environment = dict(os.environ)
    assert environment["PREFECT_HOME"] == str(tmp_path / "prefect")
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert environment["DO_NOT_TRACK"] == "1"
    assert environment["OPENBLAS_NUM_THREADS"] == "1"
    assert environment["PYTENSOR_FLAGS"] == f"cxx=,base_compiledir={tmp_path / 'cache' / 'pytensor'}"
    assert environment["NO_PROXY"] == "example.com,127.0.0.1,localhost"
    # And Prefect understands the names: a renamed setting would be passed over in silence.
    code = (
        "from prefect.settings import get_current_settings as s; c = s();"
        "print(c.home, c.server.analytics_enabled, c.server.ephemeral.enabled,"
        "c.server.ephemeral.startup_timeout_seconds, c.telemetry.enable_resource_metrics,"
        "c.server.ui.show_promotional_content, c.client.server_version_check_enabled)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        cwd=REPOSITORY,
    )
    assert done.stdout.split() == [
        str(tmp_path / "prefect"),
        "False",
        "True",
        "90",
        "False",
        "False",
        "False",
    ]
