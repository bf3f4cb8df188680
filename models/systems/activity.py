"""What the process steps touch: wafers, dies, stacks, packages and chips, started or made per quarter.

Two kinds. What is *made* follows shipped bits and used CoWoS wafers, and pulls materials. What could be
started *at full use* of the TSV and CoWoS capacity at the end of a quarter pulls tools: lines are equipped
for their capacity, not for what they happen to run. Equations: DESIGN.md section 3.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from zlib import crc32

import numpy as np
import pandas as pd

from models.chain.drivers import BITS_PER_BYTE
from models.chain.equations import MONTHS_PER_QUARTER
from models.draws.joint import Draws
from models.evidence.assumptions import Prior, prior_named, read_priors
from models.vocabulary.market import Market
from models.vocabulary.periods import N_QUARTERS, QUARTERS

HYBRID_START, HYBRID_END = QUARTERS.index("2025Q4"), QUARTERS.index("2027Q4")
FULL_USE = ("hbm_wafer", "hbm_die", "hbm_stack", "cowos_wafer", "cowos_package", "cowos_chip")
MADE = tuple(f"{unit}_made" for unit in FULL_USE)
ROUTES = ("", "tc_ncf", "mr_muf", "hybrid", "cow_reflow", "cow_tcb")


@dataclass
class Assumed:
    """Fresh draws of assumptions: one set per name and key, whatever else is drawn.

    Each name has a random stream of its own, so that a new process step or material leaves the draws of
    all others as they were.

    Attributes
    ----------
    priors : dict of Prior
    n_draws : int
    entropy : int
        Root of all streams.
    used : set of str
        Assumptions asked for so far.
    """

    priors: dict[str, Prior]
    n_draws: int
    entropy: int
    used: set[str] = field(default_factory=set)

    def __call__(self, name: str, key: str = "") -> np.ndarray:
        """Draw an assumption in natural units, (draw, 1); another `key` gives independent draws of it."""
        self.used.add(name)
        return self.between(prior_named(self.priors, name), f"{name}|{key}")

    def between(self, prior: Prior, stream: str) -> np.ndarray:
        """Draw from a prior on a named stream, (draw, 1)."""
        rng = self.stream(stream)
        return prior.natural(prior.loc + prior.scale * rng.standard_normal((self.n_draws, 1)))

    def middle(self, name: str) -> float:
        """Median of an assumption, for what must be one number over all draws (scales of errors)."""
        self.used.add(name)
        prior = prior_named(self.priors, name)
        return float(prior.natural(np.array(prior.loc)))

    def log_sd(self, name: str) -> float:
        """Look up the standard deviation of the log of a lognormal assumption."""
        self.used.add(name)
        return prior_named(self.priors, name).scale

    def stream(self, name: str) -> np.random.Generator:
        """Random numbers that depend on the root and the name alone."""
        return np.random.default_rng([self.entropy, crc32(name.encode())])


def assume(assumptions: pd.DataFrame, as_of: date, n_draws: int, rng: np.random.Generator) -> Assumed:
    """Make the draws of the assumptions known on a date.

    Parameters
    ----------
    assumptions : DataFrame
        Columns of data/assumptions.csv.
    as_of : datetime.date
    n_draws : int
    rng : numpy.random.Generator
        One number is taken, the root of all streams.
    """
    return Assumed(read_priors(assumptions, as_of), n_draws, int(rng.integers(2**62)))


def full_use_inputs(market: Market) -> dict[str, tuple[str, ...]]:
    """Quantities of the chain behind `full_use`, by part."""
    return {
        "hbm": ("hbm_tsv_capacity_wafers_per_month", "hbm_dies_per_wafer", *_bits(market)),
        "cowos": (
            "cowos_capacity_wafers_per_month",
            "packages_per_cowos_wafer",
            "hbm_stacks_per_accelerator",
        ),
    }


def made_inputs(market: Market) -> dict[str, tuple[str, ...]]:
    """Quantities of the chain behind `made`, by part."""
    return {
        "hbm": ("hbm_gb_per_wafer", "hbm_dies_per_wafer", *_bits(market)),
        "cowos": ("cowos_wafers", "cowos_packages", "hbm_stacks_per_accelerator"),
    }


def start_inputs(market: Market) -> tuple[str, ...]:
    """Assumptions between dies and the stacks that are started of them, beside the chain's own."""
    names = ("hbm.die_gbit", "equipment.layers_per_stack")
    return tuple(f"{name}.{generation}" for name in names for generation in market.generation_names)


def _bits(market: Market) -> tuple[str, ...]:
    return tuple(f"hbm_bits_{generation}_gb" for generation in market.generation_names)


