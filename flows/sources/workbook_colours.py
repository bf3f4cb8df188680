"""Colours of a workbook, of its theme, its palette or named outright, and whether two can be told apart."""

import colorsys
import re
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree

type Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

BLACK: Final = (0, 0, 0)
WHITE: Final = (255, 255, 255)
NOT_SEEN: Final = 16
"""Steps of 255 that red, green and blue may differ by, and nobody reads the text: white on a light grey."""
_BY_NAME: Final = {
    **{"black": BLACK, "white": WHITE, "red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)},
    **{"yellow": (255, 255, 0), "magenta": (255, 0, 255), "cyan": (0, 255, 255)},
}
_PALETTE: Final = tuple(
    re.findall(
        r"\w+",
        "000000 FFFFFF FF0000 00FF00 0000FF FFFF00 FF00FF 00FFFF 000000 FFFFFF FF0000 00FF00 0000FF FFFF00"
        " FF00FF 00FFFF 800000 008000 000080 808000 800080 008080 C0C0C0 808080 9999FF 993366 FFFFCC CCFFFF"
        " 660066 FF8080 0066CC CCCCFF 000080 FF00FF FFFF00 00FFFF 800080 800000 008080 0000FF 00CCFF CCFFFF"
        " CCFFCC FFFF99 99CCFF FF99CC CC99FF FFCC99 3366FF 33CCCC 99CC00 FFCC00 FF9900 FF6600 666699 969696"
        " 003366 339966 003300 333300 993300 993366 333399 333333",
    )
)
_FOREGROUND, _BACKGROUND = 64, 65
_THEME: Final = ("lt1", "dk1", "lt2", "dk2", *(f"accent{i}" for i in range(1, 7)), "hlink", "folHlink")
_USUAL_THEME: Final = tuple(
    re.findall(r"\w+", "FFFFFF 000000 E7E6E6 44546A 4472C4 ED7D31 A5A5A5 FFC000 5B9BD5 70AD47 0563C1 954F72")
)
_IN_CODE: Final = re.compile(rf"\[({'|'.join(_BY_NAME)}|color ?(\d\d?))\]", re.IGNORECASE)


@dataclass(frozen=True)
class Palette:
    """Colours that cells name by a number.

    Attributes
    ----------
    theme, indexed : tuple of str
        As RRGGBB.
    """

    theme: tuple[str, ...] = _USUAL_THEME
    indexed: tuple[str, ...] = _PALETTE

    @classmethod
    def read(cls, styles: ElementTree.Element | None, theme: ElementTree.Element | None) -> "Palette":
        """Read the palette and the theme of a workbook, where it has its own."""
        by_name: dict[str, str] = {}
        for part in theme.iter() if theme is not None else ():
            name = part.tag.rpartition("}")[2]
            if name in _THEME and len(part):
                by_name[name] = part[0].get("lastClr") or part[0].get("val") or ""
        own = [
            rgb.get("rgb", "")[-6:]
            for rgb in (styles.iter() if styles is not None else ())
            if rgb.tag.endswith("}rgbColor")
        ]
        named = [by_name.get(name, usual) for name, usual in zip(_THEME, _USUAL_THEME, strict=True)]
        return cls(tuple(named), (*own, *_PALETTE[len(own) :]))

    def colour(self, element: ElementTree.Element, by_itself: Colour) -> Colour | None:
        """Colour that a font or a fill names; `by_itself` where it is left to the program."""
        if (rgb := element.get("rgb")) is not None:
            found = _rgb(rgb[-6:])
        elif (theme := element.get("theme")) is not None:
            found = _rgb(self.theme[int(theme)]) if int(theme) < len(self.theme) else None
        elif (at := element.get("indexed")) is not None:
            number = int(at)
            by_system = {_FOREGROUND: BLACK, _BACKGROUND: WHITE}
            found = by_system.get(number, _rgb(self.indexed[number]) if number < len(self.indexed) else None)
        else:
            found = by_itself
        return found and _tinted(found, float(element.get("tint", 0)))


def named_in(code: str) -> Colour | None:
    """Colour that a part of a number's format names, as [White]0.0 does; None where it names none."""
    found = _IN_CODE.search(re.sub(r'"[^"]*"', "", code))
    if found is None:
        return None
    if found[2] is None:
        return _BY_NAME[found[1].lower()]
    # The numbers of formats count from 1, the palette's first eight are there twice.
    return _rgb(_PALETTE[int(found[2]) + 7]) if 0 < int(found[2]) + 7 < len(_PALETTE) else None


def are_alike(text: Colour | None, behind: Colour | None) -> bool:
    """Whether a text can't be told from what is behind it; not where either is unknown."""
    if text is None or behind is None:
        return False
    return all(abs(one - other) <= NOT_SEEN for one, other in zip(text, behind, strict=True))


def _rgb(written: str) -> Colour | None:
    if not re.fullmatch(r"[0-9A-Fa-f]{6}", written):
        return None
    return int(written[:2], 16), int(written[2:4], 16), int(written[4:], 16)


def _tinted(colour: Colour, tint: float) -> Colour:
    """Make a colour lighter, or darker where `tint` lies below 0."""
    if not tint:
        return colour
    hue, light, saturation = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    red, green, blue = colorsys.hls_to_rgb(hue, min(max(light, 0.0), 1.0), saturation)
    return round(red * 255), round(green * 255), round(blue * 255)
