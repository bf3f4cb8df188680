"""Who publishes what and when in the synthetic world; what the numbers are follows from its truth."""

from datetime import date

AS_OF = date(2025, 6, 30)
TODAY = date(2026, 3, 1)
NVIDIA_YEAR_END = 1
# metric: unit, quantity, aggregation, scale, lower, upper
METRICS = {
    "hbm_revenue": ("USD", "hbm_revenue_usd", "sum", "log", 1e6, 1e14),
    "hbm_revenue_growth": ("fraction", "hbm_revenue_usd", "growth", "log", -0.99, 100),
    "hbm_bits": ("GB", "hbm_bits_gb", "sum", "log", 1e5, 1e13),
    "hbm_supply": ("GB", "hbm_bits_supply_gb", "sum", "log", 1e5, 1e13),
    "cowos_demand": ("wafers", "cowos_wafers_demand", "sum", "log", 100, 1e9),
    "hbm_price": ("USD_per_GB", "hbm_price_usd_per_gb", "mean", "log", 0.1, 1000),
    "hbm_share_of_dram_revenue": ("fraction", "hbm_share_of_dram_revenue", "mean", "logit", 0, 1),
    "hbm3e_share": ("fraction", "hbm_generation_share_hbm3e", "mean", "logit", 0, 1),
    "tsv_capacity": ("wafers_per_month", "hbm_tsv_capacity_wafers_per_month", "end", "log", 100, 1e8),
    "dram_revenue": ("USD", "dram_revenue_usd", "sum", "log", 1e8, 1e14),
    "dram_bits": ("GB", "dram_bits_gb", "sum", "log", 1e8, 1e13),
    "server_shipments": ("units", "server_shipments", "sum", "log", 1e5, 1e9),
    "ai_server_shipments": ("units", "ai_server_shipments", "sum", "log", 1e3, 1e9),
    "accelerator_shipments": ("units", "accelerator_shipments", "sum", "log", 1e3, 1e9),
    "nvidia_accelerators": ("units", "accelerator_shipments_nvidia", "sum", "log", 1e3, 1e9),
    "nvidia_datacenter_revenue": ("USD", "nvidia_datacenter_revenue_usd", "sum", "log", 1e7, 1e14),
    "cowos_capacity_tsmc": (
        "wafers_per_month",
        "cowos_capacity_tsmc_wafers_per_month",
        "end",
        "log",
        10,
        1e8,
    ),
    "cowos_capacity": ("wafers_per_month", "cowos_capacity_wafers_per_month", "mean", "log", 10, 1e8),
    "cowos_wafers": ("wafers", "cowos_wafers", "sum", "log", 100, 1e9),
    "ampere_shipments": ("units", "accelerator_shipments_class_nvidia_ampere", "sum", "log", 10, 1e9),
    "hopper_shipments": ("units", "accelerator_shipments_class_nvidia_hopper", "sum", "log", 10, 1e9),
    "google_shipments": ("units", "accelerator_shipments_google", "sum", "log", 10, 1e9),
    "aws_shipments": ("units", "accelerator_shipments_aws", "sum", "log", 10, 1e9),
    "cowos_wafers_nvidia": ("wafers", "cowos_wafers_nvidia", "sum", "log", 100, 1e9),
}
DEFINITION = "server_count_omdia"
PUBLISHERS = {
    "north": "Northwind",
    "east": "Eastgate",
    "south": "Southbank",
    "makers": "Makers",
    "west": "Westmark",
}


def _slot(metric: str, period: str, who: str, published_on: str, kind: str, **more) -> dict:
    return {
        "metric": metric,
        "period": period,
        "publisher": PUBLISHERS[who],
        "published_on": published_on,
        "kind": kind,
        "form": "point",
        "half_width": 0.0,
        "repeats": "",
        "definition": "",
    } | more


