# ruff: noqa: E501 - claims are easier to read uncut
"""Claims in words against the same in NumPy."""

import numpy as np
import pytest

from models.draws.claims import ClaimError, Operand, parse_claim, probability_of, says_so

RNG = np.random.default_rng(1)
REVENUE, BEFORE, WAFERS = (
    Operand(*name.split()) for name in ("hbm_revenue_usd 2027", "hbm_revenue_usd 2026", "cowos_wafers 2027Q4")
)
TOOLS = Operand("equipment/tcb/usd/total", "2027")
VALUES = {o: np.exp(RNG.normal(size=500)) for o in (REVENUE, BEFORE, WAFERS, TOOLS)}
R, B, W, T = (VALUES[o] for o in (REVENUE, BEFORE, WAFERS, TOOLS))


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("hbm_revenue_usd 2027 > 1.5", R > 1.5),
        ("2 < hbm_revenue_usd 2027", R > 2),
        ("hbm_revenue_usd 2027 < hbm_revenue_usd 2026", R < B),
        ("hbm_revenue_usd 2027 / hbm_revenue_usd 2026 - 1 >= 50%", R / B - 1 >= 0.5),
        ("hbm_revenue_usd 2027 < 0.9 * hbm_revenue_usd 2026 and cowos_wafers 2027Q4>1", (R < 0.9 * B) & (W > 1)),
        ("hbm_revenue_usd 2027 > 2 or cowos_wafers 2027Q4 > 2 and hbm_revenue_usd 2026 > 1", (R > 2) | (W > 2) & (B > 1)),
        ("equipment/tcb/usd/total 2027 / hbm_revenue_usd 2027 <= 1", T / R <= 1),
        ("(hbm_revenue_usd 2027 - hbm_revenue_usd 2026) * 2 > -1", (R - B) * 2 > -1),
        ("hbm_revenue_usd 2027 > 1e-9bn", R > 1),
        ("hbm_revenue_usd 2027 - hbm_revenue_usd 2026 - cowos_wafers 2027Q4 > 0", R - B - W > 0),
    ],
)  # fmt: skip
def test_a_claim_holds_where_numpy_says_so(text, holds):
    assert 0 < holds.mean() < 1
    found = probability_of(parse_claim(text), VALUES)
    assert found.probability == holds.mean()
    assert found.n_draws == 500
    np.testing.assert_allclose(found.mcse, holds.std() / 500**0.5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hbm_revenue_usd > 100e9", "'>' stands where a period"),
        ("hbm_revenue_usd 2027", "it ends where > or >= or < or <= is expected"),
        ("hbm_revenue_usd 2027 > ", "it ends where a quantity"),
        ("hbm_revenue_usd 2027 > 5 6", "'6.0' stands where and, or"),
        ("hbm_revenue_usd 2027Q5 > 5", "not understood"),
        ("1 > 2", "names no quantity"),
        ("hbm_revenue_usd 2027 = 3", "'= 3' is not understood"),
        ("(hbm_revenue_usd 2027 > 3", r"'>' stands where \) is expected"),
        ("", "it ends"),
    ],
)
def test_what_is_no_claim_is_refused_with_the_place(text, said):
    with pytest.raises(ClaimError, match=said):
        parse_claim(text)


def test_operands_and_threshold():
    claim = parse_claim("100bn >= hbm_revenue_usd 2027")
    assert (claim.operands, claim.threshold) == ((REVENUE,), (REVENUE, "<=", 100e9))
    assert (says_so(claim, 9e10), says_so(claim, 2e11)) == (True, False)
    assert parse_claim("hbm_revenue_usd 2027 > 2030").threshold == (REVENUE, ">", 2030.0)
    both = parse_claim("hbm_revenue_usd 2027 > hbm_revenue_usd 2026 and hbm_revenue_usd 2027 > 1")
    assert (both.operands, both.threshold) == ((REVENUE, BEFORE), None)
    assert says_so(both, 1.0) is None
