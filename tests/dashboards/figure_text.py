"""What stands written on a chart."""

from matplotlib.figure import Figure
from matplotlib.text import Text


def text_of(figure: Figure) -> str:
    """All text that stands on a figure, joined by line breaks."""
    return "\n".join(t.get_text() for t in figure.findobj(Text) if t.get_text())
