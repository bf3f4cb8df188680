"""What each quantity of the chain is made of, for whoever asks where a number comes from.

The equations stand in `models.chain.equations`; this says in words which of its inputs have a name an analyst
knows. A figure about any of them moves the quantity.
"""

from functools import lru_cache
from typing import Final

from models.chain.drivers import DECAY, FLOOR_RATIO, GENERATION_ATTRIBUTES
from models.vocabulary.market import REVENUE_CUSTOMER, Market

_LIMITS: Final = ("hbm_bits_supply_gb", "hbm_bits_demand_gb", "cowos_wafers_supply", "cowos_wafers_demand")

_INDUSTRY: Final[dict[str, tuple[str, ...]]] = {
    "ai_server_shipments": ("hbm_server_shipments",),
    "hbm_server_shipments": ("server_shipments", "hbm_server_penetration", "fill_rate"),
    "accelerator_demand": ("server_shipments", "hbm_server_penetration", "accelerators_per_server"),
    "accelerator_shipments": ("accelerator_demand", *_LIMITS),
    "accelerator_shortfall": ("accelerator_demand", "accelerator_shipments"),
    "nvidia_datacenter_revenue_usd": (f"accelerator_shipments_{REVENUE_CUSTOMER}",),
    "hbm_stacks": ("accelerator_shipments", "hbm_stacks_per_accelerator"),
    "hbm_content_gb": ("accelerator_shipments", "hbm_gb_per_accelerator"),
    "hbm_bits_demand_gb": ("accelerator_demand", "hbm_gb_per_accelerator"),
    "hbm_bits_supply_gb": ("hbm_wafers_finished", "hbm_gb_per_wafer"),
    "hbm_wafers_finished": ("hbm_wafers",),
    "hbm_dies_stacked": ("hbm_wafers_finished", "hbm_dies_per_wafer"),
    "hbm_bits_gb": ("hbm_bits_demand_gb", "hbm_bits_supply_gb", "cowos_wafers_supply"),
    # DRAM's price is the floor of HBM's.
    "hbm_revenue_usd": ("hbm_bits_gb", "hbm_price_usd_per_gb", "dram_price_ex_hbm_usd_per_gb"),
    "hbm_wafers": ("hbm_tsv_capacity_wafers_per_month",),
    "dram_revenue_usd": ("hbm_revenue_usd", "dram_revenue_ex_hbm_usd"),
    "dram_bits_gb": ("hbm_bits_gb", "dram_bits_ex_hbm_gb"),
    "cowos_wafers_demand": ("accelerator_demand", "packages_per_cowos_wafer"),
    "cowos_wafers_supply": ("cowos_capacity_wafers_per_month",),
    "cowos_wafers": ("cowos_wafers_demand", "cowos_wafers_supply", "hbm_bits_supply_gb"),
    "cowos_capacity_wafers_per_month": (
        "cowos_capacity_tsmc_wafers_per_month",
        "cowos_capacity_others_wafers_per_month",
    ),
    "cowos_packages": ("cowos_wafers", "packages_per_cowos_wafer"),
}
_INDUSTRY_ASSUMPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "ai_server_shipments": ("driver.other_ai_servers.",),
    "nvidia_datacenter_revenue_usd": ("driver.nvidia_revenue_per_accelerator_usd.",),
    "hbm_gb_per_accelerator": ("class.hbm_gb.",),
    "hbm_stacks_per_accelerator": ("class.hbm_stacks.",),
    "packages_per_cowos_wafer": ("class.packages_per_wafer.", "cowos.yield"),
    "hbm_bits_demand_gb": ("driver.hbm_other_use.", "hbm.lead_"),
    "hbm_wafers_finished": ("hbm.tsv_utilisation",),
    "hbm_gb_per_wafer": (
        *(f"hbm.{name}." for name in GENERATION_ATTRIBUTES),
        "hbm.yield_at_start",
        "hbm.quarters_to_maturity",
    ),
    "hbm_dies_per_wafer": (
        *(f"hbm.{name}." for name in ("die_area_mm2", "die_yield")),
        "hbm.yield_at_start",
        "hbm.quarters_to_maturity",
    ),
    "cowos_wafers_demand": ("cowos.lead_",),
    "hbm_price_usd_per_gb": ("driver.hbm_base_price_usd_per_gb.", FLOOR_RATIO, "premium."),
}


@lru_cache(maxsize=8)
def inputs(market: Market) -> dict[str, tuple[str, ...]]:
    """Quantity to the quantities it is computed from; a ratio has its two parts, a mere driver none."""
    found = dict(_INDUSTRY)
    for customer in market.customers:
        found[f"accelerator_shipments_{customer}"] = tuple(
            f"accelerator_shipments_class_{c.name}" for c in market.classes if c.customer == customer
        )
    for name in market.class_names:
        found[f"accelerator_shipments_class_{name}"] = ("accelerator_shipments", f"accelerator_mix_{name}")
    for g in market.generation_names:
        found[f"hbm_bits_{g}_gb"] = ("hbm_bits_gb", f"hbm_generation_share_{g}")
        found[f"hbm_revenue_{g}_usd"] = (f"hbm_bits_{g}_gb", f"hbm_price_{g}_usd_per_gb")
    for customer in market.cowos_customers:
        found[f"cowos_wafers_{customer}"] = ("cowos_wafers", f"accelerator_shipments_{customer}")
    return found


@lru_cache(maxsize=8)
def assumption_starts(market: Market) -> dict[str, tuple[str, ...]]:
    """Quantity to the starts of the names of assumptions that enter with it, besides `driver.<quantity>.`."""
    found = dict(_INDUSTRY_ASSUMPTIONS)
    for g in market.generations:
        premium = (g.premium,) if g.premium else ()
        found[f"hbm_price_{g.name}_usd_per_gb"] = (
            "driver.hbm_base_price_usd_per_gb.",
            FLOOR_RATIO,
            *premium,
            DECAY,
        )
    return found | {f"accelerator_mix_{name}": (f"class.{name}.",) for name in market.class_names}


def inputs_of(quantity: str, market: Market) -> tuple[str, ...]:
    """Quantities that a quantity is made of.

    Parameters
    ----------
    quantity : str
        Name of a published quantity.
    market : Market

    Returns
    -------
    tuple of str
        Empty for a driver, whose path is itself a parameter of the model.

    Raises
    ------
    KeyError
        No such quantity.
    """
    found = market.by_name[quantity]
    if found.numerator and found.denominator:
        return (found.numerator, found.denominator)
    return inputs(market).get(quantity, ())


def assumptions_of(quantity: str, names: list[str], market: Market) -> list[str]:
    """Those of the assumptions named that enter the chain with a quantity.

    Parameters
    ----------
    quantity : str
    names : list of str
        Names of all assumptions.
    market : Market
    """
    starts = (f"driver.{quantity}.", *assumption_starts(market).get(quantity, ()))
    return sorted(name for name in set(names) if name.startswith(starts))
