"""Queries of the documents that ask of systems, where systems were published."""

import pytest

from tests.documented import runs, words_of
from warehouse.query import query

ASKED = [one for language in ("sh", "sql") for one in runs(language, systems=True)]


@pytest.mark.parametrize("one", ASKED, ids=lambda one: one.text)
def test_queries(one, two_nights):
    words, _ = words_of(one.text) if one.language == "sh" else (["sql", one.text], "")
    assert words[0] == "sql"
    assert len(query(two_nights, words[1])) > 0
