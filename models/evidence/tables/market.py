"""Tables of what the market is made of: the names of its quantities follow from them."""

from typing import Final

from models.vocabulary.market import CLASS_TABLE, GENERATION_TABLE, NO, YES
from models.vocabulary.tables import Column, EvidenceTable

DESCRIPTION: Final = Column("description", "What it holds", filled=True)

# fmt: off
MARKET: Final = (
    EvidenceTable(
        CLASS_TABLE,
        "Product classes of the accelerator mix, all versions; quantities with a class or a customer in "
        "their name follow from them",
        keys=("class",),
        columns=(
            Column("class", "Name of the class, as in products.class", filled=True, not_null=True),
            Column("family", "Family whose classes succeed one another", filled=True),
            Column("position", "Order: of a class within its family, of families and customers by their "
                   "first class", type="number", filled=True),
            Column("customer", "Customer that its shipments and CoWoS wafers count for", filled=True),
            Column("on_cowos", "yes where its packages are made on CoWoS wafers, else no",
                   filled=True, words=(YES, NO), hint="say whether its packages are made on CoWoS wafers"),
            DESCRIPTION,
        ),
    ),
    EvidenceTable(
        GENERATION_TABLE,
        "Generations of HBM, all versions; quantities with a generation in their name follow from them",
        keys=("generation",),
        columns=(
            Column("generation", "Name of the generation", filled=True, not_null=True),
            Column("position", "Order, oldest first", type="number", filled=True),
            Column("words", "What products.hbm_generation calls it, in capitals, several with a semicolon "
                   "between", filled=True),
            Column("milestones", "What the segment of a maker's milestone about it begins with, several "
                   "with a semicolon between", filled=True),
            Column("premium", "Assumption about its price per GB over that of the generation that measures "
                   "prices (assumptions.assumption); NULL for that one", refers="assumptions",
                   says=("premium {cell!r} is no assumption", "add its row to assumptions.csv")),
            DESCRIPTION,
        ),
    ),
)
