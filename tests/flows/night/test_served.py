"""Evidence of another version is said in a line, with what to do."""

from pathlib import Path

import pytest

import models.inference.from_evidence as from_evidence
from flows.night import posterior
from flows.runtime.errors import HbmcastError
from flows.runtime.settings import resolve
from models.evidence.assumptions import prior_named


def test_evidence_that_lacks_an_assumption_is_told_in_a_line(monkeypatch, tmp_path: Path):
    def of_a_newer_version(known, as_of):
        return prior_named({}, "street.trend_carried.server")

    monkeypatch.setattr(posterior, "evidence_of", lambda state, as_of: None)
    monkeypatch.setattr(from_evidence, "problem_from_evidence", of_a_newer_version)
    with pytest.raises(HbmcastError, match=r"no assumption street\.trend_carried\.server.*hbmcast nightly"):
        posterior.load_fit(resolve(state=tmp_path), for_as_of=True)
