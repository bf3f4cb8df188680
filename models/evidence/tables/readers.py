"""Tables that say what the readers of the outside world ask for, and what the answers are about."""

from typing import Final

from models.evidence.tables.shared import KNOWN_SINCE, NOTE
from models.vocabulary.tables import Column, EvidenceTable
from models.vocabulary.units import CURRENCIES

LANGUAGES: Final = ("en", "zh", "ko")
FORMS: Final = ("level", "growth", "sequential", "share", "shortage", "surplus")
UNIT_KINDS: Final = ("money", "money_per_GB", "percent", "wafers", "wafers_per_month", "units", "bits")
ROLES: Final = (
    *("subject", "measure", "entity", "segment", "generation", "form", "multiple", "basis", "basis_of_share"),
    *("kind", "bound", "bound_after", "counted", "per", "aside", "superseded", "pronoun"),
)

# fmt: off
READERS: Final = (
    EvidenceTable(
        "filers",
        "Companies whose filings with the SEC are read, and what is taken from them, all versions",
        keys=("cik", "metric", "entity", "segment"),
        # Its figures inform the posterior, the list itself does not.
        only_systems=True,
        columns=(
            Column("cik", "Number of the filer at the SEC, without leading zeros",
                   type="integer", filled=True, not_null=True, least=1, most=9_999_999_999),
            Column("registered_name", "What the name of the company in the answer must contain: an answer "
                   "about another company is refused", filled=True),
            Column("concepts", "XBRL concepts as taxonomy/name, the one that counts first; a later one only "
                   "where a filing lacks those before it, several with a semicolon between", filled=True),
            Column("currency", "Currency of the facts taken; others are left alone",
                   filled=True, words=CURRENCIES, hint="say in which currency it reports"),
            Column("fiscal_year_end_month", "Month (1 to 12) in which the fiscal year ends; a year of 52 or "
                   "53 weeks counts to the nearest month's end",
                   type="integer", filled=True, least=1, most=12),
            Column("metric", "Metric of the figures made (metrics.metric)", filled=True, not_null=True),
            Column("entity", "Entity of the figures made, and publisher of the filings",
                   filled=True, not_null=True),
            Column("segment", "Segment of the figures made", not_null=False),
            NOTE,
        ),
    ),
    EvidenceTable(
        "feeds",
        "Press pages that are read at night, and where their lists stand, all versions; what is found there "
        "waits for a person",
        keys=("feed_id",),
        # A list of addresses informs nothing: its figures come in by a person's hand.
        shown_only=True,
        columns=(
            Column("feed_id", "Name of the feed, as HBMCAST_PRESS takes it", filled=True, not_null=True),
            Column("publisher", "Who makes the statements; a company speaks of itself", filled=True),
            Column("kind", "rss (RSS or Atom) or page-list (a web page with links to pages)",
                   filled=True, words=("rss", "page-list"), hint="other kinds are not read"),
            Column("url", "Address of the feed or of the list", filled=True),
            Column("hosts", "Servers whose pages are asked for, semicolons between; links elsewhere are left "
                   "alone", filled=True),
            Column("links", "Regular expression of the path of a page's address; NULL for every page "
                   "of a feed (a list needs one)"),
            Column("language", "Language of its pages: en, zh or ko",
                   filled=True, words=LANGUAGES,
                   hint="words of another language are rows of press_words.csv"),
            Column("informs", "What its figures are about", filled=True),
            KNOWN_SINCE,
            NOTE,
        ),
    ),
    EvidenceTable(
        "press_words",
        "Words by which the sentences of press pages are read, all versions",
        keys=("role", "means", "language"),
        shown_only=True,
        columns=(
            Column("role", "What the words do in a sentence", filled=True, not_null=True, words=ROLES,
                   hint="what a role does is said in models/evidence/press"),
            Column("means", "What they mean: a word of press_metrics.csv, an entity or segment of figures, "
                   "rise, fall, share, yoy, qoq, low, high; other for what is no figure",
                   filled=True, not_null=True),
            Column("language", "Language of the words: en, zh or ko; all are looked for in every page",
                   filled=True, not_null=True, words=LANGUAGES),
            Column("words", "The words, semicolons between; a star at the end of a Latin one stands for any "
                   "ending", filled=True),
            NOTE,
        ),
    ),
    EvidenceTable(
        "press_metrics",
        "Which words of a sentence together mean which metric, all versions; the first row that fits counts",
        keys=("subject", "measure", "form", "unit", "metric", "segment"),
        shown_only=True,
        columns=(
            Column("subject", "Subjects that are named, plus signs between; * for any, own for a company's "
                   "word about the whole of it", filled=True, not_null=True),
            Column("measure", "Measures that are named, plus signs between those that stand together, "
                   "semicolons between those of which one is enough; empty for none"),
            Column("form", "level, growth (over a year), sequential (over a quarter), share, shortage, "
                   "surplus",
                   filled=True, not_null=True, words=FORMS),
            Column("unit", "Kind of unit: money, money_per_GB, percent, wafers, wafers_per_month, units"
                   ", bits",
                   filled=True, not_null=True, words=UNIT_KINDS),
            Column("entity", "Entities it may be about, semicolons between; one in brackets may stand beside",
                   filled=True),
            Column("metric", "Metric of the figure (metrics.metric)",
                   filled=True, not_null=True, refers="metrics",
                   says=("unknown metric {cell!r}",
                         "use a metric of metrics.csv, or add a row for it there")),
            Column("segment", "Segment of the figure; {segment}, {generation} and {basis_of_share} stand for "
                   "what the sentence says"),
            NOTE,
        ),
    ),
)
