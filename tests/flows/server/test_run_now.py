"""What a night loads while Prefect's server starts."""

from threading import Event

from flows.server import run_now


def test_libraries_are_loaded_one_after_the_other_until_the_server_answers(monkeypatch):
    """None is begun after that, none is half loaded when the night goes on, and a missing one is no fault."""
    begun, ended, is_loading, may_end = [], [], Event(), Event()

    class Over(Event):
        """Lets the library that is being loaded end right after the server has answered."""

        def set(self):
            super().set()
            may_end.set()

    def load(name):
        begun.append(name)
        if name == "missing":
            raise ImportError(name)
        is_loading.set()
        may_end.wait()
        ended.append(name)

    monkeypatch.setattr(run_now, "import_module", load)
    monkeypatch.setattr(run_now, "Event", Over)
    monkeypatch.setattr(run_now, "IMPORTED_MEANWHILE", ("missing", "slow", "never"))
    with run_now._importing_meanwhile():
        is_loading.wait()
        assert not ended
    assert begun == ["missing", "slow"]
    assert ended == ["slow"]
