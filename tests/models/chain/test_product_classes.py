"""The product catalogue as arrays: what each class carries when, and what is guessed of the unannounced."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.chain.drivers import prior_arrays
from models.chain.product_classes import (
    NO_SUCCESSOR_QUARTER,
    RETICLE_MM2,
    build_catalogue,
    gross_packages_per_wafer,
    launch_floor,
)
from models.evidence.assumptions import read_priors
from models.evidence.known import known_products
from models.vocabulary.drivers import CLASS_ATTRIBUTES
from models.vocabulary.periods import N_ALL, QUARTERS, parse_period, quarter_of_day
from tests.market import MARKET
from tests.models.forecast_world import assumptions, products

EARLY, LATE = date(2023, 7, 31), date(2026, 11, 22)


def published(day, class_name, attribute) -> bool:
    """Whether the attribute of the class rests on a figure, its own or the last one extrapolated."""
    column = {"packages_per_wafer": "packages_per_cowos_wafer"}.get(attribute, attribute)
    rows = rows_of(day, class_name)
    known = pd.to_numeric(rows[column]).notna()
    if attribute == "packages_per_wafer":
        known |= pd.to_numeric(rows["interposer_area_mm2"]).notna()
    before = MARKET.class_names.index(class_name) - 1
    return bool(known.any()) if len(rows) else published(day, MARKET.class_names[before], attribute)


def catalogue_at(day):
    return build_catalogue(known_products(products(), day), read_priors(assumptions(), day), MARKET, day)


def rows_of(day, name):
    table = known_products(products(), day)
    return table[table["class"] == name]


@given(st.floats(400, 10_000))
def test_ferris_prabhu(area):
    """Gross dies on a wafer after Ferris-Prabhu, exponential form, with the wafer in millimetres."""
    diameter = 300.0
    formula = np.pi * diameter**2 / (4 * area) * np.exp(-2 * np.sqrt(area) / diameter)
    assert gross_packages_per_wafer(area) == pytest.approx(formula, rel=1e-12)
    assert gross_packages_per_wafer(area) < np.pi * (diameter / 2) ** 2 / area
    assert gross_packages_per_wafer(area) > gross_packages_per_wafer(area * 1.01)


def test_ferris_prabhu_is_near_published_packages_per_wafer():
    """H100 class: 28 to 29 packages from about 1700 mm2 (packaging-0092, packaging-0235)."""
    assert 28 <= gross_packages_per_wafer(1700) <= 33


@pytest.mark.parametrize("day", [EARLY, date(2024, 12, 31), LATE])
def test_arrays_are_complete_and_positive(day):
    found = catalogue_at(day)
    for name in CLASS_ATTRIBUTES:
        values = found.arrays[f"class_{name}"]
        assert values.shape == (len(MARKET.classes), N_ALL)
        assert np.isfinite(values).all()
        assert (values > 0).all()
    shares = found.arrays["generation_of_class"]
    assert found.arrays["on_cowos"].shape == (len(MARKET.classes), N_ALL)
    assert shares.shape == (len(MARKET.generation_names), len(MARKET.classes), N_ALL)
    np.testing.assert_allclose(shares.sum(axis=0), 1.0, rtol=1e-12)
    assert (shares >= 0).all()
    for name in ("generation_age_quarters", "generation_superseded_years"):
        times = found.arrays[name]
        assert times.shape == (len(MARKET.generation_names), N_ALL)
        assert (np.diff(times, axis=1) >= 0).all()
        assert (times >= 0).all()


@pytest.mark.parametrize("day", [EARLY, LATE])
def test_a_class_carries_what_its_products_carry(day):
    found = catalogue_at(day)
    for i, name in enumerate(MARKET.class_names):
        gb = pd.to_numeric(rows_of(day, name)["hbm_gb"]).dropna()
        if found.announced[i] and len(gb):
            carried = found.arrays["class_hbm_gb"][i]
            assert gb.min() - 1e-6 <= carried.min(), name
            assert carried.max() <= gb.max() + 1e-6, name


def test_a_class_moves_from_its_first_product_to_its_next():
    """H100 carries 80 GB, H200 141 GB from 2024Q2 on: the Hopper class moves between them."""
    hopper = catalogue_at(LATE).arrays["class_hbm_gb"][MARKET.class_names.index("nvidia_hopper")]
    at = [QUARTERS.index(q) for q in ("2022Q4", "2023Q4", "2025Q1", "2026Q4")]
    assert hopper[at[0]] == pytest.approx(80, abs=8)
    assert (np.diff(hopper[at]) >= 0).all()
    assert hopper[at[-1]] > 120


def usual_lead(day: date) -> float:
    """Quarters from announcement to launch, the median of the products known on a day."""
    known = known_products(products(), day)
    announced = [quarter_of_day(date.fromisoformat(text)) for text in known["announced_on"]]
    launched = [parse_period(text).start // 3 for text in known["launch_quarter"]]
    return max(1.0, float(np.median(np.subtract(launched, announced))))


def test_unannounced_class_extrapolates_its_predecessor():
    found, priors = catalogue_at(EARLY), read_priors(assumptions(), EARLY)
    cadence = np.exp(priors["class.unannounced_cadence_quarters"].loc)
    unannounced = [i for i in range(len(MARKET.classes)) if not found.announced[i]]
    assert "nvidia_rubin" in [MARKET.class_names[i] for i in unannounced]
    for i in unannounced:
        assert MARKET.classes[i].family == MARKET.classes[i - 1].family
        launch = found.arrays["class_launch"]
        earliest = quarter_of_day(EARLY) + usual_lead(EARLY)
        assert launch[i] == pytest.approx(max(launch[i - 1] + cadence, earliest))
        for name in CLASS_ATTRIBUTES:
            values = found.arrays[f"class_{name}"]
            if published(EARLY, MARKET.class_names[i - 1], name):
                growth = np.exp(priors[f"class.{name}.unannounced"].loc)
                np.testing.assert_allclose(values[i], values[i - 1][-1] * growth)
        before, now = found.arrays["generation_of_class"][:, i - 1], found.arrays["generation_of_class"][:, i]
        rank = np.arange(len(MARKET.generation_names)) @ now, np.arange(len(MARKET.generation_names)) @ before
        assert (rank[0] >= rank[1]).all(), "a successor has a later generation, or stays at the last"


def test_a_class_that_is_overdue_and_not_announced_still_has_its_ramp_before_it():
    """By the cadence Google's seventh TPU was due in 2022; nobody announced it before April 2025."""
    day = date(2024, 11, 28)
    found = catalogue_at(day)
    overdue = MARKET.class_names.index("google_tpu_v7_v8")
    assert not found.announced[overdue]
    today = quarter_of_day(day)
    launch = found.arrays["class_launch"]
    assert launch[overdue] == today + usual_lead(day) >= today + 1
    assert found.arrays["class_successor_launch"][overdue - 1] == launch[overdue], (
        "its predecessor goes on till then"
    )
    assert launch[overdue - 1] < today - 4


