"""The quantities of memory: HBM, over its generations, and DRAM."""

from models.vocabulary.quantity import Quantity, capacity, flow, ratio

# fmt: off


def hbm_quantities(generations: tuple[str, ...]) -> tuple[Quantity, ...]:
    """List the quantities of HBM.

    Parameters
    ----------
    generations : tuple of str
        HBM generations.
    """
    return (
        flow("hbm_stacks", "stacks", "hbm", "HBM stacks inside accelerators shipped"),
        flow("hbm_content_gb", "GB", "hbm", "HBM inside accelerators shipped"),
        ratio("hbm_gb_per_accelerator", "GB", "hbm", "hbm_content_gb", "accelerator_shipments",
              "HBM per accelerator"),
        ratio("hbm_stacks_per_accelerator", "stacks", "hbm", "hbm_stacks", "accelerator_shipments",
              "HBM stacks per accelerator"),
        flow("hbm_bits_demand_gb", "GB", "hbm",
             "HBM bits wanted (accelerator content ahead of shipment, inventory, other)"),
        flow("hbm_bits_supply_gb", "GB", "hbm", "HBM bits the TSV capacity can supply"),
        flow("hbm_bits_gb", "GB", "hbm", "HBM bits shipped", True),
        ratio("hbm_price_usd_per_gb", "USD_per_GB", "hbm", "hbm_revenue_usd", "hbm_bits_gb",
              "Blended HBM price", True),
        flow("hbm_revenue_usd", "USD", "hbm", "HBM revenue of the memory makers", True),
        *(flow(f"hbm_bits_{g}_gb", "GB", "hbm", f"HBM bits shipped, generation {g}") for g in generations),
        *(ratio(f"hbm_generation_share_{g}", "fraction", "hbm", f"hbm_bits_{g}_gb", "hbm_bits_gb",
                f"Share of {g} in HBM bits shipped") for g in generations),
        *(flow(f"hbm_revenue_{g}_usd", "USD", "hbm", f"HBM revenue, generation {g}") for g in generations),
        *(ratio(f"hbm_price_{g}_usd_per_gb", "USD_per_GB", "hbm", f"hbm_revenue_{g}_usd",
                f"hbm_bits_{g}_gb", f"HBM price, generation {g}") for g in generations),
        *(ratio(f"hbm_revenue_share_{g}", "fraction", "hbm", f"hbm_revenue_{g}_usd", "hbm_revenue_usd",
                f"Share of {g} in HBM revenue") for g in generations),
        capacity("hbm_tsv_capacity_wafers_per_month", "hbm",
                 "HBM TSV capacity at the end of the period, all makers"),
        flow("hbm_wafers", "wafers", "hbm", "DRAM wafers the TSV capacity can process in the period"),
        ratio("hbm_gb_per_wafer", "GB", "hbm", "hbm_bits_supply_gb", "hbm_wafers_finished",
              "Good HBM GB per finished TSV wafer: gross dies x GB per die x die yield x stack yield"),
        flow("hbm_wafers_finished", "wafers", "hbm",
             "TSV wafers finished in the period at full supply: capacity x utilisation, "
             "half a quarter later"),
        flow("hbm_dies_stacked", "dies", "hbm", "DRAM dies that go into stacks in the period at full supply"),
        ratio("hbm_dies_per_wafer", "dies_per_wafer", "hbm", "hbm_dies_stacked", "hbm_wafers_finished",
              "DRAM dies of a finished TSV wafer that go into stacks: gross dies x die yield"),
        ratio("hbm_sufficiency", "ratio", "hbm", "hbm_bits_supply_gb", "hbm_bits_demand_gb",
              "HBM supply over what is wanted: below one HBM is short"),
    )


def dram_quantities() -> tuple[Quantity, ...]:
    """List the quantities of DRAM, and HBM's part of them."""
    return (
        flow("dram_revenue_ex_hbm_usd", "USD", "dram", "DRAM revenue of all makers without HBM"),
        flow("dram_bits_ex_hbm_gb", "GB", "dram", "DRAM bits shipped by all makers without HBM"),
        ratio("dram_price_ex_hbm_usd_per_gb", "USD_per_GB", "dram", "dram_revenue_ex_hbm_usd",
              "dram_bits_ex_hbm_gb", "Average price of DRAM without HBM"),
        flow("dram_revenue_usd", "USD", "dram", "DRAM revenue of all makers, HBM included"),
        flow("dram_bits_gb", "GB", "dram", "DRAM bits shipped by all makers, HBM included"),
        ratio("dram_price_usd_per_gb", "USD_per_GB", "dram", "dram_revenue_usd", "dram_bits_gb",
              "Blended DRAM price"),
        ratio("hbm_share_of_dram_revenue", "fraction", "dram", "hbm_revenue_usd", "dram_revenue_usd",
              "HBM share of DRAM revenue"),
        ratio("hbm_share_of_dram_bits", "fraction", "dram", "hbm_bits_gb", "dram_bits_gb",
              "HBM share of DRAM bits"),
        capacity("dram_wafer_capacity_wafers_per_month", "dram",
                 "DRAM wafer capacity of all makers at the end of the period"),
        ratio("hbm_share_of_dram_wafer_capacity", "fraction", "dram", "hbm_tsv_capacity_wafers_per_month",
              "dram_wafer_capacity_wafers_per_month", "HBM TSV capacity as a share of DRAM wafer capacity"),
    )
