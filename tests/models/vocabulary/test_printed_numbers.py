"""Numbers as printed: read where they say one thing, refused by the sign where they may say two."""

import pytest

from models.vocabulary.printed_numbers import read_number
from models.vocabulary.printed_text import SignError


@pytest.mark.parametrize(
    ("printed", "value", "unit"),
    [
        ("3100000000", 3.1e9, ""),
        ("-0.045", -0.045, ""),
        ("+7.5", 7.5, ""),
        ("３１．５", 31.5, ""),
        ("−12", -12, ""),
        ("４，１８０，０００", 4180000, ""),
        ("3,100,000", 3100000, ""),
        ("3,100.25", 3100.25, ""),
        ("31,00,000", 3100000, ""),
        ("3 100 000", 3100000, ""),
        ("3\u202f100\u202f000", 3100000, ""),
        ("3’100’000", 3100000, ""),
        ("3_100_000", 3100000, ""),
        ("418億", 4.18e10, ""),
        ("31.5万", 315000, ""),
        ("1,250萬", 12500000, ""),
        ("2조 3,400억", 2.34e12, ""),
        ("7만5000장", 75000, "wafers"),
        ("1萬2,500片", 12500, "wafers"),
        ("1億2,000万", 1.2e8, ""),
        ("3百万", 3e6, ""),
        ("5千億", 5e11, ""),
        ("2万亿", 2e12, ""),
        ("三万二千亿", 3.2e12, ""),
        ("四百一十八億", 4.18e10, ""),
        ("二十", 20, ""),
        ("一百零五", 105, ""),
        ("US$41.8bn", 4.18e10, "USD"),
        ("NT$1.2 trillion", 1.2e12, "TWD"),
        ("€3 Mrd", 3e9, "EUR"),
        ("-$2.5bn", -2.5e9, "USD"),
        ("RMB 3億", 3e8, "CNY"),
        ("418億美元", 4.18e10, "USD"),
        ("3兆円", 3e12, "JPY"),
        ("45 %", 45, "percent"),
        ("210K", 210000, ""),
        ("210K wafers", 210000, "wafers"),
        ("21kwpm", 21000, "wafers_per_month"),
        ("12.5 USD/GB", 12.5, "USD_per_GB"),
        ("約31万台", 310000, "units"),
        ("~12", 12, ""),
        ("approx. 12", 12, ""),
        ("c. 12bn", 1.2e10, ""),
        ("close to 12", 12, ""),
        ("近31萬台", 310000, "units"),
        ("31億左右", 3.1e9, ""),
        ("310kpcs", 310000, "units"),
        ("3.1 EB", 3.1, "EB"),
        ("310 kwspm", 310000, "wafers_per_month"),
    ],
)
def test_what_says_one_thing_is_read(printed, value, unit):
    number = read_number(printed)
    assert float(number.value) == pytest.approx(value, rel=1e-15)
    assert number.unit == unit
    assert not number.doubtful


@pytest.mark.parametrize(
    ("printed", "low", "high"),
    [
        ("15-20", 15, 20),
        ("15–20%", 15, 20),
        ("15~20", 15, 20),
        ("15 to 20", 15, 20),
        ("US$41-43bn", 4.1e10, 4.3e10),
        ("3万～4万", 30000, 40000),
        (">100", 100, None),
        ("≥ 1.5億", 1.5e8, None),
        ("over 30%", 30, None),
        ("100+", 100, None),
        ("30以上", 30, None),
        ("<7", None, 7),
        ("up to 7bn", None, 7e9),
        ("between 15 and 20%", 15, 20),
        ("from 15 to 20", 15, 20),
        ("15—20", 15, 20),
        ("no less than 15", 15, None),
        ("not more than 7", None, 7),
        ("max. 7", None, 7),
        ("15 or more", 15, None),
        ("최소 15억", 1.5e9, None),
        ("最多7億", None, 7e8),
        ("15億超", 1.5e9, None),
        ("-10% ~ -5%", -10, -5),
        ("-10%~-5%", -10, -5),
        ("-10 to -5%", -10, -5),
        ("-5 to 5%", -5, 5),
        ("900 million - 1.2 billion", 9e8, 1.2e9),
        ("US$900mn to 1.2bn", 9e8, 1.2e9),
        ("9,500만~1억2,000만", 9.5e7, 1.2e8),
    ],
)
def test_ranges_and_bounds_have_their_ends(printed, low, high):
    number = read_number(printed)
    assert number.value is None
    assert [None if x is None else float(x) for x in (number.low, number.high)] == [low, high]


@pytest.mark.parametrize("printed", ["14,350", "1,420", "-2,500"])
def test_a_lone_comma_before_three_digits_leaves_a_doubt(printed):
    number = read_number(printed)
    assert number.doubtful
    assert float(number.value) == float(printed.replace(",", ""))


