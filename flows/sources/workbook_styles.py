"""Styles of a workbook's cells: formats, what is struck through, and what nobody sees for its colour."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree

from flows.sources.number_formats import SECTIONS, section_of
from flows.sources.workbook_colours import BLACK, WHITE, Colour, Palette, are_alike, named_in
from flows.sources.workbook_parts import MAIN, linked_parts, tree
from models.evidence.recipes import FAINT, RAISED, STRUCK

_BUILT_IN: Final = {9: "0%", 10: "0.00%", 17: "mmm-yy"}
"""Formats that have a number only, of those that show more or less than the cell holds."""
_NO_FILL: Final = 0


@dataclass(frozen=True)
class _Text:
    """A text in parts: what is wrong with one of them, and their colours (None for that of the cell)."""

    mark: str
    colours: tuple[Colour | None, ...] = ()


@dataclass(frozen=True)
class RuleStyle:
    """What a rule changes of a look; None for what it leaves. `says` holds which colours it names."""

    says: frozenset[str] = frozenset()
    colour: Colour | None = None
    fill: Colour | None = None
    is_struck: bool | None = None
    code: str = ""


@dataclass(frozen=True)
class Look:
    """How a cell looks, of what rules may change: colours, a line through it, the format of its number."""

    colour: Colour | None = BLACK
    fill: Colour | None = WHITE
    is_struck: bool = False
    code: str = ""

    def under(self, rule: RuleStyle | None) -> "Look":
        """Look of a cell that a rule holds for, where none before it said otherwise."""
        rule = rule or RuleStyle()
        return Look(
            rule.colour if "colour" in rule.says else self.colour,
            rule.fill if "fill" in rule.says else self.fill,
            self.is_struck or bool(rule.is_struck),
            self.code or rule.code,
        )


@dataclass(frozen=True)
class Styles:
    """Styles by their number, and texts in parts by theirs.

    Attributes
    ----------
    formats : list of str
        Codes of the formats that say more than how many digits are shown.
    struck, faint, unfilled : frozenset of int
        Styles that are struck through; whose text has the colour of what is behind it; that have no fill.
    fills : list of (int, int, int) or None
        Colour behind the text; None where it is none that can be told.
    texts : dict of int to _Text
    colours : list of (int, int, int) or None
        Of the text.
    of_rules : list of RuleStyle
        Those of conditional formats.
    """

    formats: list[str] = field(default_factory=list)
    struck: frozenset[int] = frozenset()
    faint: frozenset[int] = frozenset()
    unfilled: frozenset[int] = frozenset()
    fills: list[Colour | None] = field(default_factory=list)
    texts: dict[int, _Text] = field(default_factory=dict)
    palette: Palette = field(default_factory=Palette)
    colours: list[Colour | None] = field(default_factory=list)
    of_rules: list[RuleStyle] = field(default_factory=list)

    def look_of(self, style: int) -> Look:
        """Look of a style, as far as rules may change it."""
        colour = self.colours[style] if style < len(self.colours) else BLACK
        return Look(colour, self.fills[style] if style < len(self.fills) else WHITE)

    def format_of(self, style: int) -> str:
        """Code of the format of a style; '' for one of the usual."""
        return self.formats[style] if style < len(self.formats) else ""

    def mark_of(self, element: ElementTree.Element, value: str, style: int) -> str:
        """Say why the text of a cell is not seen as it stands; '' where it is.

        Parameters
        ----------
        element : Element
            The cell.
        value : str
            What it holds: a number, or the number of a text.
        style : int
        """
        inside = next((part for part in element if part.tag.endswith("}is")), None)
        if not value and inside is None:
            return ""
        if style in self.struck:
            return STRUCK
        text = None
        if inside is not None:
            text = _text(inside, self.palette)
        elif element.get("t") == "s" and value.isdigit():
            text = self.texts.get(int(value))
        if text is not None and text.mark:
            return text.mark
        fill = self.fills[style] if style < len(self.fills) else WHITE
        is_faint = style in self.faint or self._is_left_out(element, value, style, fill)
        if text is not None and text.colours:
            is_faint = any(is_faint if c is None else are_alike(c, fill) for c in text.colours)
        return FAINT if is_faint else ""

    def _is_left_out(self, element: ElementTree.Element, value: str, style: int, fill: Colour | None) -> bool:
        """Whether the format of a cell shows nothing of its text, or all in the colour of its background."""
        code = self.format_of(style)
        is_text = element.get("t", "n") not in ("n", "b", "e", "d")
        section = section_of(code, None if is_text else _number(value))
        if is_text and code.count(";") == len(SECTIONS) - 1 and not section.strip():
            return True
        named = named_in(section)
        return named is not None and are_alike(named, fill)


def _number(written: str) -> float:
    try:
        return float(written)
    except ValueError:
        return 1.0


def read_styles(packed: zipfile.ZipFile) -> Styles:
    """Read the styles of a workbook, and which of its texts have marked parts."""
    parts = linked_parts(packed)
    root = tree(packed, parts["styles"]) if "styles" in parts else None
    theme = ElementTree.fromstring(packed.read(parts["theme"])) if "theme" in parts else None
    palette = Palette.read(root, theme)
    texts: dict[int, _Text] = {}
    if "sharedStrings" in parts:
        strings = tree(packed, parts["sharedStrings"]).findall(f"{MAIN}si")
        read = ((i, _text(string, palette)) for i, string in enumerate(strings))
        texts = {i: text for i, text in read if text is not None}
    if root is None:
        return Styles(texts=texts, palette=palette)
    own = {int(own.get("numFmtId", 0)): own.get("formatCode", "") for own in root.iter(f"{MAIN}numFmt")}
    fonts = [(_is_struck(font), _colour(font, palette)) for font in _children(root, "fonts")]
    behind = [_fill(fill, palette) for fill in _children(root, "fills")]
    formats, struck, faint, unfilled, fills, colours = [], set(), set(), set(), [], []
    for i, style in enumerate(_children(root, "cellXfs")):
        number, font, at = (int(style.get(name, 0)) for name in ("numFmtId", "fontId", "fillId"))
        formats.append(own.get(number, _BUILT_IN.get(number, "")))
        fills.append(behind[at] if at < len(behind) else WHITE)
        is_struck, colour = fonts[font] if font < len(fonts) else (False, BLACK)
        colours.append(colour)
        struck |= {i} if is_struck else set()
        faint |= {i} if are_alike(colour, fills[-1]) else set()
        unfilled |= {i} if at == _NO_FILL else set()
    of_rules = [rule_style(style, palette) for style in _children(root, "dxfs")]
    marks = (frozenset(struck), frozenset(faint), frozenset(unfilled))
    return Styles(formats, *marks, fills, texts, palette, colours, of_rules)


def rule_style(style: ElementTree.Element, palette: Palette) -> RuleStyle:
    """Read what a conditional format changes; its fills name the colour of a solid one as its background."""
    says: set[str] = set()
    colour, fill, is_struck = None, None, None
    if (font := style.find(f"{MAIN}font")) is not None:
        is_struck = _is_struck(font)
        if (said := font.find(f"{MAIN}color")) is not None:
            says.add("colour")
            colour = palette.colour(said, BLACK)
    if (pattern := style.find(f"{MAIN}fill/{MAIN}patternFill")) is not None:
        says.add("fill")
        behind = pattern.find(f"{MAIN}bgColor")
        is_solid = pattern.get("patternType", "solid") == "solid"
        fill = palette.colour(behind, WHITE) if behind is not None and is_solid else None
    number = style.find(f"{MAIN}numFmt")
    code = "" if number is None else number.get("formatCode", "")
    return RuleStyle(frozenset(says), colour, fill, is_struck, code)


def _children(root: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    found = root.find(f"{MAIN}{name}")
    yield from found if found is not None else ()


def _is_struck(font: ElementTree.Element) -> bool:
    return any(part.tag == f"{MAIN}strike" and part.get("val", "1") not in ("0", "false") for part in font)


def _colour(font: ElementTree.Element, palette: Palette) -> Colour | None:
    """Colour of a font: black where it names none."""
    said = font.find(f"{MAIN}color")
    return BLACK if said is None else palette.colour(said, BLACK)


def _fill(fill: ElementTree.Element, palette: Palette) -> Colour | None:
    """Colour of a fill: white where there is none, None where it is a pattern of two."""
    pattern = fill.find(f"{MAIN}patternFill")
    if pattern is None:
        return None if len(fill) else WHITE
    kind = pattern.get("patternType", "none")
    if kind != "solid":
        return WHITE if kind == "none" else None
    said = pattern.find(f"{MAIN}fgColor")
    return BLACK if said is None else palette.colour(said, BLACK)


def _text(text: ElementTree.Element, palette: Palette) -> _Text | None:
    """Read a text in parts; None for a plain one.

    It is marked where a part is struck through, or a digit is raised behind other digits.
    """
    said: list[tuple[str, bool]] = []
    colours: list[Colour | None] = []
    for part in text.findall(f"{MAIN}r"):
        font = part.find(f"{MAIN}rPr")
        words = "".join(t.text or "" for t in part.findall(f"{MAIN}t"))
        if font is not None and words.strip() and _is_struck(font):
            return _Text(STRUCK)
        if words.strip():
            colours.append(None if font is None else _colour(font, palette))
        raised = None if font is None else font.find(f"{MAIN}vertAlign")
        said.append((words, raised is not None and raised.get("val") in ("superscript", "subscript")))
    has_raised = any(is_raised and any(map(str.isdigit, words)) for words, is_raised in said)
    is_marked = has_raised and any(map(str.isdigit, "".join(w for w, up in said if not up)))
    return _Text(RAISED if is_marked else "", tuple(colours)) if said else None
