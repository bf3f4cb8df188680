"""A server that misbehaves on demand, and no proxy between it and the tests."""

from collections.abc import Iterator

import pytest

from tests.flows.sources.faulty_server import Server, serving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")
    with serving() as running:
        yield running
