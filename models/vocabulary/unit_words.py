"""Words beside a number that are no unit of a figure, each with what to write in its place."""

import re
from typing import Final

_COUNTED: Final = "(?:gpu|xpu|asic|card|server|rack|chip|set|tool|system|module|machine|board)s?|ea|each"
_SCALE: Final = "k|mn?|mio|bn?|thousand|million|billion"
_ANY_SCALE: Final = rf"(?:{_SCALE}|tn?|trillion)"
_SIGNED: Final = (
    "a word says whether it is more or less",
    "write the number alone, with - before it where it is less",
)
_FOREIGN: Final = (
    r"(?:S|A|AU|C|CA|R|MX|NZ|SG)\$|£|₹|₽|₫|฿|₪|GBP|CHF|SEK|INR|SGD|AUD|CAD|MYR|THB|VND|ILS|BRL|RM(?=\s?\d)"
)
_UNKNOWN_CURRENCY: Final = (
    "a currency of which no rate is kept",
    "write what it is in USD, and the rate into note",
)
_SAID: Final = (
    (re.compile(r"(?:%-?|percent(?:age)? ?)?(?:pp|ppts?|pts?|points?)|%p|百分[点點]|퍼센트 ?포인트", re.I),
     "points of a share are the difference of two shares",
     "give the share itself, in percent, or the growth in percent"),
    (re.compile(r"bps?|basis points?", re.I),
     "a basis point is a hundredth of a percent", "write 50 bp as 0.5 and percent"),
    (re.compile(r"[x×*·] ?10 ?(?:\^|\*\*)? ?-?\d+", re.I),
     "it is written as a power of ten", "write it with an e, 6.2e10 for 6.2x10^10"),
    (re.compile(r"x|×|times?|倍|배|-?fold", re.I),
     "times are a ratio", "write a growth of 2x as 100 percent; a ratio has the unit ratio"),
    (re.compile(r"(?:成|割|할).*", re.I), "成 and 割 are tenths", "write 3成 as 30 percent, 3成5 as 35"),
    (re.compile(r"‰"), "‰ is a tenth of a percent", "write 45‰ as 4.5 percent"),
    (re.compile(r"(?:多|余|餘)[十百千]?[万萬亿億兆]+.*|.*(?:여|餘|余)"),
     "it is more than it says, by a little", "leave value empty and write the number into low"),
    (re.compile(r"%? ?(?:增|増|増加|減|减|上昇|下落|성장|증가|감소|up|down)", re.I),
     *_SIGNED),
    (re.compile(r"(?:%|percent)? ?\(?(?:[yqm]-?o-?[yqm]|[yqm]/[yqm]|yr/yr|cagr|p\.a\.)\)?(?: ?%)?", re.I),
     "a comparison is what the metric says, no unit", "write percent, and the metric of the growth"),
    (re.compile(_COUNTED, re.I), "what is counted is what the metric says", "write units"),
    (re.compile(rf"(?:{_SCALE}) ?(?:{_COUNTED})", re.I),
     "what is counted is what the metric says", "write units for it, and keep the scale, as 'million units'"),
    (re.compile(r"(?:\w+ )?[\d.]* ?Gb[- ]?(?:eq(?:uiv(?:alents?)?)?)\.?", re.I),
     "an equivalent of so many gigabits is a count of gigabits", "write the number times them, in Gb"),
    (re.compile(r"[kmgtpe]ib", re.I), "a GiB is 1.0737 GB", "write the number in GB"),
    (re.compile(r"(?:us\$|\$|usd)? ?mm(?: .*)?", re.I), "mm is a million, or a millimetre", "write million"),
    (re.compile(r"(?:.* )?mil\.?|mil .*", re.I),
     "mil is a million or a thousand", "write million or thousand"),
    (re.compile(r"(?:.* )?(?:us ?)?\S* ?(?:/|per) ?wafers?", re.I),
     "what a wafer costs or brings is a metric of its own", "write USD, and the metric that says per wafer"),
    (re.compile(r"(?:[*†‡§#]+|\(\d{1,2}\)|\[\d{1,2}\]|\([a-z]\)|\[[a-z]\])", re.I),
     "it is the mark of a footnote", "write the number alone; what the note says belongs into note"),
    (re.compile(r"(?:→|⇒|->|=>|vs\.?|versus|;|from|against|compared (?:to|with))\s*\S*\d.*", re.I),
     "it is a second number", "write one number, the other into a row of its own with its own period"),
    (re.compile(rf"(?:{_FOREIGN})(?: ?{_ANY_SCALE})?|{_ANY_SCALE} ?(?:{_FOREIGN})", re.I),
     *_UNKNOWN_CURRENCY),
    (re.compile(r"dollars?", re.I), "several places have dollars", "write USD, TWD or HKD"),
    (re.compile(r"\w+ dollars?", re.I), "several places have dollars",
     "write USD, TWD or HKD for it, and keep the scale, as 'million USD'"),
    (re.compile(r"k?wpq|k?wpy|k?wpw", re.I),
     "wafers of a quarter, a year or a week", "write those of a month, and wafers_per_month or kwpm"),
    (re.compile(r"(?:.* )?wafers?(?: ?/ ?| per | a )(?:week|wk|day)|片/[周週日天]", re.I),
     "wafers of a week or a day", "write those of a month, and wafers_per_month or kwpm"),
    (re.compile(r"k ?/ ?(?:m(?:onth)?|月|월)", re.I),
     "a month's thousands of what?", "write kwpm, or units_per_month"),
    (re.compile(r"[km]?u", re.I), "u is no unit", "write units, with its scale: K units, million units"),
    (re.compile(r".*\b(?:\d\d?[- ]?(?:in(?:ch)?|\")|\d{3} ?mm)\b.*", re.I),
     "a wafer's size is no unit", "write wafers or wafers_per_month, the size into note"),
    (re.compile(r"(?:kilo|k|m)?w(?:atts?)?|[km]?wh", re.I), "power is no quantity here", "leave the row out"),
)  # fmt: skip
_AROUND: Final = (
    (re.compile(rf"^\W*(?:{_FOREIGN})\s*[\d.]", re.I), *_UNKNOWN_CURRENCY),
    (re.compile(r"^\s*[x×]\s*\d", re.I),
     "times are a ratio", "write a growth of 2x as 100 percent; a ratio has the unit ratio"),
    (re.compile(r"\b(?:low|mid|high|upper|early|late)(?:er|dle)?[- ]|\bteens\b|-digits?\b|\d0s\b", re.I),
     "it says where in a range the number lies", "write the ends that it may mean into low and high"),
    (re.compile(r"\b(?:minus|negative|down|fell|decline[ds]?|drop(?:s|ped)?|lost|up|rose|plus|grew)\b", re.I),
     *_SIGNED),
    (re.compile(r"[增増減减跌漲涨]|성장|증가|감소|하락|상승|대비|同比|[環环]比|前年比|前期比"), *_SIGNED),
    (re.compile(r"\b(?:yoy|qoq|mom|y/y|q/q)\b", re.I),
     "a comparison is what the metric says, no unit", "write the number alone, and the metric of the growth"),
    (re.compile(r"\b(?:doubl|tripl|half|halv|third|quarter|t(?:wo|hree|en|wenty|hirty)|four|five|six|seven|eight"
                r"|nine|fifty|hundred|flat)|fold\b|翻|數|数|几|幾|半", re.I),
     "it is a number in words", "write it in digits: doubled is a growth of 100 percent"),
    (re.compile(r"月[産产產]|월 ?\d|每月"),
     "it says that it is of a month", "write the number, and 片/月 or 枚/月 behind it"),
)  # fmt: skip


def hint_around(text: str) -> tuple[str, str] | None:
    """Say what words around a number, or in its place, mean, and what to write; None where none is known.

    Parameters
    ----------
    text : str
        The whole cell.

    Returns
    -------
    (str, str) or None
        Problem and remedy.
    """
    return next(((problem, remedy) for pattern, problem, remedy in _AROUND if pattern.search(text)), None)


def hint_beside(words: str) -> tuple[str, str] | None:
    """Say what words beside a number mean, and what to write; None where they are not known.

    Parameters
    ----------
    words : str
        Plain text.

    Returns
    -------
    (str, str) or None
        Problem and remedy.
    """
    text = words.strip()
    for pattern, problem, remedy in _SAID:
        if text and pattern.fullmatch(text):
            return f"{text!r}: {problem}", remedy
    return None
