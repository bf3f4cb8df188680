"""The vocabulary of what the chain computes: names, units and how a year is made of quarters.

One table, used by the chain, the evidence, the warehouse and the plots, so that the same quantity has
the same name everywhere. Which classes, customers and generations there are is data
(`models.vocabulary.market`).
"""

from dataclasses import dataclass

from models.vocabulary.periods import DATED_KINDS, Period


@dataclass(frozen=True)
class Quantity:
    """One published quantity.

    Parameters
    ----------
    name : str
        Name in CSV, code, SQL and plots.
    unit : str
        Unit of the quarterly value.
    yearly : {'sum', 'end', 'ratio'}
        How a year is made: sum of its quarters, value of its last quarter, or ratio of the yearly
        `numerator` to the yearly `denominator`.
    topic : str
        Group for views and pooling: 'server', 'accelerator', 'hbm', 'dram', 'cowos'.
    description : str
        One sentence for the data dictionary.
    headline : bool
        Whether the quantity stands in the headline table.
    numerator, denominator : str
        For ratios: the quantities whose ratio it is.
    """

    name: str
    unit: str
    yearly: str
    topic: str
    description: str
    headline: bool = False
    numerator: str = ""
    denominator: str = ""


STAGES = ("demand", "hbm", "cowos")


def _sum(name: str, unit: str, topic: str, description: str, headline: bool = False) -> Quantity:
    return Quantity(name, unit, "sum", topic, description, headline)


def _end(name: str, topic: str, description: str, headline: bool = False) -> Quantity:
    return Quantity(name, "wafers_per_month", "end", topic, description, headline)


def _ratio(
    name: str, unit: str, topic: str, of: str, per: str, description: str, headline: bool = False
) -> Quantity:
    return Quantity(name, unit, "ratio", topic, description, headline, of, per)