def stacks_and_dies(
    drawn: Draws, assumed: Assumed, market: Market
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Good stacks and the DRAM dies in them, by generation, from shipped bits.

    ``dies = bits / GB per die`` and ``stacks = dies / layers``, so stacks x layers = dies in every draw.

    Parameters
    ----------
    drawn : Draws
    assumed : Assumed
    market : Market
        Gives the generations.

    Returns
    -------
    stacks, dies : dict of ndarray (draw, 28) by generation
    """
    stacks, dies = {}, {}
    for generation in market.generation_names:
        bits = drawn.quarters(f"hbm_bits_{generation}_gb")
        dies[generation] = bits / assumed(f"hbm.die_gbit.{generation}") * BITS_PER_BYTE
        stacks[generation] = dies[generation] / assumed(f"equipment.layers_per_stack.{generation}")
    return stacks, dies


def full_use(drawn: Draws, assumed: Assumed, market: Market) -> dict[str, np.ndarray]:
    """Count starts per quarter at full use of the capacity at each quarter's end.

    A wafer gives as many dies to stack as the chain's own supply limit rests on, draw by draw: gross dies x
    die yield, what stacking scraps included.

    Parameters
    ----------
    drawn : Draws
        Needs what `full_use_inputs` names.
    assumed : Assumed
        Needs what `start_inputs` names, and ``equipment.logic_chips_per_package``.
    market : Market
        Gives the generations.

    Returns
    -------
    dict of ndarray (draw, 28)
        By `FULL_USE`. Dies and stacks have the generation mix of what is shipped.
    """
    hbm_wafer = MONTHS_PER_QUARTER * drawn.quarters("hbm_tsv_capacity_wafers_per_month")
    dies, stacks = _started(hbm_wafer, drawn, assumed, market)
    cowos_wafer = MONTHS_PER_QUARTER * drawn.quarters("cowos_capacity_wafers_per_month")
    cowos_package = cowos_wafer * drawn.quarters("packages_per_cowos_wafer")
    cowos_chip = cowos_package * _chips_per_package(drawn, assumed)
    found = (hbm_wafer, dies, stacks, cowos_wafer, cowos_package, cowos_chip)
    return dict(zip(FULL_USE, found, strict=True))


def made(drawn: Draws, assumed: Assumed, market: Market) -> dict[str, np.ndarray]:
    """Count starts per quarter of what is really made.

    Parameters
    ----------
    drawn : Draws
        Needs what `made_inputs` names.
    assumed, market
        As for `full_use`.

    Returns
    -------
    dict of ndarray (draw, 28)
        By `MADE`. Dies and stacks are starts, what stacking scraps included. Wafers are those that the
        shipped bits took, not all that the capacity could have processed.
    """
    hbm_wafer = added(drawn.quarters(name) for name in _bits(market)) / drawn.quarters("hbm_gb_per_wafer")
    dies, stacks = _started(hbm_wafer, drawn, assumed, market)
    package = drawn.quarters("cowos_packages")
    found = (
        hbm_wafer,
        dies,
        stacks,
        drawn.quarters("cowos_wafers"),
        package,
        package * _chips_per_package(drawn, assumed),
    )
    return dict(zip(MADE, found, strict=True))


def _started(
    hbm_wafer: np.ndarray, drawn: Draws, assumed: Assumed, market: Market
) -> tuple[np.ndarray, np.ndarray]:
    """Dies and stacks started from wafers, all generations, (draw, 28): stacks as high as what is shipped."""
    dies = hbm_wafer * drawn.quarters("hbm_dies_per_wafer")
    good_stacks, good_dies = (added(kind.values()) for kind in stacks_and_dies(drawn, assumed, market))
    return dies, dies * good_stacks / good_dies


def route_shares(assumed: Assumed) -> dict[str, np.ndarray]:
    """Share of each way of joining chips, (draw, 28); the ways of one kind sum to one in every draw.

    Dies of a stack: 'tc_ncf' (thermo-compression with film), 'mr_muf' (mass reflow with molded underfill),
    'hybrid'. Chips on an interposer: 'cow_reflow', 'cow_tcb'. The empty route is everything.
    """
    ramp = np.clip((np.arange(N_QUARTERS) - HYBRID_START) / (HYBRID_END - HYBRID_START), 0, 1)
    hybrid = assumed("equipment.hybrid_share_end_2027") * ramp
    reflow = assumed("equipment.mr_muf_share") * (1 - hybrid)
    cow_tcb = np.broadcast_to(assumed("equipment.cow_tcb_share"), hybrid.shape)
    shares = (np.ones_like(hybrid), 1 - hybrid - reflow, reflow, hybrid, 1 - cow_tcb, cow_tcb)
    return dict(zip(ROUTES, shares, strict=True))


def _chips_per_package(drawn: Draws, assumed: Assumed) -> np.ndarray:
    stacks = drawn.quarters("hbm_stacks_per_accelerator")
    return stacks + assumed("equipment.logic_chips_per_package")


def added(values: Iterable[np.ndarray]) -> np.ndarray:
    """Add arrays up, one after the other."""
    return reduce(np.add, values)


def missing_as_empty(table: pd.DataFrame) -> pd.DataFrame:
    """Replace missing cells by empty strings, whatever the dtype."""
    return table.astype(object).where(table.notna(), "")
