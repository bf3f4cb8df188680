"""How a sentence names a period, in English, Chinese and Korean: days, sums of months, parts of years.

The first form that fits a place holds; what each of its groups means is said in `mentions`.
"""

import re
from typing import Final

_MONTHS: Final = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?"
)
_YEAR: Final = r"(?P<year>20\d\d)"
_ORD: Final = r"(?P<n>first|second|third|fourth|[1-4](?:st|nd|rd|th))"
_WORD_YEAR: Final = r"(?P<on>this year|the year|current year|the coming year|next year|last year)"
FORMS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # Months that a quarter ends with are no month of their own; a fiscal quarter is nobody's here.
        rf"(?P<months>\b(?:the|its|a) (?:fiscal )?(?:quarter|period|half|(?:three|six) months)"
        rf" (?:ended|ending)(?: in)? {_MONTHS}(?: \d{{1,2}},?)?(?: 20\d\d)?)(?!\d)",
        rf"(?P<day>\b(?:ended|ending)(?: in)? {_MONTHS}(?: \d{{1,2}},?)?(?: 20\d\d)?)(?!\d)",
        # Days: told apart so that their numbers are no amounts.
        rf"(?P<day>\b{_MONTHS} \d{{1,2}}(?:-\d{{1,2}})?(?:, 20\d\d)?(?!\d))",
        r"(?P<day>(?:20\d\d ?年 ?)?\d{1,2} ?月 ?\d{1,2} ?日|(?:20\d\d년 ?)?\d{1,2}월 ?\d{1,2}일"
        r"|20\d\d[-/.]\d{1,2}[-/.]\d{1,2})",
        rf"(?P<months>\b{_MONTHS}(?: ?[-–—] ?| (?:and|to|through) ){_MONTHS}(?: of)? {_YEAR}(?!\d))",
        r"(?P<months>20\d\d ?[年년] ?\d{1,2} ?[月월]?(?: ?[-–—~〜～至到] ?|부터 ?)\d{1,2} ?[月월])",
        # What no single period has: sums of months so far, of the last quarters, up to a year.
        r"\b(?P<sum>(?:the )?(?:first|last|past|previous|trailing) "
        r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|eighteen|\d{1,2})[- ]"
        r"(?:months?|quarters?|weeks?)"
        r"(?: (?:of|in|to|ended|ending))?(?: the)?(?: (?:fiscal|calendar))?(?: year)?(?: 20\d\d)?)(?!\d)",
        rf"\b(?P<sum>(?:(?:six|nine|twelve|6|9|12)[- ]months?|(?:two|three|four|[2-4])[- ]quarters?)"
        rf"(?: (?:to|ended|ending|through))(?: {_MONTHS})?(?: \d{{1,2}},?)?(?: 20\d\d)?)(?!\d)",
        r"\b(?<!\d )(?P<sum>(?:through|until|up to)(?: the end of)?"
        r"(?: fiscal| calendar| FY| CY)? ?20\d\d)(?!\d)",
        rf"\b(?P<sum>by (?:the )?end of (?!Dec){_MONTHS}(?: 20\d\d)?)(?!\d)",
        # Several years in one: what they change by is a rate.
        r"\b(?P<sum>(?:the )?(?:next|coming|following|past|last|previous) "
        r"(?:few|several|two|three|four|five|six|seven|eight|ten|\d{1,2}) years)\b",
        r"(?P<sum>(?:未來|未来|過去|过去|今後|今后|近)(?:[一二三四五六七八十兩两幾几數数]|\d{1,2}) ?年"
        r"|(?:향후|앞으로|지난|최근|과거) ?(?:몇|수|\d{1,2}) ?년)",
        r"(?P<sum>(?:(?:20\d\d|今|明|去) ?年)?前"
        r"(?:[二三兩两]季度?|[一二兩两三四五六七八九十\d]{1,2}[個个]?月))",
        r"(?P<sum>(?:(?:20\d\d년|올해|금년|내년|지난해|작년) ?)?(?:[1-4]분기|\d{1,2}월)(?:까지의?)?"
        r"(?: ?누적| ?누계|(?<=까지)))",
        r"(?P<months>(?:(?:20\d\d년|올해|금년|내년|지난해|작년) ?)?[1-4](?:분기)? ?[-–~〜～] ?[1-4]분기)",
        r"(?P<months>(?:(?:20\d\d|今|明|去) ?年)?第?[一二三四1-4]季?度?"
        r" ?[-–~〜～至到] ?第?[一二三四1-4]季度?)",
        rf"\b(?P<month>{_MONTHS})(?: of)? {_YEAR}(?!\d)",
        r"(?P<year>20\d\d) ?[年년] ?(?P<monthnumber>\d{1,2}) ?[月월](?![產产底])",
        # What is said by another period of the sentence.
        r"\b(?P<back>(?:the|a) (?:same|corresponding|year-ago) (?:period|quarter|half|time)"
        r"(?: of| in)?(?: the)? (?:last|previous|prior|preceding) year|(?:a|one) year (?:earlier|ago|before)"
        r"|the (?:year before|(?:prior|previous|preceding) year)|year-ago)",
        r"(?P<back>上年同期|去年同期|前一年|(?:지난해|작년|전년) (?:동기|같은 (?:기간|분기))"
        r"|전년(?! ?(?:대비|보다)))",
        r"\b(?P<backquarter>the (?:prior|previous|preceding) (?:fiscal )?quarter)",
        r"(?P<backquarter>(?:직전|전) ?분기|前一季|上一季|上季)",
        r"(?P<ahead>\b(?:(?:a|one|the) year (?:later|after)|the (?:following|subsequent) year)\b"
        r"|次年|翌年|隔年|이듬해|다음 ?해)",
        # Quarters and halves.
        rf"\b(?:(?P<fiscal>fiscal|calendar) )?{_ORD}[- ](?P<what>quarter|half)(?: (?:of|in|for))?(?: the)?"
        rf"(?: (?P<fiscal2>fiscal|calendar)(?: year)?)?(?: (?:{_YEAR}|{_WORD_YEAR}))?(?!\d)",
        rf"\b(?P<fiscal>fiscal)(?: year)? {_YEAR}(?:'s)? {_ORD}[- ](?P<what>quarter|half)",
        rf"\b(?:(?P<fiscal>fiscal) )?Q(?P<n>[1-4])(?: of)?(?: (?P<fiscal2>fiscal))?"
        rf"(?:[ ']?{_YEAR}|[ ']?(?P<short>2\d))?(?![\d%])",
        r"(?<![\dA-Za-z.])(?P<n>[1-4])(?P<what>Q|H)(?P<fiscal>FY)?(?:(?P<year>20\d\d)|(?P<short>2\d))(?!\d)",
        r"\b(?P<what>H)(?P<n>[12])(?: of)? (?P<year>20\d\d)(?!\d)",
        rf"\b(?P<fiscal>FY) ?(?:{_YEAR}|(?P<short>2\d))(?: ?Q(?P<n>[1-4]))?(?!\d)",
        rf"\bfiscal(?P<fiscal>)(?: year)? {_YEAR}(?!\d)",
        rf"(?:{_YEAR}|(?P<on>今|明|去|本)) ?年度?第? ?(?P<n>[1-4一二三四]) ?(?P<what>季)度?",
        rf"(?:{_YEAR}|(?P<on>今|明|去|本)) ?年?(?P<n>[上下])(?P<what>半)[年期]?",
        rf"(?:(?:{_YEAR}년|(?P<on>올해|금년|내년|지난해|작년)) ?)(?P<n>[1-4])(?P<what>분기)",
        rf"(?:(?:{_YEAR}년|(?P<on>올해|금년|내년|지난해|작년)) ?)(?P<n>[상하])(?P<what>반기)",
        r"第 ?(?P<n>[1-4一二三四]) ?(?P<what>季)度?",
        r"(?<![\d.])(?P<n>[1-4])(?P<what>분기)",
        r"(?P<n>[上下])(?P<what>半)年",
        r"(?P<n>[상하])(?P<what>반기)",
        # Months without a year.
        rf"\b(?:in|during|for|since|of) (?P<month>{_MONTHS})(?! ?\d)",
        r"(?<![\d年년] )(?<![\d年년])(?P<monthnumber>1[0-2]|[1-9]) ?(?:月份?(?![產产底])|월(?!\s?\d))"
        r"(?=[^간])",
        r"(?P<months>\b(?:this|last|next|the (?:previous|prior|past|following)) month\b"
        r"|[上本當当]個?个?月(?!產|产)|지난달|전월(?! ?(?:대비|보다))|이번 ?달|이달)",
        # Ends of years.
        rf"\b(?:the )?(?P<end>end|close)(?: of|-)(?: ?the)?(?: calendar)? ?(?:{_YEAR}|{_WORD_YEAR})(?!\d)",
        rf"\b(?P<end>end-|year-?end |late |(?:December|Dec\.?) ){_YEAR}(?!\d)",
        rf"\b(?P<end>year-?end)(?! {_YEAR})",
        rf"(?:{_YEAR}|(?P<on>今|明|去)) ?年 ?(?P<end>年?底|末)",
        rf"(?:{_YEAR}년|(?P<on>올해|내년|지난해|작년)) ?(?P<end>연?말)",
        r"(?P<end>年底|연말)",
        # Years.
        rf"(?<!\bon )\b{_WORD_YEAR}\b(?! 20\d\d)",
        r"\b(?P<on>(?:two|three) years ago)\b",
        r"(?P<on>今|明|去|前|後|后) ?年",
        r"(?P<on>올해|금년|내년|지난해|재작년|작년|내후년)",
        rf"{_YEAR}(?:년| ?年) ?",
        rf"(?:(?<![\d$€¥₩.,A-Za-z-])|(?<=20\d\d-))(?:calendar |CY ?)?{_YEAR}"
        r"(?!\d|,\d{3}|%|\.\d| ?(?:units|wafers|million|billion))",
        r"\bCY ?(?P<short>2\d)(?!\d)",
    )
)