def quantities_of(
    classes: tuple[str, ...],
    customers: tuple[str, ...],
    cowos_customers: tuple[str, ...],
    generations: tuple[str, ...],
) -> tuple[Quantity, ...]:
    """List every published quantity of a market (`models.vocabulary.market.Market.quantities`).

    Parameters
    ----------
    classes, customers, generations : tuple of str
        Product classes, their customers and HBM generations.
    cowos_customers : tuple of str
        Customers whose packages are made on CoWoS wafers.
    """
    return (
        _sum("server_shipments", "units", "server", "Servers of all types shipped, TrendForce's count"),
        _sum(
            "ai_server_shipments",
            "units",
            "ai_server",
            "All AI servers (GPU, FPGA, ASIC), TrendForce's count since May 2023",
        ),
        _sum(
            "hbm_server_shipments",
            "units",
            "ai_server",
            "Training-class (HBM) servers shipped, in 8-accelerator equivalents",
        ),
        _ratio(
            "hbm_server_penetration",
            "fraction",
            "ai_server",
            "hbm_server_shipments",
            "server_shipments",
            "Share of servers that are training-class (HBM) servers",
        ),
        _ratio(
            "ai_server_penetration",
            "fraction",
            "ai_server",
            "ai_server_shipments",
            "server_shipments",
            "Share of servers that are AI servers of any kind",
        ),
        _ratio(
            "accelerators_per_server",
            "count",
            "server",
            "accelerator_shipments",
            "hbm_server_shipments",
            "HBM accelerators per training-class server",
        ),
        _sum("accelerator_demand", "units", "accelerator", "HBM accelerators wanted, counted as packages"),
        _sum(
            "accelerator_shipments",
            "units",
            "accelerator",
            "HBM accelerators shipped, counted as packages",
            True,
        ),
        *(
            _sum(f"accelerator_shipments_{c}", "units", "accelerator", f"HBM accelerators shipped, {c}")
            for c in customers
        ),
        *(
            _sum(
                f"accelerator_shipments_class_{c}",
                "units",
                "accelerator",
                f"HBM accelerators shipped, class {c}",
            )
            for c in classes
        ),
        *(
            _ratio(
                f"accelerator_mix_{c}",
                "fraction",
                "accelerator",
                f"accelerator_shipments_class_{c}",
                "accelerator_shipments",
                f"Share of class {c} in HBM accelerators shipped",
            )
            for c in classes
        ),
        _sum(
            "nvidia_datacenter_revenue_usd",
            "USD",
            "accelerator",
            "NVIDIA data-centre revenue, networking included",
        ),
        _sum("hbm_stacks", "stacks", "hbm", "HBM stacks inside accelerators shipped"),
        _sum("hbm_content_gb", "GB", "hbm", "HBM inside accelerators shipped"),
        _ratio(
            "hbm_gb_per_accelerator",
            "GB",
            "hbm",
            "hbm_content_gb",
            "accelerator_shipments",
            "HBM per accelerator",
        ),
        _ratio(
            "hbm_stacks_per_accelerator",
            "stacks",
            "hbm",
            "hbm_stacks",
            "accelerator_shipments",
            "HBM stacks per accelerator",
        ),
        _sum(
            "hbm_bits_demand_gb",
            "GB",
            "hbm",
            "HBM bits wanted (accelerator content ahead of shipment, inventory, other)",
        ),
        _sum("hbm_bits_supply_gb", "GB", "hbm", "HBM bits the TSV capacity can supply"),
        _sum("hbm_bits_gb", "GB", "hbm", "HBM bits shipped", True),
        _ratio(
            "hbm_price_usd_per_gb",
            "USD_per_GB",
            "hbm",
            "hbm_revenue_usd",
            "hbm_bits_gb",
            "Blended HBM price",
            True,
        ),
        _sum("hbm_revenue_usd", "USD", "hbm", "HBM revenue of the memory makers", True),
        *(_sum(f"hbm_bits_{g}_gb", "GB", "hbm", f"HBM bits shipped, generation {g}") for g in generations),
        *(
            _ratio(
                f"hbm_generation_share_{g}",
                "fraction",
                "hbm",
                f"hbm_bits_{g}_gb",
                "hbm_bits_gb",
                f"Share of {g} in HBM bits shipped",
            )
            for g in generations
        ),
        *(_sum(f"hbm_revenue_{g}_usd", "USD", "hbm", f"HBM revenue, generation {g}") for g in generations),
        *(
            _ratio(
                f"hbm_price_{g}_usd_per_gb",
                "USD_per_GB",
                "hbm",
                f"hbm_revenue_{g}_usd",
                f"hbm_bits_{g}_gb",
                f"HBM price, generation {g}",
            )
            for g in generations
        ),
        *(
            _ratio(
                f"hbm_revenue_share_{g}",
                "fraction",
                "hbm",
                f"hbm_revenue_{g}_usd",
                "hbm_revenue_usd",
                f"Share of {g} in HBM revenue",
            )
            for g in generations
        ),
        _end(
            "hbm_tsv_capacity_wafers_per_month",
            "hbm",
            "HBM TSV capacity at the end of the period, all makers",
        ),
        _sum("hbm_wafers", "wafers", "hbm", "DRAM wafers the TSV capacity can process in the period"),
        _ratio(
            "hbm_gb_per_wafer",
            "GB",
            "hbm",
            "hbm_bits_supply_gb",
            "hbm_wafers_finished",
            "Good HBM GB per finished TSV wafer: gross dies x GB per die x die yield x stack yield",
        ),
        _sum(
            "hbm_wafers_finished",
            "wafers",
            "hbm",
            "TSV wafers finished in the period at full supply: capacity x utilisation, half a quarter later",
        ),
        _sum(
            "hbm_dies_stacked",
            "dies",
            "hbm",
            "DRAM dies that go into stacks in the period at full supply",
        ),
        _ratio(
            "hbm_dies_per_wafer",
            "dies_per_wafer",
            "hbm",
            "hbm_dies_stacked",
            "hbm_wafers_finished",
            "DRAM dies of a finished TSV wafer that go into stacks: gross dies x die yield",
        ),
        _ratio(
            "hbm_sufficiency",
            "ratio",
            "hbm",
            "hbm_bits_supply_gb",
            "hbm_bits_demand_gb",
            "HBM supply over what is wanted: below one HBM is short",
        ),
        _sum("dram_revenue_ex_hbm_usd", "USD", "dram", "DRAM revenue of all makers without HBM"),
        _sum("dram_bits_ex_hbm_gb", "GB", "dram", "DRAM bits shipped by all makers without HBM"),
        _ratio(
            "dram_price_ex_hbm_usd_per_gb",
            "USD_per_GB",
            "dram",
            "dram_revenue_ex_hbm_usd",
            "dram_bits_ex_hbm_gb",
            "Average price of DRAM without HBM",
        ),
        _sum("dram_revenue_usd", "USD", "dram", "DRAM revenue of all makers, HBM included"),
        _sum("dram_bits_gb", "GB", "dram", "DRAM bits shipped by all makers, HBM included"),
        _ratio(
            "dram_price_usd_per_gb",
            "USD_per_GB",
            "dram",
            "dram_revenue_usd",
            "dram_bits_gb",
            "Blended DRAM price",
        ),
        _ratio(
            "hbm_share_of_dram_revenue",
            "fraction",
            "dram",
            "hbm_revenue_usd",
            "dram_revenue_usd",
            "HBM share of DRAM revenue",
        ),
        _ratio(
            "hbm_share_of_dram_bits",
            "fraction",
            "dram",
            "hbm_bits_gb",
            "dram_bits_gb",
            "HBM share of DRAM bits",
        ),
        _end(
            "dram_wafer_capacity_wafers_per_month",
            "dram",
            "DRAM wafer capacity of all makers at the end of the period",
        ),
        _ratio(
            "hbm_share_of_dram_wafer_capacity",
            "fraction",
            "dram",
            "hbm_tsv_capacity_wafers_per_month",
            "dram_wafer_capacity_wafers_per_month",
            "HBM TSV capacity as a share of DRAM wafer capacity",
        ),
        _sum("cowos_wafers_demand", "wafers", "cowos", "CoWoS wafers wanted"),
        _sum("cowos_wafers_supply", "wafers", "cowos", "CoWoS wafers the capacity can supply"),
        _sum("cowos_wafers", "wafers", "cowos", "CoWoS wafers shipped", True),
        *(
            _sum(f"cowos_wafers_{c}", "wafers", "cowos", f"CoWoS wafers shipped for {c}")
            for c in cowos_customers
        ),
        _end(
            "cowos_capacity_wafers_per_month",
            "cowos",
            "CoWoS capacity at the end of the period, TSMC and others",
            True,
        ),
        _end(
            "cowos_capacity_tsmc_wafers_per_month", "cowos", "CoWoS capacity of TSMC at the end of the period"
        ),
        _end(
            "cowos_capacity_others_wafers_per_month",
            "cowos",
            "CoWoS-like capacity outside TSMC at the end of the period",
        ),
        _sum("cowos_packages", "units", "cowos", "Packages made on CoWoS wafers"),
        _ratio(
            "packages_per_cowos_wafer",
            "count",
            "cowos",
            "cowos_packages",
            "cowos_wafers",
            "Good packages per CoWoS wafer, over the mix",
        ),
        _ratio(
            "fill_rate",
            "fraction",
            "accelerator",
            "accelerator_shipments",
            "accelerator_demand",
            "Shipped share of what is wanted",
        ),
        _sum("accelerator_shortfall", "units", "accelerator", "HBM accelerators wanted and not shipped"),
        _ratio(
            "shortfall",
            "fraction",
            "accelerator",
            "accelerator_shortfall",
            "accelerator_demand",
            "Part of the accelerators wanted that the supply of HBM and CoWoS leaves unmade",
        ),
    )


INDUSTRY: dict[str, Quantity] = {q.name: q for q in quantities_of((), (), (), ())}
"""The quantities that every market has, whatever its classes and generations."""
SINGLES: tuple[str, ...] = tuple(name for name, q in INDUSTRY.items() if q.yearly != "ratio")
"""Those of them that the chain computes as a row of its own; ratios are made of rows."""
HEADLINES: tuple[str, ...] = tuple(name for name, q in INDUSTRY.items() if q.headline)
TRACKED: tuple[str, ...] = (*HEADLINES, "cowos_capacity_tsmc_wafers_per_month", "dram_revenue_usd")
"""Quantities of which every vintage's forecast is kept: the headline, and what has outcomes most often."""


def is_level(quantity: Quantity) -> bool:
    """Say whether the quantity is a level at the end of a period, or a ratio of such levels."""
    # Levels are capacities of the industry: no class and no generation has one of its own.
    of = INDUSTRY.get(quantity.numerator)
    return quantity.yearly == "end" or (of is not None and of.yearly == "end")


def is_undated(quantity: Quantity, period: Period) -> bool:
    """Say whether a level is given for a span without a date ("capacity in 2025")."""
    return is_level(quantity) and period.kind not in DATED_KINDS
