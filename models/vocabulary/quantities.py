"""The vocabulary of what the chain computes: names, units and how a year is made of quarters.

One table, used by the chain, the evidence, the warehouse and the plots, so that the same quantity has
the same name everywhere. Which classes, customers and generations there are is data
(`models.vocabulary.market`).
"""

from models.vocabulary.memory_quantities import dram_quantities, hbm_quantities
from models.vocabulary.periods import DATED_KINDS, Period
from models.vocabulary.quantity import Quantity, capacity, flow, ratio

STAGES = ("demand", "hbm", "cowos")


# fmt: off
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
        *_of_servers(),
        *_of_accelerators(classes, customers),
        *hbm_quantities(generations),
        *dram_quantities(),
        *_of_cowos(cowos_customers),
        *_of_shortage(),
    )


def _of_servers() -> tuple[Quantity, ...]:
    return (
        flow("server_shipments", "units", "server", "Servers of all types shipped, TrendForce's count"),
        flow("ai_server_shipments", "units", "ai_server",
             "All AI servers (GPU, FPGA, ASIC), TrendForce's count since May 2023"),
        flow("hbm_server_shipments", "units", "ai_server",
             "Training-class (HBM) servers shipped, in 8-accelerator equivalents"),
        ratio("hbm_server_penetration", "fraction", "ai_server", "hbm_server_shipments",
              "server_shipments", "Share of servers that are training-class (HBM) servers"),
        ratio("ai_server_penetration", "fraction", "ai_server", "ai_server_shipments", "server_shipments",
              "Share of servers that are AI servers of any kind"),
        ratio("accelerators_per_server", "count", "server", "accelerator_shipments",
              "hbm_server_shipments", "HBM accelerators per training-class server"),
    )


def _of_accelerators(classes: tuple[str, ...], customers: tuple[str, ...]) -> tuple[Quantity, ...]:
    return (
        flow("accelerator_demand", "units", "accelerator", "HBM accelerators wanted, counted as packages"),
        flow("accelerator_shipments", "units", "accelerator",
             "HBM accelerators shipped, counted as packages", True),
        *(flow(f"accelerator_shipments_{c}", "units", "accelerator", f"HBM accelerators shipped, {c}")
          for c in customers),
        *(flow(f"accelerator_shipments_class_{c}", "units", "accelerator",
               f"HBM accelerators shipped, class {c}") for c in classes),
        *(ratio(f"accelerator_mix_{c}", "fraction", "accelerator", f"accelerator_shipments_class_{c}",
                "accelerator_shipments", f"Share of class {c} in HBM accelerators shipped") for c in classes),
        flow("nvidia_datacenter_revenue_usd", "USD", "accelerator",
             "NVIDIA data-centre revenue, networking included"),
    )


def _of_cowos(customers: tuple[str, ...]) -> tuple[Quantity, ...]:
    return (
        flow("cowos_wafers_demand", "wafers", "cowos", "CoWoS wafers wanted"),
        flow("cowos_wafers_supply", "wafers", "cowos", "CoWoS wafers the capacity can supply"),
        flow("cowos_wafers", "wafers", "cowos", "CoWoS wafers shipped", True),
        *(flow(f"cowos_wafers_{c}", "wafers", "cowos", f"CoWoS wafers shipped for {c}")
          for c in customers),
        capacity("cowos_capacity_wafers_per_month", "cowos",
                 "CoWoS capacity at the end of the period, TSMC and others", True),
        capacity("cowos_capacity_tsmc_wafers_per_month", "cowos",
                 "CoWoS capacity of TSMC at the end of the period"),
        capacity("cowos_capacity_others_wafers_per_month", "cowos",
                 "CoWoS-like capacity outside TSMC at the end of the period"),
        flow("cowos_packages", "units", "cowos", "Packages made on CoWoS wafers"),
        ratio("packages_per_cowos_wafer", "count", "cowos", "cowos_packages", "cowos_wafers",
              "Good packages per CoWoS wafer, over the mix"),
    )


def _of_shortage() -> tuple[Quantity, ...]:
    return (
        ratio("fill_rate", "fraction", "accelerator", "accelerator_shipments", "accelerator_demand",
              "Shipped share of what is wanted"),
        flow("accelerator_shortfall", "units", "accelerator", "HBM accelerators wanted and not shipped"),
        ratio("shortfall", "fraction", "accelerator", "accelerator_shortfall", "accelerator_demand",
              "Part of the accelerators wanted that the supply of HBM and CoWoS leaves unmade"),
    )
# fmt: on


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
