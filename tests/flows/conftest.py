"""A server that misbehaves on demand, without a proxy before it; and no stage that is more than done."""

from collections.abc import Iterator

import pytest

from tests.flows.sources.faulty_server import Server, serving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def never_more_than_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every stage that a test runs says a share of its work between nothing and all of it."""

    def checked(fraction: float, words: str = "") -> None:
        assert 0.0 <= fraction <= 1.0 + 1e-9, f"{fraction:.0%} {words}"

    monkeypatch.setattr("flows.runtime.progress._silent", checked)
