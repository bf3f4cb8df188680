"""Simulation-based calibration: in worlds drawn from the priors, the truth ranks uniformly among draws.

Talts and others, arXiv:1804.06788. One compiled model serves all worlds. Worlds and draws can be raised with
HBMCAST_SBC_WORLDS and HBMCAST_SBC_DRAWS; ranks and their plot go to `sbc/` in the state folder.
"""

import os

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chisquare, kstest

from flows.runtime.settings import state_folder
from models.inference.fit import sample
from models.inference.problem import predict
from models.vocabulary.periods import YEARS
from models.vocabulary.quantities import HEADLINES
from tests.market import MARKET
from tests.world.design import AS_OF
from tests.world.generate import make_world

pytestmark = pytest.mark.slow
WORLDS = int(os.environ.get("HBMCAST_SBC_WORLDS", "24"))
DRAWS = int(os.environ.get("HBMCAST_SBC_DRAWS", "100"))
CHAINS = 2
RANKED = 99
"""Draws kept of each posterior, evenly spaced: nearly independent, and ranks from 0 to 99."""
BINS = 10
GROUPS = {
    "levels and drifts": ("driver_level", "driver_drift"),
    "volatilities": ("driver_log_volatility",),
    "shocks": ("shock_smooth", "shock_fine"),
    "product classes": (
        "class_size",
        "class_launch_delay",
        "class_overlap",
        "class_hbm_gb",
        "class_packages_per_wafer",
    ),
    "constants": ("constant",),
    "definition offsets": ("definition_offset",),
    "publisher bias": ("publisher_bias",),
    "street error": (
        "street_target",
        "street_time",
        "log_forgetting",
        "logit_response",
        "logit_trend_carried",
        "logit_shared",
    ),
    "noise": ("log_noise_kind", "log_noise_topic", "log_noise_other"),
}


@pytest.fixture(scope="module")
def worlds_and_fits(compiled):
    """Posterior of each world: a list of (world, raw draws (draw, ...), share of divergent draws)."""
    found = []
    for seed in range(10_000, 10_000 + WORLDS):
        world = make_world(seed, echoes=False)
        fit = sample(compiled, world.problem, seed, DRAWS, chains=CHAINS)
        flat = fit.flat()
        kept = np.linspace(0, CHAINS * DRAWS - 1, RANKED).astype(int)
        found.append((world, {k: v[kept] for k, v in flat.items()}, fit.statistics["diverging"].mean()))
    return found


def directions(group: str, shapes: dict) -> dict[str, np.ndarray]:
    """One random direction per group and block, the same in every world."""
    generator = np.random.default_rng(len(group))
    return {block: generator.standard_normal(shapes[block]) for block in GROUPS[group]}


def rank(truth: float, draws: np.ndarray, generator: np.random.Generator) -> int:
    """Rank of the truth; ties (a block pinned at zero) are broken at random."""
    below, equal = (draws < truth).sum(), (draws == truth).sum()
    return int(below + generator.integers(0, equal + 1))


@pytest.fixture(scope="module")
def ranks(worlds_and_fits) -> pd.DataFrame:
    """One row per world and ranked number: kind, name, rank."""
    rows = []
    generator = np.random.default_rng(1)
    for number, (world, draws, _) in enumerate(worlds_and_fits):
        for group, blocks in GROUPS.items():
            toward = directions(group, {b: world.raw[b].shape for b in blocks})
            truth = sum((world.raw[b] * toward[b]).sum() for b in blocks)
            drawn = sum((draws[b] * toward[b]).reshape(RANKED, -1).sum(axis=1) for b in blocks)
            rows.append((number, "parameters", group, rank(truth, drawn, generator)))
        quantities = predict(draws, world.problem)
        true = {
            k: v[None] for k, v in predict({k: v[None] for k, v in world.raw.items()}, world.problem).items()
        }
        for name in HEADLINES:
            for year in ("2023", "2025", "2027"):
                drawn, truth = (
                    of_year(q, name, year) for q in (quantities, {k: v[0] for k, v in true.items()})
                )
                rows.append((number, "quantities", f"{name} {year}", rank(float(truth[0]), drawn, generator)))
    table = pd.DataFrame(rows, columns=["world", "kind", "name", "rank"])
    folder = state_folder() / "sbc"
    folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / "ranks.csv", index=False)
    plot(table, folder / "ranks.png")
    return table


def of_year(quantities: dict, name: str, year: str) -> np.ndarray:
    first = 4 * YEARS.index(year)

    def total(row: str) -> np.ndarray:
        quarters = quantities[row][..., first : first + 4]
        return quarters[..., -1] if MARKET.by_name[row].yearly == "end" else quarters.sum(axis=-1)

    quantity = MARKET.by_name[name]
    if quantity.yearly == "ratio":
        return total(quantity.numerator) / total(quantity.denominator)
    return total(name)


def plot(table: pd.DataFrame, path) -> None:
    """Histograms of ranks with the band that a uniform one stays in for 99 of 100 bins."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from scipy.stats import binom

    names = table["name"].unique()
    columns = 4
    figure, axes = plt.subplots(
        -(-len(names) // columns), columns, figsize=(14, 2.2 * -(-len(names) // columns))
    )
    low, high = binom.ppf([0.005, 0.995], WORLDS, 1 / BINS)
    for axis, name in zip(axes.flat, names, strict=False):
        axis.axhspan(low, high, color="0.9")
        axis.hist(
            table.loc[table["name"] == name, "rank"], bins=BINS, range=(0, RANKED + 1), color="tab:blue"
        )
        axis.set_title(name, fontsize=8)
    for axis in axes.flat[len(names) :]:
        axis.axis("off")
    figure.suptitle(f"Ranks of the truth among {RANKED} posterior draws, {WORLDS} worlds, as of {AS_OF}")
    figure.tight_layout()
    figure.savefig(path, dpi=100)
    plt.close(figure)


def test_ranks_are_uniform(ranks):
    """Each parameter group and headline year; one in a thousand, shared among all of them (Bonferroni)."""
    names = ranks["name"].unique()
    generator = np.random.default_rng(2)
    found = {}
    for name in names:
        own = ranks.loc[ranks["name"] == name, "rank"].to_numpy()
        uniform = (own + generator.random(len(own))) / (RANKED + 1)
        counts, _ = np.histogram(own, bins=BINS, range=(0, RANKED + 1))
        found[name] = min(kstest(uniform, "uniform").pvalue, chisquare(counts).pvalue)
    worst = dict(sorted(found.items(), key=lambda item: item[1])[:5])
    assert min(found.values()) > 0.001 / (2 * len(names)), worst


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_central_intervals_cover_as_often_as_they_say(ranks, level):
    """Recovery: all headline years of all worlds; years of one world count as three independent ones."""
    from scipy.stats import binom

    of = ranks[ranks["kind"] == "quantities"]["rank"]
    tail = (1 - level) / 2 * (RANKED + 1)
    share = ((of >= tail) & (of < RANKED + 1 - tail)).mean()
    least, most = binom.ppf([0.001, 0.999], 3 * WORLDS, level) / (3 * WORLDS)
    assert least <= share <= most, f"{share:.1%} of truths in {level:.0%} intervals"


def test_no_world_makes_the_sampler_stumble(worlds_and_fits):
    """Worlds from corners of the priors are harder than the market: a few divergences are expected there."""
    diverging = np.array([share for _, _, share in worlds_and_fits])
    assert np.median(diverging) == 0
    assert diverging.mean() < 0.01
