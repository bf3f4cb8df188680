"""Units as printed, and what of them is a scale."""

import pytest

from models.vocabulary.printed_text import SignError, nearest, plain_name
from models.vocabulary.printed_units import read_unit
from models.vocabulary.units import KNOWN


@pytest.mark.parametrize(
    ("printed", "unit", "power"),
    [
        *((name, name, 0) for name in KNOWN),
        ("USD_per_GB", "USD_per_GB", 0),
        ("US$", "USD", 0),
        ("美元", "USD", 0),
        ("(US$ millions)", "USD", 6),
        ("bil. USD", "USD", 9),
        ("新台幣元", "TWD", 0),
        ("億美元", "USD", 8),
        ("億 USD", "USD", 8),
        ("USD mn", "USD", 6),
        ("US$ bn", "USD", 9),
        ("十億円", "JPY", 9),
        ("백만원", "KRW", 6),
        ("万台", "units", 4),
        ("千片", "wafers", 3),
        ("萬片/月", "wafers_per_month", 4),
        ("kwpm", "wafers_per_month", 3),
        ("K wafers per month", "wafers_per_month", 3),
        ("wafers/month", "wafers_per_month", 0),
        ("$/GB", "USD_per_GB", 0),
        ("USD per Gb", "USD_per_Gb", 0),
        ("％", "percent", 0),
        ("Gbit", "Gb", 0),
        ("ＵＳＤ", "USD", 0),
        ("kpcs", "units", 3),
        ("K-units", "units", 3),
        ("'000 units", "units", 3),
        ("units (thousand)", "units", 3),
        ("USD '000", "USD", 3),
        ("USD in millions", "USD", 6),
        ("EUR (bn)", "EUR", 9),
        ("NT$ hundred million", "TWD", 8),
        ("KRW 100 million", "KRW", 8),
        ("100M USD", "USD", 8),
        ("USD (10 thousand)", "USD", 4),
        ("ten thousand units", "units", 4),
        ("100 million of won", "KRW", 8),
        ("10k wafers/month", "wafers_per_month", 4),
        ("wafers a quarter", "wafers_per_quarter", 0),
        ("billions of JPY", "JPY", 9),
        ("新台幣億元", "TWD", 8),
        ("亿元人民币", "CNY", 8),
        ("RMB亿", "CNY", 8),
        ("exabytes", "EB", 0),
        ("Tbit", "Tb", 0),
        ("µm", "um", 0),
        ("mm²", "mm2", 0),
        ("per cent", "percent", 0),
        ("Mio. Stück", "units", 6),
    ],
)
def test_units_are_read_with_their_scale(printed, unit, power):
    found = read_unit(printed)
    assert (found.unit, found.power) == (unit, power)


@pytest.mark.parametrize(
    ("printed", "remedy"),
    [
        ("gb", "Gb for bits"),
        ("Gbs", "Gb for bits"),
        ("tb", "Tb for bits"),
        ("pb", "Pb for bits"),
        ("GiB", "in GB"),
        ("8Gb eq.", "in Gb"),
        ("pp", "the share itself"),
        ("bps", "0.5 and percent"),
        ("x", "100 percent"),
        ("成", "30 percent"),
        ("% YoY", "the metric of the growth"),
        ("GPUs", "write units"),
        ("$MM", "write million"),
        ("mil", "million or thousand"),
        ("billion dollars", "USD, TWD or HKD"),
        ("USD per wafer", "the metric that says per wafer"),
        ("12-inch wafers", "wafers or wafers_per_month"),
        ("percentt", "did you mean 'percent'"),
        ("thousand_KRW", "give the unit 'thousand KRW'"),
        ("thousand servers", "'million units'"),
        ("million dollars", "keep the scale"),
        ("mm units", "write million"),
        ("USD mil", "million or thousand"),
        ("kwpq", "kwpm"),
        ("億", "say of what"),
        ("million", "say of what"),
        ("furlongs", "use one of"),
        ("USD/GB/month", "use one of"),
        ("億万円", "digits"),
    ],
)
def test_what_is_no_unit_is_refused_with_the_nearest(printed, remedy):
    with pytest.raises(SignError) as refused:
        read_unit(printed)
    assert remedy in refused.value.remedy
    assert ".py" not in refused.value.remedy


def test_nearest_words_ignore_case_blanks_and_width():
    known = ("industry", "SK hynix", "hbm_revenue", "TrendForce")
    assert nearest("Industry", known) == ["industry"]
    assert nearest("SK Hynix", known) == ["SK hynix"]
    assert nearest("hbm revenue", known) == ["hbm_revenue"]
    assert nearest("moon", known) == []


def test_a_name_of_two_alphabets_is_refused():
    assert plain_name("ＴＳＭＣ　CoWoS") == "TSMC CoWoS"
    assert plain_name("台積電") == "台積電"
    with pytest.raises(SignError, match="cyrillic small letter ie"):
        plain_name("TrеndForce")
