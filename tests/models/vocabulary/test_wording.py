import pytest

from models.vocabulary.wording import first_few, value_or_range


@pytest.mark.parametrize(
    ("names", "named"),
    [([], ""), (["a"], "a"), (["a", "b"], "a, b"), (["a", "b", "c"], "a, b and 1 more")],
)
def test_first_few_says_how_many_it_leaves_out(names, named):
    assert first_few(names, 2) == named


def test_first_few_are_separated_as_asked():
    assert first_few(["a b", "c d", "e", "f"], 2, "; ") == "a b; c d and 2 more"


def test_a_number_a_range_or_a_bound():
    said = [
        value_or_range(*cells) for cells in (("3", "2", "4"), ("", "2", "4"), ("", "2", ""), ("", "", "4"))
    ]
    assert said == ["3", "2 to 4", "over 2", "under 4"]
    assert value_or_range("", "", "") == ""
