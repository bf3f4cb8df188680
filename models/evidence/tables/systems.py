"""Tables of evidence that only the systems around the chain read."""

from typing import Final

from models.evidence.tables.shared import BASES, BASIS, KNOWN_SINCE, NOTE, SOURCE
from models.systems.report_2024.findings import CHECKS as FINDING_CHECKS
from models.systems.report_2024.findings import GROUPS as FINDING_GROUPS
from models.systems.series import SYSTEMS as SYSTEM_NAMES
from models.systems.supply_chain import ALL_SEGMENTS, STATUSES
from models.vocabulary.quantities import CLASS_NAMES
from models.vocabulary.tables import POSITIVE, Column, EvidenceTable

RELATIONS: Final = ("observes", "upper_bound", "vendor_share")
VARIANTS: Final = ("cowos_s", "cowos_r", "cowos_l")
PARTS: Final = ("hbm", "cowos")
MULTIPLY, DELAY = "multiply", "add_quarters_delay"
OPERATIONS: Final = (MULTIPLY, DELAY)

# fmt: off
SYSTEMS: Final = (
    EvidenceTable(
        "process",
        "Steps from wafer to package: what each touches, how often, on which equipment, all versions",
        keys=("step", "known_since"),
        known_since="known_since",
        only_systems=True,
        ordered=(("passes_p05", "passes_p95"),),
        columns=(
            Column("step", "Name of the step", filled=True, not_null=True),
            Column("part", "hbm or cowos", filled=True, words=PARTS),
            Column("category", "Equipment category (system_forecast.item of equipment)", filled=True),
            Column("touches", "Unit it works on: hbm_wafer, hbm_die, hbm_stack, cowos_wafer, cowos_chip, "
                   "cowos_package", filled=True),
            Column("route", "Bonding route it belongs to; NULL where every route has it"),
            Column("passes_p05", "5 % quantile of how often a unit passes it",
                   type="number", filled=True, least=POSITIVE),
            Column("passes_p95", "95 % quantile of that", type="number", filled=True, least=POSITIVE),
            Column("equipment", "Tool it runs on (assumptions equipment.<tool>.*)", filled=True),
            Column("material", "Material it consumes"),
            Column("cost_share_of_via_middle_tsv", "Its share of the cost of a via-middle TSV, where stated",
                   type="number", least=0, most=1),
            KNOWN_SINCE,
            BASIS,
            SOURCE,
            NOTE,
        ),
    ),
    EvidenceTable(
        "materials",
        "Materials of HBM and CoWoS: what each is used on, how much of it, at what price, all versions",
        keys=("material", "part", "form", "known_since"),
        known_since="known_since",
        only_systems=True,
        columns=(
            Column("material", "Material (system_forecast.item of materials)", filled=True, not_null=True),
            Column("part", "hbm or cowos", filled=True, not_null=True, words=PARTS),
            Column("form", "Form of the material, where there are several"),
            Column("touches", "Unit it is used on", filled=True),
            Column("route", "Bonding route that uses it; NULL where every route does"),
            Column("intensity", "Assumption on the amount per unit: materials.intensity.<name>", filled=True),
            Column("price", "Assumption on the price: materials.price.<name>", filled=True),
            KNOWN_SINCE,
            BASIS,
            SOURCE,
            NOTE,
        ),
    ),
    EvidenceTable(
        "system_evidence",
        "Which published metric says what about which item of a system, and what part of the figure is "
        "the item (above one where a vendor is part of the item's market), all versions",
        keys=("metric", "entity", "segment", "system", "item", "measure"),
        only_systems=True,
        ordered=(("share_p05", "share_p95"),),
        columns=(
            Column("metric", "Metric of the figures (metrics.metric)", filled=True, not_null=True),
            Column("entity", "Company or market the figures are about; * for any", filled=True),
            Column("segment", "Segment; * for any"),
            Column("system", "System they inform (system_forecast.system)",
                   filled=True, not_null=True, words=SYSTEM_NAMES),
            Column("item", "Item (system_forecast.item)", filled=True, not_null=True),
            Column("measure", "Measure (system_forecast.measure)", filled=True, not_null=True),
            Column("relation", "observes (the item itself), upper_bound (a market that contains it) or "
                   "vendor_share (one vendor's part)", filled=True, words=RELATIONS),
            Column("share_p05", "5 % quantile of item over figure: the HBM and CoWoS part of a vendor's "
                   "revenue over its share of the item, say; may lie above one",
                   type="number", least=POSITIVE),
            Column("share_p95", "95 % quantile of that ratio", type="number", least=POSITIVE),
            BASIS,
            NOTE,
        ),
    ),
    EvidenceTable(
        "suppliers",
        "Makers of HBM and what was known of their size before any share was published, all versions",
        keys=("supplier", "known_since"),
        known_since="known_since",
        only_systems=True,
        ordered=(("bits_ratio_p05", "bits_ratio_p95"),),
        columns=(
            Column("supplier", "Name of the supplier in system_forecast.item", filled=True, not_null=True),
            Column("figure_entity", "Name of the supplier in figures.entity", filled=True),
            Column("bits_ratio_p05", "5 % quantile of its bits per bit of the reference supplier at the end"
                   " of 2022", type="number", filled=True, least=POSITIVE),
            Column("bits_ratio_p95", "95 % quantile of that ratio",
                   type="number", filled=True, least=POSITIVE),
            BASIS,
            SOURCE,
            KNOWN_SINCE,
            NOTE,
        ),
    ),
    EvidenceTable(
        "server_content",
        "Memory and other parts of a server of each kind, and how they grow, all versions",
        keys=("server", "component", "known_since"),
        known_since="known_since",
        only_systems=True,
        ordered=(("p05", "p95"), ("growth_per_year_p05", "growth_per_year_p95"),),
        columns=(
            Column("server", "Kind of server: ordinary, high_performance, ai_training",
                   filled=True, not_null=True),
            Column("component", "Part of it: dram, nand, hbm, cpu, gpu, server (the whole), ...",
                   filled=True, not_null=True),
            Column("p05", "5 % quantile, in unit; NULL where the chain gives it",
                   type="number", least=POSITIVE),
            Column("p95", "95 % quantile, in unit", type="number", least=POSITIVE),
            Column("unit", "GB or USD; chain where the chain gives it",
                   filled=True, words=("GB", "USD", "chain")),
            Column("growth_per_year_p05", "5 % quantile of its growth a year",
                   type="number", least=-1, most=10),
            Column("growth_per_year_p95", "95 % quantile of its growth a year",
                   type="number", least=-1, most=10),
            Column("figure_ids", "Figures it rests on (figures.figure_id), separated by semicolons",
                   refers="figures"),
            BASIS,
            SOURCE,
            KNOWN_SINCE,
            NOTE,
        ),
    ),
    EvidenceTable(
        "cowos_variants",
        "Usual CoWoS variant of each class of accelerators, all versions",
        keys=("class", "known_since"),
        known_since="known_since",
        only_systems=True,
        sum_to_one=VARIANTS,
        columns=(
            Column("class", "Product class of the accelerator mix",
                   filled=True, not_null=True, words=CLASS_NAMES),
            Column("cowos_s", "Share of CoWoS-S in its wafers", type="number", filled=True, least=0, most=1),
            Column("cowos_r", "Share of CoWoS-R", type="number", filled=True, least=0, most=1),
            Column("cowos_l", "Share of CoWoS-L", type="number", filled=True, least=0, most=1),
            BASIS,
            SOURCE,
            KNOWN_SINCE,
            NOTE,
        ),
    ),
    EvidenceTable(
        "supply_chain",
        "Companies, what they make, how far it is, and the items whose demand it serves, all versions",
        keys=("company_en", "segment", "process_step", "product", "known_since"),
        known_since="known_since",
        only_systems=True,
        columns=(
            Column("company_en", "Company", filled=True, not_null=True),
            Column("company", "Its name in its own language"),
            Column("country", "Country of its headquarters", filled=True),
            Column("segment", "equipment, material, packaging, chips or distribution",
                   filled=True, words=ALL_SEGMENTS),
            Column("process_step", "Step of the process it serves", filled=True, not_null=True),
            Column("product", "What it makes"),
            Column("status", "How far it is: mass_production, shipping, commercial, launched, validation, "
                   "developed, in_development, construction, not_stated", filled=True, words=STATUSES),
            Column("as_of", "Month or year for which the status was stated", reading="period"),
            Column("system_item", "Items whose demand it serves: system/item, or chain/quantity, several "
                   "with a semicolon between; NULL where none is forecast", reading="items"),
            Column("known_since", "Day, month or year from which the row could be known",
                   filled=True, not_null=True, reading="date"),
            Column("source_id", "Publication (sources.source_id)", filled=True, refers="sources"),
            NOTE,
        ),
    ),
    EvidenceTable(
        "scenarios",
        "Scenarios as shocks to drivers over quarters (data/scenarios.csv; what came of them is in the "
        "table scenarios), all versions",
        keys=("scenario", "driver", "operation", "from_quarter"),
        table="scenario_shocks",
        only_systems=True,
        columns=(
            Column("scenario", "Name of the scenario", filled=True, not_null=True),
            Column("title", "Its title", filled=True),
            Column("driver", "Driver that is shocked: an input of the chain, product_mix, "
                   "class_weight.<class> or substitution.<segment>", not_null=True),
            Column("from_quarter", "First quarter of the shock: 2026Q4, or counted from the run's as-of "
                   "day: as_of+0 is what remains of its quarter, as_of+1 the next", not_null=True),
            Column("to_quarter", "Last quarter of the shock, written alike: as_of+3 ends a year after the "
                   "as-of day's quarter began"),
            Column("operation", "multiply (by a factor) or add_quarters_delay",
                   filled=True, not_null=True, words=OPERATIONS,
                   hint="other shocks need code in models/scenarios/run.py"),
            Column("p05", "5 % quantile of the factor, or of the delay in quarters",
                   type="number", filled=True),
            Column("p95", "95 % quantile of the factor, or of the delay in quarters",
                   type="number", filled=True),
            Column("ramp_quarters", "Quarters until the shock has its whole size",
                   type="number", filled=True),
            Column("basis", "published, derived or judgement",
                   filled=True, words=BASES, hint="a shock nobody has published is a judgement"),
            SOURCE,
            Column("description", "What it means", filled=True),
        ),
    ),
    EvidenceTable(
        "report_findings",
        "What does not add up in the broker report of January 2024, each recomputed from its own "
        "figures by a test, all versions",
        keys=("finding_id",),
        only_systems=True,
        ordered=(("stated_low", "stated_high"), ("recomputed_low", "recomputed_high"),),
        columns=(
            Column("finding_id", "Name of the finding", filled=True, not_null=True),
            Column("topic_group", "A arithmetic does not close, B two figures for one thing, C labels and "
                   "bases, D text damage and slips", filled=True, words=tuple(FINDING_GROUPS)),
            Column("check", "How it is recomputed", filled=True, words=tuple(FINDING_CHECKS)),
            Column("statement", "What the report says and what is wrong with it", filled=True),
            Column("formula", "Formula over the input figures"),
            Column("input_figure_ids", "Figures it is recomputed from (figures.figure_id), separated by "
                   "semicolons", refers="figures"),
            Column("stated_formula", "Formula of the stated side, where it is not one figure"),
            Column("stated_figure_ids", "Figures that state it", refers="figures"),
            Column("other_figure_ids", "Other figures it is about", refers="figures"),
            Column("stated_low", "Lower end of what is stated, in unit", type="number"),
            Column("stated_high", "Upper end of what is stated, in unit", type="number"),
            Column("recomputed_low", "Lower end of what the inputs give, in unit", type="number"),
            Column("recomputed_high", "Upper end of what the inputs give, in unit", type="number"),
            Column("unit", "Unit of the four numbers"),
            NOTE,
        ),
    ),
)
