import pytest

from models.vocabulary.wording import first_few


@pytest.mark.parametrize(
    ("names", "named"),
    [([], ""), (["a"], "a"), (["a", "b"], "a, b"), (["a", "b", "c"], "a, b and 1 more")],
)
def test_first_few_says_how_many_it_leaves_out(names, named):
    assert first_few(names, 2) == named


def test_first_few_are_separated_as_asked():
    assert first_few(["a b", "c d", "e", "f"], 2, "; ") == "a b; c d and 2 more"
