"""Names of drivers and of class attributes: the chain computes with them, a scenario shocks them."""

SMOOTH_DRIVERS = (
    "server_shipments",
    "hbm_server_penetration",
    "accelerators_per_server",
    "other_ai_servers",
    "hbm_other_use",
    "hbm_base_price_usd_per_gb",
    "dram_bits_ex_hbm_gb",
    "hbm_tsv_capacity_wafers_per_month",
    "dram_wafer_capacity_wafers_per_month",
    "cowos_capacity_tsmc_wafers_per_month",
    "cowos_capacity_others_wafers_per_month",
    "nvidia_revenue_per_accelerator_usd",
)
# DRAM revenue is reported every quarter and swings within the year: it keeps the fine directions of its path.
FINE_DRIVERS = ("dram_revenue_ex_hbm_usd",)
DRIVERS = SMOOTH_DRIVERS + FINE_DRIVERS
CLASS_ATTRIBUTES = ("hbm_gb", "hbm_stacks", "packages_per_wafer")
