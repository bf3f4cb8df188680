"""Evidence of another version is said in a line, with what to do."""

from pathlib import Path

import pytest

from flows.night import served
from flows.runtime.errors import HbmcastError
from flows.runtime.settings import resolve
from models.evidence.assumptions import prior_named


def test_evidence_that_lacks_an_assumption_is_told_in_a_line(monkeypatch, tmp_path: Path):
    def of_a_newer_version(settings, for_as_of, fit_missing):
        return prior_named({}, "street.trend_carried.server")

    monkeypatch.setattr(served, "load_fit", of_a_newer_version)
    with pytest.raises(HbmcastError, match=r"no assumption street\.trend_carried\.server.*hbmcast nightly"):
        served.served_fit(resolve(state=tmp_path))
