"""A forecast shared in a folder or a bucket: a reader sees all of a run or all of the one before."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

import tests.warehouse.synthetic_warehouse as synthetic
from flows.night import share
from flows.night.share import share_served
from flows.runtime import fetched, shared_place
from flows.runtime.errors import HbmcastError
from flows.runtime.settings import Settings, resolve
from flows.runtime.shared_place import check_place, read_run
from tests.s3_server import SECRET, S3Server, s3_server
from warehouse.layout import draws_file, published_file
from warehouse.query import query

PLACE = "s3://team/forecasts"


class Nights(NamedTuple):
    """States after a night and after the next."""

    first: Path
    second: Path


@pytest.fixture(scope="session")
def nights(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """Not to be changed by a test; copies, for who shares works in the state's own folder for a moment."""
    place = tmp_path_factory.mktemp("nights")
    first, second = (Path(shutil.copytree(published, place / name)) for name in ("first", "second"))
    synthetic.publish(second, "night-2", synthetic.joint_draws(3, shift=0.1, n=40), frozen=True)
    return Nights(first, second)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch):
    with s3_server() as server:
        for name, text in server.environment.items():
            monkeypatch.setenv(name, text)
        monkeypatch.setattr(shared_place, "_RETRIES", {"max_retries": 0})
        yield server


def settings_of(state: Path, place: str) -> Settings:
    return replace(resolve(state=state), share=check_place(place))


def shared(state: Path, place: str = PLACE) -> str:
    """Share what a state serves; give the lines that were said."""
    said: list[str] = []
    share_served(settings_of(state, place), said.append)
    return "\n".join(said)


@pytest.fixture
def fetch(hbmcast, tmp_path):
    """Fetch into a colleague's state folder; give the run served there, or the error."""
    state = tmp_path / "colleague"

    def fetched_run(place: str = PLACE, *words: str) -> str:
        code, _, said = hbmcast("fetch", place, "--state", state, *words)
        if code:
            return said
        forecast = query(state, "SELECT DISTINCT run_id FROM forecast f SEMI JOIN latest_run USING (run_id)")
        return str(forecast.to_pylist()[0]["run_id"])

    fetched_run.state = state
    return fetched_run


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_a_colleague_asks_what_was_shared(kind, nights, bucket, fetch, hbmcast, tmp_path):
    place = PLACE if kind == "bucket" else str(tmp_path / "shared")
    assert shared(nights.first, place).startswith(f"shared at {place}: night-1")
    assert fetch(place) == "night-1"
    there = str(fetch.state)
    for words in (
        ("show", "--format", "csv"),
        ("claim", "hbm_revenue_usd 2026 > 50e9"),
    ):
        asked, known = (hbmcast(*words, "--state", state)[1] for state in (there, nights.first))
        # A claim says more of earlier runs where their draws are.
        assert asked.split("\n\n")[0] == known.split("\n\n")[0] != ""
    assert shared(nights.second, place).startswith(f"shared at {place}: night-2")
    assert fetch(place) == "night-2"
    assert (fetch.state / draws_file("night-1")).exists(), "who reads meanwhile may still need them"


def test_a_reader_keeps_the_files_of_two_runs_and_what_is_kept_for_good(tmp_path):
    for run in ("a", "b", "c"):
        files = [f"draws/{run}", f"frozen/{run}", "warehouse.duckdb"]
        for name in files:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            if name != files[-1]:
                (tmp_path / name).write_text(run, encoding="utf-8")
        fetched._note(tmp_path, hashlib.sha256(run.encode()).hexdigest(), files)
        fetched._refuse_own(tmp_path)  # stopped here, the one before is served
        (tmp_path / files[-1]).write_text(run, encoding="utf-8")
        fetched._refuse_own(tmp_path)
    assert sorted(path.name for path in (tmp_path / "draws").iterdir()) == ["b", "c"]
    assert len(list((tmp_path / "frozen").iterdir())) == 3


def test_without_draws_only_what_rests_on_them_is_missing(nights, bucket, fetch, hbmcast):
    shared(nights.first)
    assert fetch(PLACE, "--no-draws") == "night-1"
    assert not (fetch.state / draws_file("night-1")).exists()
    assert hbmcast("show", "--state", fetch.state)[0] == 0


def test_what_is_there_is_not_sent_again_and_the_pointer_comes_last(nights, bucket):
    shared(nights.first)
    sent = bucket.puts()
    assert sent[-1] == "forecasts/latest.json"
    assert sent[-2].startswith("forecasts/runs/")
    bucket.asked.clear()
    assert shared(nights.first).endswith("0 MB sent")
    assert [key for key in bucket.puts() if "/files/" in key] == []


def test_whatever_fails_on_the_way_readers_see_the_run_before(nights, bucket, fetch):
    shared(nights.first)
    bucket.asked.clear()
    shared(nights.second)
    on_the_way = [(m, key) for m, key in dict.fromkeys(bucket.asked) if m in ("GET", "PUT")]
    assert len([m for m, _ in on_the_way if m == "PUT"]) >= 4
    second = dict(bucket.objects)
    bucket.objects.clear()
    shared(nights.first)
    first = dict(bucket.objects)
    for failing in on_the_way:
        bucket.objects = dict(first)
        bucket.fails = lambda *asked, failing=failing: asked == failing
        said = shared(nights.second)
        serves = run_there(bucket)
        if said.startswith("shared"):
            assert serves == "night-2", failing  # what failed was tidying
            continue
        assert said.startswith("not shared, the next night tries again: s3://"), failing
        assert len(said.splitlines()) == 1
        assert serves == "night-1", failing
    bucket.fails = lambda *_: False
    bucket.objects = dict(first)
    assert shared(nights.second).startswith("shared")
    assert fetch() == "night-2"
    assert set(second) <= set(bucket.objects)


