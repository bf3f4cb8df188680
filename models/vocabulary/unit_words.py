"""Words beside a number that are no unit of a figure, each with what to write in its place."""

import re
from typing import Final

_COUNTED: Final = "(?:gpu|xpu|asic|card|server|rack|chip|set|tool|system|module|machine|board)s?|ea|each"
_SAID: Final = (
    (re.compile(r"(?:%-?|percent(?:age)? ?)?(?:pp|ppts?|pts?|points?)|%p|百分[点點]|퍼센트 ?포인트", re.I),
     "points of a share are the difference of two shares",
     "give the share itself, in percent, or the growth in percent"),
    (re.compile(r"bps?|basis points?", re.I),
     "a basis point is a hundredth of a percent", "write 50 bp as 0.5 and percent"),
    (re.compile(r"x|×|times?|倍|배|fold", re.I),
     "times are a ratio", "write a growth of 2x as 100 percent; a ratio has the unit ratio"),
    (re.compile(r"成|割|할", re.I), "成 and 割 are tenths", "write 3成 as 30 percent"),
    (re.compile(r"(?:%|percent)? ?\(?(?:[yqm]-?o-?[yqm]|[yqm]/[yqm]|yr/yr|cagr|p\.a\.)\)?(?: ?%)?", re.I),
     "a comparison is what the metric says, no unit", "write percent, and the metric of the growth"),
    (re.compile(_COUNTED, re.I), "what is counted is what the metric says", "write units"),
    (re.compile(r"(?:\w+ )?[\d.]* ?Gb[- ]?(?:eq(?:uiv(?:alents?)?)?)\.?", re.I),
     "an equivalent of so many gigabits is a count of gigabits", "write the number times them, in Gb"),
    (re.compile(r"[kmgtpe]ib", re.I), "a GiB is 1.0737 GB", "write the number in GB"),
    (re.compile(r"(?:us\$|\$|usd)? ?mm", re.I), "mm is a million, or a millimetre", "write million"),
    (re.compile(r"mil\.?|mil .*", re.I), "mil is a million or a thousand", "write million or thousand"),
    (re.compile(r"(?:.* )?(?:us ?)?\S* ?(?:/|per) ?wafers?", re.I),
     "what a wafer costs or brings is a metric of its own", "write USD, and the metric that says per wafer"),
    (re.compile(r"(?:\w+ )?dollars?", re.I), "several places have dollars", "write USD, TWD or HKD"),
    (re.compile(r"k ?/ ?m(?:onth)?", re.I), "a month's thousands of what?", "write kwpm, or units_per_month"),
    (re.compile(r"[km]?u", re.I), "u is no unit", "write units, with its scale: K units, million units"),
    (re.compile(r".*\b(?:\d\d?[- ]?(?:in(?:ch)?|\")|\d{3} ?mm)\b.*", re.I),
     "a wafer's size is no unit", "write wafers or wafers_per_month, the size into note"),
    (re.compile(r"(?:kilo|k|m)?w(?:atts?)?|[km]?wh", re.I), "power is no quantity here", "leave the row out"),
)  # fmt: skip


def said_otherwise(words: str) -> tuple[str, str] | None:
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
