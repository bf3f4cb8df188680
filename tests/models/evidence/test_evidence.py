from dataclasses import fields

from models.evidence.chain_evidence import ChainEvidence
from models.evidence.evidence import Evidence
from models.evidence.tables.described import EVIDENCE_TABLES, REJECTED
from tests.market import MARKET, MARKET_TABLES

READ = [table for table in EVIDENCE_TABLES if not table.shown_only and table.name != REJECTED]


def test_the_fields_are_the_described_tables_that_a_model_reads():
    assert [field.name for field in fields(Evidence)] == [table.name for table in READ]
    of_chain = [table.name for table in READ if not table.only_systems]
    assert [field.name for field in fields(ChainEvidence)] == of_chain


def test_tables_are_given_by_name_and_the_market_is_read_from_two_of_them():
    known = Evidence(**MARKET_TABLES)
    assert known.market.class_names == MARKET.class_names
    assert set(known.tables()) - set(known.chain_tables()) == {t.name for t in READ if t.only_systems}
    assert known.tables()["product_classes"] is known.product_classes