def test_packages_per_wafer_that_nobody_printed_follow_from_the_stacks():
    """A chip of two stacks has no interposer of eight: more fit on a wafer, and nobody is sure how many."""
    priors, found = read_priors(assumptions(), LATE), catalogue_at(LATE)
    _, scale = prior_arrays(priors, found, MARKET)
    at = MARKET.class_names.index
    packages = found.arrays["class_packages_per_wafer"]
    assert not found.printed_packages[at("google_tpu_v4_v6")]
    assert found.printed_packages[at("nvidia_blackwell")]
    assert packages[at("google_tpu_v4_v6")].min() > 1.5 * packages[at("google_tpu_v7_v8")].max()
    assert packages.max() <= gross_packages_per_wafer(RETICLE_MM2) + 1e-9
    sure, guessed = (scale["class_packages_per_wafer"][at(c)] for c in ("nvidia_blackwell", "aws_trainium"))
    assert guessed > 3 * sure
    # Wafers blend, not packages: half of each product takes the mean of their wafers per package.
    one = products().query("`class` == 'google_tpu_v4_v6'").head(1)
    pair = pd.concat([one, one.assign(product="twin")]).assign(
        packages_per_cowos_wafer=["20", "60"], interposer_area_mm2=""
    )
    others = products().query("`class` != 'google_tpu_v4_v6'")
    mixed = build_catalogue(pd.concat([others, pair]), priors, MARKET, LATE)
    np.testing.assert_allclose(mixed.arrays["class_packages_per_wafer"][at("google_tpu_v4_v6")], 30.0)


def test_unannounced_class_is_wide():
    """By the assumptions of one day, whatever they were: announced or not is what differs."""
    priors = read_priors(assumptions(), LATE)
    early, late = catalogue_at(EARLY), catalogue_at(LATE)
    _, scale_early = prior_arrays(priors, early, MARKET)
    _, scale_late = prior_arrays(priors, late, MARKET)
    rubin = MARKET.class_names.index("nvidia_rubin")
    assert not early.announced[rubin]
    assert late.announced[rubin]
    for name in CLASS_ATTRIBUTES:
        assert scale_early[f"class_{name}"][rubin] > 2 * scale_late[f"class_{name}"][rubin], name
    assert scale_early["class_launch_delay"][rubin] > 1.2 * scale_late["class_launch_delay"][rubin]
    same = np.flatnonzero(
        early.announced & late.announced & (early.printed_packages == late.printed_packages)
    )
    for name in CLASS_ATTRIBUTES:
        np.testing.assert_array_equal(scale_early[f"class_{name}"][same], scale_late[f"class_{name}"][same])


