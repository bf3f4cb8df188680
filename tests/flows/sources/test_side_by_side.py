"""Questions to several servers: side by side, those to one server one after another and apart."""

import threading
import time

import pytest

from flows.sources.side_by_side import MOST_AT_ONCE, Pace, host_of, side_by_side


def test_jobs_of_different_servers_run_at_the_same_time():
    # Each waits for the others: one after another they would never end.
    together = threading.Barrier(3, timeout=60)
    results = side_by_side([({host}, lambda host=host: (together.wait(), host)[1]) for host in "abc"])
    assert results == ["a", "b", "c"]


def test_jobs_with_a_common_server_run_one_after_another_in_their_order():
    running: list[str] = []
    done: list[str] = []

    def job(name: str) -> str:
        running.append(name)
        assert len(running) == 1
        time.sleep(0.02)
        running.remove(name)
        done.append(name)
        return name

    hosts = {"1": {"a"}, "2": {"b"}, "3": {"a", "b"}, "4": {"b", "c"}, "5": {"c"}}
    jobs = [(asked, lambda name=name: job(name)) for name, asked in hosts.items()]
    assert side_by_side(jobs) == list("12345")
    assert done == list("12345")


def test_no_more_servers_than_a_few_at_once():
    lock, running, most = threading.Lock(), [0], [0]

    def job() -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.02)
        with lock:
            running[0] -= 1

    side_by_side([({str(i)}, job) for i in range(3 * MOST_AT_ONCE)])
    assert 1 < most[0] <= MOST_AT_ONCE


def test_what_stops_one_stops_what_has_not_begun():
    stopped, begun, late = [], threading.Event(), []

    def interrupted() -> None:
        begun.wait(60)
        raise KeyboardInterrupt

    def slow() -> None:
        begun.set()
        while not stopped:
            time.sleep(0.01)

    jobs = [({"a"}, interrupted), ({"b"}, slow), ({"b"}, lambda: late.append(1))]
    with pytest.raises(KeyboardInterrupt):
        side_by_side(jobs, lambda: stopped.append(1))
    assert stopped == [1]
    assert late == []


def test_questions_are_apart_and_the_first_waits_for_none(monkeypatch: pytest.MonkeyPatch):
    clock = [100.0]
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        clock[0] += seconds

    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(time, "sleep", sleep)
    pace = Pace(0.5)
    pace.wait()
    clock[0] += 0.2
    pace.wait()
    clock[0] += 3
    pace.wait()
    pace.wait(0.1)
    assert waited == pytest.approx([0, 0.3, 0, 0.1])


def test_the_host_of_an_address_has_its_port_and_a_path_has_none():
    assert host_of("http://Example.org:8080/a.csv") == "example.org:8080"
    assert host_of("/data/a.csv") == host_of("feeds/a.csv") == ""
