"""Signs that are not what they look like, and columns called as the reader's own, in whole evidence."""

import pytest

from models.evidence.validation import validate
from tests.models.evidence.test_validation import FIGURE, SOURCE, TODAY, evidence, only_problem

CYRILLIC, TURNED = "s\u0441", "s1\u202e"
OF_CYRILLIC, OF_TURNED = "cyrillic small letter es, which only looks Latin", "U+202E (right-to-left override)"


def own(**cells: str) -> dict[str, str]:
    """A second figure."""
    return {**FIGURE, "figure_id": "hbm-0002", "origin_id": "hbm-0002", **cells}


@pytest.mark.parametrize(("source_id", "sign"), [(CYRILLIC, OF_CYRILLIC), (TURNED, OF_TURNED)])
def test_a_publication_of_a_sign_that_is_not_seen_is_put_aside(source_id: str, sign: str):
    out = validate(evidence(sources=[SOURCE, {**SOURCE, "source_id": source_id}]), TODAY)
    record = only_problem(out)
    place = ("sources.csv", 3, "source_id", source_id)
    assert (record["file"], record["row"], record["field"], record["value"]) == place
    assert sign in record["problem"]
    assert out.accepted["sources"]["source_id"].tolist() == ["s1"]


@pytest.mark.parametrize(
    ("source_id", "sign"), [(CYRILLIC, OF_CYRILLIC), (TURNED, OF_TURNED), ("s1;s9", "unknown source 's1;s9'")]
)
def test_a_figure_that_names_its_publication_so_is_put_aside_alone(source_id: str, sign: str):
    out = validate(evidence(figures=[FIGURE, own(source_id=source_id)]), TODAY)
    said = out.rejected[["file", "row", "field", "value", "problem"]].drop_duplicates()
    ((*place, problem),) = said.itertuples(index=False, name=None)
    assert place == ["figures/hbm.csv", 3, "source_id", source_id]
    assert sign in problem
    assert out.accepted["figures"]["figure_id"].tolist() == ["hbm-0001"]


@pytest.mark.parametrize(("printed", "read"), [("\uff16", 6), ("\uff11\uff12", 12)])
def test_a_full_width_month_is_read_and_noted(printed: str, read: int):
    out = validate(evidence(figures=[FIGURE, own(period="FY2024", fiscal_year_end_month=printed)]), TODAY)
    assert out.rejected.empty
    assert out.accepted["figures"]["fiscal_year_end_month"].tolist()[1] == read
    (note,) = out.read_as.to_dict("records")
    assert (note["row"], note["printed"], note["read"]) == (3, printed, str(read))


def test_a_month_in_digits_of_another_script_is_put_aside():
    record = only_problem(
        validate(evidence(figures=[FIGURE, own(period="FY2024", fiscal_year_end_month="\u0666")]), TODAY)
    )
    assert (record["row"], record["field"], record["value"]) == (3, "fiscal_year_end_month", "\u0666")
    assert "digit of another script" in record["problem"]


@pytest.mark.parametrize("name", ["row", "file"])
def test_a_column_called_as_the_reader_calls_its_own_is_read_as_any_other(name: str):
    raw = evidence(figures=[FIGURE, own(unit="dollars")])
    tables = ("figures/hbm.csv", "sources.csv", "metrics.csv")
    out = validate({**raw, **{file: raw[file].assign(**{name: "the first"}) for file in tables}}, TODAY)
    record = only_problem(out)
    assert (record["file"], record["row"], record["field"]) == ("figures/hbm.csv", 3, "unit")
    good = out.accepted["figures"].iloc[0]
    assert (good["figure_id"], good["file"], good["row"]) == ("hbm-0001", "figures/hbm.csv", 2)
