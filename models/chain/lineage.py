"""What each quantity of the chain is made of, for whoever asks where a number comes from.

The equations stand in `models.chain.equations`; this says in words which of its inputs have a name an
analyst knows. A
figure about any of them moves the quantity.
"""

from typing import Final

from models.vocabulary.quantities import BY_NAME, CLASSES, CUSTOMERS, GENERATIONS

_LIMITS: Final = ("hbm_bits_supply_gb", "hbm_bits_demand_gb", "cowos_wafers_supply", "cowos_wafers_demand")

INPUTS: Final[dict[str, tuple[str, ...]]] = {
    "ai_server_shipments": ("hbm_server_shipments",),
    "hbm_server_shipments": ("server_shipments", "hbm_server_penetration", "fill_rate"),
    "accelerator_demand": ("server_shipments", "hbm_server_penetration", "accelerators_per_server"),
    "accelerator_shipments": ("accelerator_demand", *_LIMITS),
    **{
        f"accelerator_shipments_{customer}": tuple(
            f"accelerator_shipments_class_{c.name}" for c in CLASSES if c.customer == customer
        )
        for customer in CUSTOMERS
    },
    **{
        f"accelerator_shipments_class_{c.name}": ("accelerator_shipments", f"accelerator_mix_{c.name}")
        for c in CLASSES
    },
    "nvidia_datacenter_revenue_usd": ("accelerator_shipments_nvidia",),
    "hbm_stacks": ("accelerator_shipments", "hbm_stacks_per_accelerator"),
    "hbm_content_gb": ("accelerator_shipments", "hbm_gb_per_accelerator"),
    "hbm_bits_demand_gb": ("accelerator_demand", "hbm_gb_per_accelerator"),
    "hbm_bits_supply_gb": ("hbm_wafers", "hbm_gb_per_wafer"),
    "hbm_bits_gb": ("hbm_bits_demand_gb", "hbm_bits_supply_gb", "cowos_wafers_supply"),
    "hbm_revenue_usd": ("hbm_bits_gb", "hbm_price_usd_per_gb"),
    **{f"hbm_bits_{g}_gb": ("hbm_bits_gb", f"hbm_generation_share_{g}") for g in GENERATIONS},
    **{f"hbm_revenue_{g}_usd": (f"hbm_bits_{g}_gb", f"hbm_price_{g}_usd_per_gb") for g in GENERATIONS},
    "hbm_wafers": ("hbm_tsv_capacity_wafers_per_month",),
    "dram_revenue_usd": ("hbm_revenue_usd",),
    "dram_bits_gb": ("hbm_bits_gb",),
    "cowos_wafers_demand": ("accelerator_demand", "packages_per_cowos_wafer"),
    "cowos_wafers_supply": ("cowos_capacity_wafers_per_month",),
    "cowos_wafers": ("cowos_wafers_demand", "cowos_wafers_supply", "hbm_bits_supply_gb"),
    **{
        f"cowos_wafers_{c}": ("cowos_wafers", f"accelerator_shipments_{c}") for c in CUSTOMERS if c != "china"
    },
    "cowos_capacity_wafers_per_month": (
        "cowos_capacity_tsmc_wafers_per_month",
        "cowos_capacity_others_wafers_per_month",
    ),
    "cowos_packages": ("cowos_wafers", "packages_per_cowos_wafer"),
}
"""Quantity to the quantities it is computed from; a ratio has its two parts, a mere driver none."""

ASSUMPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "ai_server_shipments": ("driver.other_ai_servers.",),
    "nvidia_datacenter_revenue_usd": ("driver.nvidia_revenue_per_accelerator_usd.",),
    "hbm_gb_per_accelerator": ("class.hbm_gb.",),
    "hbm_stacks_per_accelerator": ("class.hbm_stacks.",),
    "packages_per_cowos_wafer": ("class.packages_per_wafer.", "cowos.yield"),
    "hbm_bits_demand_gb": ("driver.hbm_other_use.", "hbm.lead_"),
    "cowos_wafers_demand": ("cowos.lead_",),
    "hbm_price_usd_per_gb": ("driver.hbm_base_price_usd_per_gb.", "premium."),
    **{
        f"hbm_price_{g}_usd_per_gb": ("driver.hbm_base_price_usd_per_gb.", f"premium.{g}")
        for g in GENERATIONS
    },
    "dram_revenue_usd": ("driver.dram_revenue_ex_hbm_usd.",),
    "dram_bits_gb": ("driver.dram_bits_ex_hbm_gb.",),
    **{f"accelerator_mix_{c.name}": (f"class.{c.name}.",) for c in CLASSES},
}
"""Quantity to the starts of the names of the assumptions that enter with it, besides `driver.<quantity>.`."""


def inputs_of(quantity: str) -> tuple[str, ...]:
    """Quantities that a quantity is made of.

    Parameters
    ----------
    quantity : str
        Name in `models.vocabulary.quantities`.

    Returns
    -------
    tuple of str
        Empty for a driver, whose path is itself a parameter of the model.

    Raises
    ------
    KeyError
        No such quantity.
    """
    found = BY_NAME[quantity]
    if found.numerator and found.denominator:
        return (found.numerator, found.denominator)
    return INPUTS.get(quantity, ())


def assumptions_of(quantity: str, names: list[str]) -> list[str]:
    """Those of the assumptions named that enter the chain with a quantity.

    Parameters
    ----------
    quantity : str
    names : list of str
        Names of all assumptions.
    """
    starts = (f"driver.{quantity}.", *ASSUMPTIONS.get(quantity, ()))
    return sorted(name for name in set(names) if name.startswith(starts))