@pytest.mark.parametrize(
    ("printed", "problem", "remedy"),
    [
        ("14,35", "decimal comma", "write 14.35"),
        ("0,350", "decimal comma", "write 0.350"),
        ("235,0000", "between groups of digits", "write 2350000, or 235.0000"),
        ("14200,000", "between groups of digits", "write 14200000, or 14200.000"),
        ("-5 to -10%", "first end lies above", "lower end into low"),
        ("62bn-", "a dash behind it", "write - before"),
        ("6.2×10^10", "power of ten", "6.2e10"),
        ("620多億", "more than it says", "into low"),
        ("620억여", "more than it says", "into low"),
        ("45‰", "a tenth of a percent", "4.5 percent"),
        ("3-fold", "times are a ratio", "100 percent"),
        ("4成5", "tenths", "35"),
        ("2.35 million servers", "what is counted", "'million units'"),
        ("low-teens %", "where in a range", "low and high"),
        ("mid-single digits", "where in a range", "low and high"),
        ("high-50s bn", "where in a range", "low and high"),
        ("down 4.5%", "more or less", "- before it"),
        ("年增45%", "more or less", "- before it"),
        ("前年比45%増", "more or less", "- before it"),
        ("doubled", "a number in words", "100 percent"),
        ("翻倍", "a number in words", "in digits"),
        ("YoY +45%", "a comparison", "the metric of the growth"),
        ("月産11.5万枚", "of a month", "枚/月 behind it"),
        ("3.100.000", "points between thousands", "write 3100000"),
        ("1.234,5", "points between thousands", "write 1234.5"),
        ("####", "column that was too narrow", "widen"),
        ("#BUSY!", "error of a spreadsheet's formula", "mend the formula"),
        ("Err:502", "error of a spreadsheet's formula", "mend the formula"),
        ("(5%)", "brackets, a minus in accounts", "write - before"),
        ("$(5)", "brackets, a minus in accounts", "write - before"),
        ("(US$5bn)", "brackets, a minus in accounts", "write - before"),
        ("–5%", "long dash", "write - before"),
        ("5-", "a dash behind it", "write - before"),
        ("5pp", "points of a share", "the share itself"),
        ("3成", "tenths", "30 percent"),
        ("2x", "times are a ratio", "100 percent"),
        ("30 gb", "belongs to no number", "Gb for bits"),
        ("n.m.", "stands for no number", "empty"),
        ("#DIV/0!", "error of a spreadsheet's formula", "mend the formula"),
        ("7-Mar", "is a date", "low and high"),
        ("Mar-15", "is a date", "low and high"),
        ("2026-03-07 00:00:00", "is a date", "low and high"),
        ("3月7日", "is a date", "low and high"),
        ("4.18E+10", "digits may be lost", "4.18e10"),
        ("1.23457E+14", "digits may be lost", "all its digits"),
        ("=A1*2", "formula", "values"),
        ("TRUE", "truth value", "number"),
        ("-", "stands for no number", "empty"),
        ("n/a", "stands for no number", "empty"),
        ("41.8³", "raised", "without the mark"),
        ("41①", "circled", "without the mark"),
        ("2½", "fractional", "decimals"),
        ("4\u200b1", "U+200B", "type the cell again"),
        ("\u202e41", "U+202E", "type the cell again"),
        ("٤١", "another script", "0 to 9"),
        ("(41)", "brackets", "write -"),
        ("▲4.1", "▲", "write -"),
        ("1億5", "without a scale", "plain number"),
        ("一万五", "without its unit", "digits"),
        ("2万3億", "don't descend", "plain number"),
        ("20-15", "neither as a range", "low"),
        ("-5-10", "neither as a range", "low"),
        ("58bn-63", "lower end only", "write 'bn' behind both ends"),
        ("58 million - 63 billion", "from 58000000 to 63000000000", "mend the scale"),
        ("1.2 billion - 900 million", "from 1200000000 to 900000000", "mend the scale"),
        ("9~1億2,000萬", "upper end only", "lower end's scale"),
        ("58 USD - 63 EUR", "two units", "low"),
        ("7만50", "without a scale", "plain number"),
        ("1e999", "no finite number", "plain number"),
        ("41 lorries", "'lorries' in '41 lorries' belongs to no number", "note"),
        ("41.8bn (up 12 %)", "a remark in brackets", "note"),
        ("≈$41-43B (A 20 + B 21)", "a remark in brackets", "note"),
        ("12,34,5", "not a number", "plain number"),
        ("3pt", "points of a share", "the growth in percent"),
    ],
)
def test_what_may_say_two_things_is_refused_by_its_sign(printed, problem, remedy):
    with pytest.raises(SignError) as refused:
        read_number(printed)
    assert problem in refused.value.problem
    assert remedy in refused.value.remedy