def test_tomorrows_products_change_nothing():
    """A vintage that knows tomorrow's GPU is no vintage."""
    table = products()
    planted = {"announced_on": "2025-01-01", "hbm_gb": 9999, "product": "Planted", "launch_quarter": "2024Q3"}
    tomorrow = table.iloc[[-1]].assign(**planted)
    priors = read_priors(assumptions(), EARLY)
    before = build_catalogue(known_products(table, date(2024, 12, 31)), priors, MARKET, date(2024, 12, 31))
    after = build_catalogue(
        known_products(pd.concat([table, tomorrow]), date(2024, 12, 31)), priors, MARKET, date(2024, 12, 31)
    )
    for name, values in before.arrays.items():
        np.testing.assert_array_equal(after.arrays[name], values, err_msg=name)
    known = build_catalogue(
        known_products(pd.concat([table, tomorrow]), date(2025, 1, 1)), priors, MARKET, date(2025, 1, 1)
    )
    assert not np.array_equal(known.arrays["class_hbm_gb"], before.arrays["class_hbm_gb"])


def test_successors_launch_after():
    arrays = catalogue_at(LATE).arrays
    for i, cls in enumerate(MARKET.classes):
        last = i + 1 == len(MARKET.classes) or MARKET.classes[i + 1].family != cls.family
        expected = NO_SUCCESSOR_QUARTER if last else arrays["class_launch"][i + 1]
        assert arrays["class_successor_launch"][i] == expected
        assert last or arrays["class_successor_launch"][i] > arrays["class_launch"][i]


def product(**columns) -> pd.DataFrame:
    return products().copy().assign(**{k: [v, *products()[k].iloc[1:]] for k, v in columns.items()})


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (
            lambda: product(launch_quarter="soon"),
            r"products\.csv, launch_quarter: period 'soon' can't be read",
        ),
        (
            lambda: product(hbm_generation="HBM9"),
            r"products\.csv: hbm_generation 'HBM9' of .* is not one of HBM2,",
        ),
        (
            lambda: products()[products()["class"] != "nvidia_ampere"],
            r"products\.csv: class nvidia_ampere has no announced product and no predecessor",
        ),
        (
            lambda: products().assign(
                hbm_generation=products()["hbm_generation"].mask(products()["class"] == "china", "")
            ),
            r"products\.csv: no product of class china has an hbm_generation",
        ),
        (
            lambda: products().assign(
                hbm_generation=products()["hbm_generation"].str.replace(r"(?i)^hbm2e?$", "hbm3", regex=True)
            ),
            r"products\.csv: no announced product has the first hbm_generation, hbm2e",
        ),
    ],
)
def test_what_cannot_be_read_is_named(table, says):
    with pytest.raises(ValueError, match=says):
        build_catalogue(table(), read_priors(assumptions(), EARLY), MARKET, EARLY)


def test_a_generation_is_superseded_from_its_successors_first_product_on():
    """Years since the first announced product of the next generation, whoever makes it; none for the last."""
    arrays, table = catalogue_at(LATE).arrays, known_products(products(), LATE)
    first = {
        name: min(
            QUARTERS.index(row.launch_quarter)
            for row in table.itertuples()
            if MARKET.generation_of.get(str(row.hbm_generation).upper()) == name
            and row.launch_quarter in QUARTERS
        )
        for name in ("hbm3", "hbm3e", "hbm4")
    }
    names = MARKET.generation_names
    for name, successor in (("hbm2e", "hbm3"), ("hbm3", "hbm3e"), ("hbm3e", "hbm4")):
        years = np.clip(np.arange(N_ALL) - first[successor], 0, None) / 4
        np.testing.assert_array_equal(arrays["generation_superseded_years"][names.index(name)], years)
    for name, quarter in first.items():
        age = np.clip(np.arange(N_ALL) - quarter, 0, None)
        np.testing.assert_array_equal(arrays["generation_age_quarters"][names.index(name)], age)
    assert (arrays["generation_superseded_years"][-1] == 0).all()


def test_nothing_ships_before_its_launch():
    """All of its trend from the launch quarter on, samples in the quarter before, nothing before that."""
    floor = np.exp(launch_floor(10.0))
    np.testing.assert_array_equal(floor[10:], 1.0)
    assert 0 < floor[9] < 0.06
    assert (floor[:9] < 1e-12).all()
    late = catalogue_at(LATE)
    rubin = MARKET.class_names.index("nvidia_rubin")
    launch = int(late.arrays["class_launch"][rubin])
    np.testing.assert_array_equal(late.arrays["class_floor"][rubin], launch_floor(launch))
    early = catalogue_at(EARLY)
    assert (np.exp(early.arrays["class_floor"][rubin][: quarter_of_day(EARLY) + 1]) < 1e-12).all()
    # Within a class too: no HBM3E ships in Hopper before the quarter ahead of H200's.
    hopper, hbm3e = MARKET.class_names.index("nvidia_hopper"), MARKET.generation_names.index("hbm3e")
    share = late.arrays["generation_of_class"][hbm3e, hopper]
    shipped = share * np.exp(late.arrays["class_floor"][hopper])
    assert (shipped[: QUARTERS.index("2024Q1")] < 1e-9).all()
    assert 1e-4 < share[QUARTERS.index("2024Q1")] < 0.06, "samples"
    assert share[QUARTERS.index("2024Q4")] > 0.2
