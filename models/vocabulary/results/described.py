"""All tables of results that are described, by name, and those that a night makes by calling their makers."""

from typing import Final

from models.vocabulary.results.archive import ARCHIVE
from models.vocabulary.results.chain import CHAIN
from models.vocabulary.results.doors import OF_DOORS
from models.vocabulary.results.news import NEWS
from models.vocabulary.results.scores import SCORES
from models.vocabulary.results.systems import SYSTEMS
from models.vocabulary.tables import ResultTable

RESULT_TABLES: Final = (*CHAIN, *NEWS, *SYSTEMS, *SCORES, *OF_DOORS, *ARCHIVE)
BY_NAME: Final[dict[str, ResultTable]] = {table.name: table for table in RESULT_TABLES}
CALLED: Final = tuple(table for table in RESULT_TABLES if table.called)
