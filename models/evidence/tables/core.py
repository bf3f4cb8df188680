"""Tables of evidence that the chain reads, and the one of refused rows."""

from typing import Final

from models.evidence.tables.shared import BASES, FIGURE_KINDS, NOTE
from models.vocabulary.publication_dates import PRECISIONS
from models.vocabulary.tables import POSITIVE, Column, EvidenceTable
from models.vocabulary.units import CURRENCIES

MEND_SOURCE = "add the publication to sources.csv, or mend its row there"
QUANTITIES_STAND = "the quantities are listed in the table quantities"
NOT_POSITIVE = ("{column} {cell} is not positive", "leave it empty where it is unknown")

# fmt: off
CORE: Final = (
    EvidenceTable(
        "sources",
        "Publications that figures come from, all versions; sources_current has the latest",
        keys=("source_id",),
        known_since="published_on",
        viewed=False,
        columns=(
            Column("source_id", "Stable name of the publication", filled=True, not_null=True),
            Column("publisher", "Who made the statement", filled=True, is_name=True,
                   empty=("unknown publisher: the cell is empty",
                          "say who made the figures; where only a relay is known, name the relay")),
            Column("relayed_by", "Who passed it on, when the original was not read; NULL when it was"),
            Column("title", "Title of the publication", filled=True),
            Column("url", "Where it stands"),
            Column("published_on", "Date as printed: YYYY-MM-DD, YYYY-MM or YYYY", is_name=True),
            Column("published_precision", "How exact that date is: day, month or year",
                   filled=True, words=PRECISIONS, hint="as precise as the page shows"),
            Column("accessed_on", "Day or month in which it was read", is_name=True),
            Column("licence_note", "What may be done with its content"),
        ),
    ),
    EvidenceTable(
        "figures",
        "Published figures as printed, all versions; figures_current has the latest with its source",
        keys=("figure_id",),
        viewed=False,
        columns=(
            Column("figure_id", "Stable name of the figure", filled=True, not_null=True),
            Column("source_id", "Publication it stands in (sources.source_id)",
                   filled=True, not_null=True, refers="sources",
                   says=("unknown source {cell!r}: no accepted row of sources.csv", MEND_SOURCE),
                   empty=("missing source", "name the publication's source_id in sources.csv")),
            Column("origin_id", "figure_id of the first appearance of the same statement; itself when it is"
                   " the first", filled=True, refers="figures",
                   says=("origin_id {cell!r} is no figure",
                         "give the figure_id of the first appearance, or the figure's own")),
            Column("metric", "What it measures (metrics.metric)",
                   filled=True, not_null=True, refers="metrics",
                   says=("unknown metric {cell!r}",
                         "use a metric of metrics.csv, or add a row for it there")),
            Column("entity", "Company, region or market it is about", filled=True),
            Column("segment", "Part of the entity it is about"),
            Column("period", "Period as printed: 2024, 2024Q3, 2024H1, 2024-12, FY2024, FY2025Q2",
                   not_null=True),
            Column("fiscal_year_end_month", "Month (1 to 12) in which the fiscal year ends; only for FY "
                   "periods", type="integer"),
            Column("value", "Published number in unit; NULL when only a bound or a range was published",
                   type="number"),
            Column("low", "Lower end of a published range, or \"over\": in unit", type="number"),
            Column("high", "Upper end of a published range, or \"up to\": in unit", type="number"),
            Column("unit", "Unit of value, low and high"),
            Column("kind", "actual, estimate, forecast, guidance, spec or assumption",
                   filled=True, words=FIGURE_KINDS, hint="see CONTRIBUTING"),
            Column("definition", "Name of the definition offset that applies, where it differs from the "
                   "metric's own", refers="definitions",
                   says=("definition {cell!r} has no offset",
                         "add definition_offset.{cell} to assumptions.csv, or leave it empty")),
            Column("not_used_reason", "Why this figure must not be used; NULL when it may"),
            Column("note", "Remark of the reader"),
        ),
    ),
    EvidenceTable(
        "metrics",
        "Vocabulary of metrics and the rule that maps each to a quantity, all versions; the most "
        "specific match of metric, entity, segment and unit wins",
        keys=("metric", "entity", "segment", "unit"),
        viewed=False,
        ordered=(("lower", "upper"),),
        columns=(
            Column("metric", "Name of the metric", filled=True, not_null=True),
            Column("entity", "Entity the rule holds for; * for any", filled=True),
            Column("segment", "Segment the rule holds for; * for any"),
            Column("unit", "Unit its figures are given in", filled=True),
            Column("quantity", "Quantity it informs (quantities.quantity), or a sum of some, plus signs "
                   "between; NULL when nothing in the chain yet",
                   refers="quantities", summed=True, hint=QUANTITIES_STAND),
            Column("per_quantity", "Denominator, for ratios: a quantity or a sum of some",
                   refers="quantities", summed=True, hint=QUANTITIES_STAND),
            Column("aggregation", "sum, end, mean, growth or sequential_growth over the period"),
            Column("scale", "Scale of the likelihood: log or logit"),
            Column("lower", "Smallest plausible value in unit", type="number"),
            Column("upper", "Largest plausible value in unit", type="number"),
            Column("definition", "Name of the definition offset of this metric; NULL for none",
                   refers="definitions",
                   says=("definition {cell!r} has no offset",
                         "add a row definition_offset.{cell} to assumptions.csv, or use one of {known}")),
            Column("description", "What the metric means", filled=True),
        ),
    ),
    EvidenceTable(
        "products",
        "Accelerator catalogue, all versions; a product announced again with other data has a row per "
        "announcement",
        keys=("product", "vendor", "announced_on"),
        known_since="announced_on",
        viewed=False,
        columns=(
            Column("vendor", "Maker of the accelerator", filled=True, not_null=True),
            Column("product", "Name of the product", filled=True, not_null=True),
            Column("class", "Product class of the accelerator mix (product_classes.class)",
                   filled=True, refers="classes", hint="a new class is a row of product_classes.csv"),
            Column("announced_on", "Day, month or year from which the product was known",
                   filled=True, reading="date"),
            Column("launch_quarter", "First quarter of volume shipments, YYYYQn", is_name=True),
            Column("hbm_gb", "HBM per accelerator package, GB",
                   type="number", least=POSITIVE, says=NOT_POSITIVE),
            Column("hbm_stacks", "HBM stacks per accelerator package",
                   type="number", least=POSITIVE, says=NOT_POSITIVE),
            Column("hbm_generation", "Generation of its HBM in its maker's word (one of "
                   "hbm_generations.words)", filled=True, is_name=True),
            Column("stack_height", "Dies per stack", type="integer", least=POSITIVE, says=NOT_POSITIVE),
            Column("interposer_area_mm2", "Area of the interposer, square millimetres",
                   type="number", least=POSITIVE, says=NOT_POSITIVE),
            Column("packages_per_cowos_wafer", "Packages from one 300 mm interposer wafer, where published",
                   type="number", least=POSITIVE, says=NOT_POSITIVE),
            Column("source_id", "Publication the data come from (sources.source_id)", refers="sources",
                   says=("source_id {cell!r} is no accepted row of sources.csv", MEND_SOURCE)),
            Column("note", "Remark", filled=True),
        ),
    ),
    EvidenceTable(
        "assumptions",
        "Priors and assumed ranges, all versions",
        keys=("assumption", "known_since"),
        known_since="known_since",
        viewed=False,
        columns=(
            Column("assumption", "Name of the assumption", filled=True, not_null=True),
            Column("p05", "5 % quantile, in unit", type="number", filled=True),
            Column("p95", "95 % quantile, in unit", type="number", filled=True),
            Column("shape", "normal, lognormal or logitnormal"),
            Column("unit", "Unit of p05 and p95", filled=True),
            Column("basis", "published, derived or judgement",
                   filled=True, words=BASES, hint="published, derived or judgement"),
            Column("source", "Where the range comes from", filled=True),
            Column("known_since", "Day, month or year from which it could be known",
                   filled=True, reading="date"),
            Column("description", "What it means and why the range is what it is", filled=True),
        ),
    ),
    EvidenceTable(
        "corrections",
        "Corrections of misread or misprinted figures, applied only where the wrong value is still "
        "found, all versions",
        keys=("figure_id", "field"),
        viewed=False,
        columns=(
            Column("figure_id", "Figure that is corrected", filled=True, not_null=True),
            Column("field", "Column that is corrected", filled=True, not_null=True),
            Column("expected_wrong_value", "Value that must stand there for the correction to apply"),
            Column("corrected_value", "Value put in its place"),
            Column("reason", "Why", filled=True),
            Column("source_id", "Publication that shows it"),
        ),
    ),
    EvidenceTable(
        "exchange_rates",
        "Yearly average exchange rates, all versions",
        keys=("currency", "year"),
        viewed=False,
        columns=(
            Column("currency", "ISO code of the currency",
                   filled=True, not_null=True, words=tuple(CURRENCIES),
                   hint="for another currency convert to US dollars, and say so in note"),
            Column("year", "Calendar year", type="integer", filled=True, not_null=True, reading="year"),
            Column("usd_per_unit", "US dollars for one unit of the currency, yearly average",
                   type="number", filled=True, least=POSITIVE,
                   says=("a rate must be positive", "give US dollars per unit of currency")),
            Column("source", "Where the rate comes from", filled=True),
            NOTE,
        ),
    ),
    EvidenceTable(
        "rejected_figures",
        "Rows of the evidence files that could not be taken in, with the reason: nothing is dropped "
        "silently",
        keys=("file", "row_number", "field", "reason"),
        viewed=False,
        columns=(
            Column("file", "File the row stands in, relative to the evidence folder", not_null=True),
            Column("row_number", "Line of the row in the file; NULL when the whole file was refused",
                   type="integer"),
            Column("figure_id", "Name of the figure, when it could be read"),
            Column("field", "Column at fault"),
            Column("value", "Value found there"),
            Column("reason", "What is wrong with it", not_null=True),
            Column("remedy", "How to mend it"),
            Column("content", "The whole row as it was read"),
        ),
    ),
)
