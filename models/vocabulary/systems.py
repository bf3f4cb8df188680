"""The systems around the chain: which there are, and the words that their evidence and results are told in.

`SYSTEMS` is the one list of them. Fingerprint, night, backtest and `hbmcast scenario` follow it through
`models.systems.registry`; what it can't reach (SQL, the report's sections) a test holds against it.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class System:
    """One system. Its name is everywhere the same.

    It names the module ``models/systems/<name>.py`` and the function in it that gives the series, the column
    ``system`` of evidence and results, the first part of `models.systems.series.Series.name`, and the view
    ``<name>_forecast``.

    Attributes
    ----------
    name : str
    assumption_prefix : str
        Beginning of the names of its assumptions, with the dot.
    description : str
        What its view holds, for the data dictionary.
    needs_totals : bool
        Whether it takes the totals in USD of the systems before it, as the argument `demand`.
    random_stream : str
        Label of its random numbers, the name unless given. A system that is renamed keeps its label, so that
        no draw moves.
    """

    name: str
    assumption_prefix: str
    description: str
    needs_totals: bool = False
    random_stream: str = ""

    @property
    def module(self) -> str:
        """Dotted name of the module that computes it."""
        return f"models.systems.{self.name}"

    @property
    def stream(self) -> str:
        """Label that its random numbers are seeded with."""
        return self.random_stream or self.name


SYSTEMS: Final = (
    System(
        "equipment",
        "equipment.",
        "Equipment demand: item is the category, measure tools or usd, part total, hbm, cowos, "
        "new_capacity, replacement, bottom_up or top_down; a row per period (2024 or 2024Q3)",
    ),
    System(
        "materials",
        "materials.",
        "Materials demand: item is the material; a row per measure, part and period (2024 or 2024Q3)",
    ),
    System(
        "packaging",
        "packaging.",
        "Packaging market: revenue of HBM and silicon-interposer packaging; a row per measure, part and "
        "period (2024 or 2024Q3)",
    ),
    System(
        "server_content",
        "content.",
        "Memory of a server in GB and USD (DRAM, NAND, HBM), multiples between kinds of servers, shares "
        "of the bill of materials; a row per period (2024 or 2024Q3)",
        random_stream="content",
    ),
    System(
        "supplier",
        "supplier.",
        "HBM makers: shares of bits and revenue, TSV capacity; they sum to the industry in every draw; "
        "a row per period (2024 or 2024Q3)",
        random_stream="suppliers",
    ),
    System(
        "roadmap",
        "roadmap.",
        "Product roadmap: generations, stack heights, density and GB per stack; a row per period (2024 "
        "or 2024Q3)",
    ),
    System(
        "cowos_variant",
        "variant.",
        "CoWoS-S, -R and -L: shares, interposer size, packages per wafer; a row per period (2024 or 2024Q3)",
        random_stream="variants",
    ),
    System(
        "substitution",
        "substitution.",
        "Share of what buyers in China spend on a segment that goes to Chinese suppliers (item is the "
        "segment), and in USD what they buy (part china) and what of it is domestic (part domestic; "
        "item is segment.item); a row per period (2024 or 2024Q3)",
        needs_totals=True,
        random_stream="supply_chain",
    ),
)
"""In the order in which they run."""
SYSTEM_NAMES: Final = tuple(system.name for system in SYSTEMS)

TRUST: Final = ("measured", "few figures", "assumed")
"""How far a series rests on figures."""
PARTS: Final = ("hbm", "cowos")
"""What a process step, a tool or a material is bought for."""
RELATIONS: Final = ("observes", "upper_bound", "vendor_share")
"""How a published number and an item of a system are related (data/system_evidence.csv)."""
VARIANTS: Final = ("cowos_s", "cowos_r", "cowos_l")

CHAIN: Final = "chain"
"""Stands for the chain where a system could be named: chain/hbm_bits_gb."""
ITEM_SEPARATOR, PATH_SEPARATOR = ";", "/"
STATUSES: Final = (
    *("mass_production", "shipping", "commercial", "launched", "validation", "developed"),
    *("in_development", "construction", "not_stated"),
)
"""Of a company's product, from selling in volume to not said, as the January 2024 report orders them."""
SEGMENTS: Final = ("equipment", "material", "packaging", "chips")
"""Segments with a domestic share; 'distribution' sells what others make and has none."""
ALL_SEGMENTS: Final = (*SEGMENTS, "distribution")
SUBSTITUTION_PREFIX: Final = "substitution."

FINDING_GROUPS: Final = {
    "A": "arithmetic does not close",
    "B": "two figures for one thing",
    "C": "labels and bases",
    "D": "text damage and slips",
}
ARITHMETIC, CONFLICT, COINCIDENCE, READING = "arithmetic", "conflict", "coincidence", "reading"
FINDING_CHECKS: Final = {
    ARITHMETIC: "a formula on stated inputs gives something else than what is stated",
    CONFLICT: "two figures for one thing differ",
    COINCIDENCE: "the same number stands for two things that are not the same",
    READING: "found by reading; nothing to compute",
}
"""How a finding on the January 2024 report is computed again (data/report_findings.csv)."""


def system_items(cell: str) -> list[tuple[str, str]]:
    """Read the items of a cell: 'equipment/tcb;equipment/plating' to (system, item) pairs.

    Raises
    ------
    ValueError
        An entry is not of the form system/item.
    """
    found = []
    for entry in filter(None, (part.strip() for part in str(cell).split(ITEM_SEPARATOR))):
        system, separator, item = entry.partition(PATH_SEPARATOR)
        if not (separator and system and item):
            raise ValueError(f"system_item entry {entry!r} is not of the form system/item")
        found.append((system, item))
    return found