def _history() -> list[dict]:
    """What was reported about the past."""
    slots = []
    quarters = [f"{year}Q{q}" for year in (2022, 2023, 2024) for q in (1, 2, 3, 4)] + ["2025Q1"]
    for quarter in quarters:
        year, q = int(quarter[:4]), int(quarter[-1])
        shown = f"{year + (q == 4)}-{(3 * q + 3 - 1) % 12 + 1:02d}-05"
        slots.append(_slot("dram_revenue", quarter, "east", shown, "actual"))
    for i, quarter in enumerate(f"FY{y}Q{q}" for y in (2024, 2025) for q in (1, 2, 3, 4)):
        shown = f"{2023 + (5 + 3 * i - 1) // 12}-{(5 + 3 * i - 1) % 12 + 1:02d}-25"
        slots.append(_slot("nvidia_datacenter_revenue", quarter, "makers", shown, "actual"))
    for year in (2021, 2022, 2023, 2024):
        slots.append(_slot("server_shipments", str(year), "east", f"{year + 1}-02-20", "actual"))
    for year in (2022, 2023, 2024):
        shown = f"{year + 1}-03-15"
        slots.append(_slot("server_shipments", str(year), "south", shown, "estimate", definition=DEFINITION))
        slots.append(_slot("dram_bits", str(year), "east", shown, "estimate"))
        for metric, who in (
            ("hbm_revenue", "north"),
            ("hbm_revenue", "east"),
            ("cowos_capacity_tsmc", "south"),
        ):
            period = f"{year}-12" if metric == "cowos_capacity_tsmc" else str(year)
            slots.append(_slot(metric, period, who, shown, "estimate"))
    for year in (2022, 2023, 2024):
        # What is wanted and what could be made, besides what is shipped: the least of three says little of
        # the other two, and a sampler gets lost between them.
        slots.append(_slot("hbm_supply", str(year), "south", f"{year + 1}-05-05", "estimate"))
        slots.append(_slot("cowos_demand", str(year), "east", f"{year + 1}-05-05", "estimate"))
    for year in (2023, 2024):
        shown = f"{year + 1}-04-10"
        for metric, who in (
            ("hbm_bits", "north"),
            ("hbm_price", "south"),
            ("hbm_share_of_dram_revenue", "east"),
            ("tsv_capacity", "north"),
            ("accelerator_shipments", "north"),
            ("cowos_wafers", "south"),
            ("nvidia_accelerators", "south"),
            ("ai_server_shipments", "east"),
        ):
            period = f"{year}-12" if metric == "tsv_capacity" else str(year)
            slots.append(_slot(metric, period, who, shown, "estimate"))
    for metric, years in (
        ("ampere_shipments", (2022, 2023, 2024)),
        ("hopper_shipments", (2023, 2024)),
        ("google_shipments", (2023, 2024)),
        ("aws_shipments", (2023, 2024)),
    ):
        slots += [_slot(metric, str(year), "north", f"{year + 1}-04-22", "estimate") for year in years]
    slots.append(_slot("hbm3e_share", "2024", "east", "2025-03", "estimate"))
    slots.append(_slot("cowos_wafers_nvidia", "2024", "north", "2025-05", "estimate"))
    slots.append(_slot("cowos_capacity", "2024", "north", "2025-01-20", "estimate"))
    return slots


def _outlook() -> list[dict]:
    """What was forecast, some of it twice by the same house, some with a range or only one bound."""
    slots = []
    for shown, who in (
        ("2023-11-15", "north"),
        ("2024-09-10", "north"),
        ("2024-08-20", "south"),
        ("2025-02-15", "east"),
        ("2025-05-12", "north"),
    ):
        slots.append(_slot("hbm_revenue", "2025", who, shown, "forecast"))
        slots.append(_slot("hbm_revenue", "2026", who, shown, "forecast"))
    for metric, period in (
        ("hbm_bits", "2025"),
        ("cowos_wafers", "2025"),
        ("accelerator_shipments", "2025"),
        ("server_shipments", "2025"),
        ("server_shipments", "2026"),
        ("dram_revenue", "2025"),
        ("ai_server_shipments", "2025"),
        ("tsv_capacity", "2025-12"),
        ("cowos_capacity_tsmc", "2025-12"),
        ("cowos_capacity_tsmc", "2026-12"),
        ("hbm_share_of_dram_revenue", "2026"),
    ):
        slots.append(_slot(metric, period, "north", "2025-01-15", "forecast"))
        if metric in ("cowos_wafers", "cowos_capacity_tsmc", "hbm_bits"):
            slots.append(_slot(metric, period, "south", "2024-10-02", "forecast"))
    slots += [
        *(_slot("hbm_supply", year, "south", "2025-05-05", "forecast") for year in ("2025", "2026")),
        *(_slot("cowos_demand", year, "east", "2025-05-05", "forecast") for year in ("2025", "2026")),
        _slot("hbm_revenue_growth", "2025", "west", "2025-01-30", "forecast"),
        _slot("cowos_capacity", "2025", "east", "2024-11-20", "forecast"),
        _slot("hbm_revenue", "2027", "south", "2025-03-03", "forecast", form="range", half_width=0.2),
        _slot("cowos_wafers", "2026", "east", "2025-04-04", "forecast", form="range", half_width=0.1),
        _slot("accelerator_shipments", "2026", "south", "2025-02-02", "forecast", form="bound"),
        _slot("hbm_revenue", "2026", "west", "2025-04-01", "forecast", form="bound"),
        _slot("dram_bits", "2025", "west", "2025-01-10", "forecast", form="bound"),
        _slot("nvidia_datacenter_revenue", "FY2026Q2", "makers", "2025-05-28", "guidance"),
    ]
    return slots


def slots(echoes: bool = True) -> list[dict]:
    """Every statement of the world known by `AS_OF`, with ids; echoes name the statement they repeat."""
    made = [{"figure_id": f"w-{i:03d}"} | slot for i, slot in enumerate(_history() + _outlook(), start=1)]
    if not echoes:
        return made
    repeated = [
        s for s in made if s["metric"] in ("hbm_revenue", "cowos_wafers") and s["period"] in ("2024", "2025")
    ]
    for i, slot in enumerate(s for s in repeated if s["publisher"] != PUBLISHERS["east"]):
        if slot["published_on"] < "2025-02" and i % 2 == 0:
            copy = {"figure_id": f"w-{200 + i:03d}", "publisher": f"Echo {i}", "repeats": slot["figure_id"]}
            made.append(slot | copy)
    return made