def run_there(bucket: S3Server) -> str:
    """Name the run that a reader of the bucket finds, whole."""
    run = read_run(bucket.objects["forecasts/latest.json"], PLACE)
    for file in run.files:
        assert hashlib.sha256(bucket.objects[f"forecasts/{file.key}"]).hexdigest() == file.sha256
    return run.run_id


def test_a_place_that_is_down_or_slow_or_shut_costs_one_line(nights, bucket, fetch, monkeypatch):
    bucket.hangs = True
    monkeypatch.setattr(shared_place, "SECONDS", 0.2)
    said = shared(nights.first)
    assert said == f"not shared, the next night tries again: {PLACE} was not done within 0.2 s"
    bucket.release.set()
    bucket.hangs = False
    monkeypatch.setattr(shared_place, "SECONDS", 600.0)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    for said in (shared(nights.first), fetch()):
        assert "refuses these credentials" in said
        assert SECRET not in said
    assert bucket.objects == {}
    bucket.shutdown()
    bucket.server_close()
    for said in (shared(nights.first), fetch()):
        assert PLACE in said
        assert len(said.strip().splitlines()) == 1


def test_a_folder_that_is_not_there_is_said(nights, tmp_path, fetch):
    (tmp_path / "file").touch()
    assert shared(nights.first, str(tmp_path / "file" / "below")).startswith("not shared, the next night")
    assert "there is no such folder" in fetch(str(tmp_path / "nowhere"))
    (tmp_path / "empty").mkdir()
    assert "nothing is shared" in fetch(str(tmp_path / "empty"))


def test_half_an_upload_is_sent_again_and_damage_is_not_taken(nights, bucket, fetch):
    shared(nights.first)
    assert fetch() == "night-1"
    shared(nights.second)
    (warehouse,) = [
        k for k, body in bucket.objects.items() if body == published_file(nights.second).read_bytes()
    ]
    whole = bucket.objects[warehouse]
    bucket.objects[warehouse] = whole[:-1] + b"?"
    assert "is damaged" in fetch()
    assert query(fetch.state, "FROM latest_run").to_pylist()[0]["run_id"] == "night-1"
    bucket.objects[warehouse] = whole[:100]
    shared(nights.second)
    assert fetch() == "night-2"
    del bucket.objects[warehouse]
    shutil.rmtree(fetch.state)
    assert "lacks a file of night-2" in fetch()


def test_a_reader_whom_the_next_night_overtakes_gets_the_next_run(nights, bucket, fetch):
    shared(nights.first)
    old = dict(bucket.objects)

    def overtake(method, key):
        if method == "GET" and "/files/" in key:
            bucket.before = lambda *_: None
            shared(nights.second)
            for gone in set(old) & {k for k in bucket.objects if "/files/" in k}:
                del bucket.objects[gone]
            shared(nights.second)

    bucket.before = overtake
    assert fetch() == "night-2"


def test_earlier_runs_go_and_what_is_kept_for_good_stays(nights, bucket, monkeypatch):
    monkeypatch.setattr(shared_place, "KEPT_RUNS", 1)
    shared(nights.second)
    newest = {key for key in bucket.objects if "/files/" in key}
    bucket.objects.clear()
    shared(nights.first)
    bucket.aged = set(bucket.objects)
    shared(nights.second)
    assert {key for key in bucket.objects if "/files/" in key} == newest
    assert len([key for key in bucket.objects if "/runs/" in key]) == 1


def test_what_is_young_is_no_leftover(nights, bucket, monkeypatch):
    monkeypatch.setattr(shared_place, "KEPT_RUNS", 1)
    shared(nights.first)
    files = {key for key in bucket.objects if "/files/" in key}
    shared(nights.second)
    assert files <= set(bucket.objects)


def test_a_later_run_is_not_replaced_by_an_earlier_one(nights, bucket, fetch):
    shared(nights.second)
    assert "serves the later run night-2" in shared(nights.first)
    assert fetch() == "night-2"


def test_a_forecast_of_ones_own_is_not_overwritten(nights, bucket, hbmcast, tmp_path):
    shared(nights.second)
    own = shutil.copytree(nights.first, tmp_path / "own")
    code, _, said = hbmcast("fetch", PLACE, "--state", own)
    assert code == 1
    assert "holds a forecast of its own" in said
    assert published_file(own).read_bytes() == published_file(nights.first).read_bytes()


def test_what_must_not_leave_the_house_stays_home(nights, bucket, monkeypatch):
    notes = {"desk-1": ["public", "Not to be exported"], "other": [""]}
    monkeypatch.setattr(share, "licence_notes", lambda state: notes)
    assert "not_to_be_exported (desk-1); it stays home" in shared(nights.first)
    assert bucket.objects == {}


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "draws/../../x", "draws//x", ""])
def test_a_list_that_names_a_file_elsewhere_is_refused(name):
    file = f'{{"file": "{name}", "sha256": "{"0" * 64}", "bytes": 1}}'
    text = f'{{"layout": 1, "run_id": "a", "as_of": "b", "published_at": "c", "files": [{file}]}}'
    with pytest.raises(HbmcastError, match="none of a state folder"):
        read_run(text, "there")


def test_an_address_that_is_none_is_refused_at_once(monkeypatch):
    with pytest.raises(HbmcastError, match="no shared place"):
        check_place("ftp://team/x")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://store.example")
    with pytest.raises(HbmcastError, match="without encryption"):
        check_place(PLACE)
