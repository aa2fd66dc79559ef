"""Line charts as inline SVG that a strict content policy lets through.

pygal writes a style sheet, a script and style attributes into every chart; they are taken out
here, and static/css/pages.css colours what is left. A chart never stands alone: it says its
finding in a sentence and gives its numbers as a table.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from xml.etree.ElementTree import Element, tostring

import pygal
from django.utils.safestring import SafeString, mark_safe

# pygal hooks into every import, in a way Python warns of, for plugins that nobody here uses.
sys.meta_path[:] = [each for each in sys.meta_path if type(each) is not pygal.PluginImportFixer]

WIDTH, HEIGHT = 340, 190
MOST_GUIDES = 5
UNWANTED_TAGS = frozenset({"style", "script", "defs", "title", "desc"})
UNWANTED_CLASSES = frozenset({"text-overlay", "tooltip-overlay"})


@dataclass(frozen=True, slots=True)
class Chart:
    """What templates/components/chart.html shows.

    sentence: the finding, for those who do not see the picture; legend: names of the lines, at
    most two; head and rows: the numbers.
    """

    svg: SafeString
    sentence: str
    legend: list[str]
    head: list[str]
    rows: list[list[str]]


def line_chart(
    sentence: str,
    across: str,
    labels: Sequence[str],
    lines: Sequence[tuple[str, Sequence[int]]],
    *,
    short_labels: Sequence[str] = (),
) -> Chart:
    """Draw counts, one line for each (name, values); `across` heads the column of labels.

    short_labels: for under the drawing, where there is little room.
    """
    columns = zip(*(values for _, values in lines), strict=True)
    return Chart(
        svg=_drawn(
            tuple(short_labels or labels), tuple((name, tuple(values)) for name, values in lines)
        ),
        sentence=sentence,
        legend=[name for name, _ in lines],
        head=[across, *(name for name, _ in lines)],
        rows=[[label, *map(str, row)] for label, row in zip(labels, columns, strict=True)],
    )


@lru_cache(maxsize=512)  # a page opened again draws the same; one takes a sixth of its time
def _drawn(labels: tuple[str, ...], lines: tuple[tuple[str, tuple[int, ...]], ...]) -> SafeString:
    drawing = pygal.Line(
        width=WIDTH,
        height=HEIGHT,
        js=(),
        css=(),
        show_legend=False,
        no_prefix=True,
        dots_size=4,
        margin=8,
        margin_right=20,
    )
    drawing.x_labels = list(labels)
    drawing.y_labels = _guides(max((max(values, default=0) for _, values in lines), default=0))
    for name, values in lines:
        drawing.add(name, list(values))
    root = drawing.render_tree()
    _strip(root)
    # Numbers and labels, escaped by the serialiser.
    return mark_safe(tostring(root, encoding="unicode"))  # noqa: S308


def _guides(highest: int) -> list[int]:
    """Whole numbers from 0 to at least `highest`, few enough to read."""
    step = max(ceil(highest / MOST_GUIDES), 1)
    return list(range(0, max(highest, 1) + step, step))


def _strip(element: Element) -> None:
    """Take out all that a strict policy blocks, and what only a script would show."""
    element.attrib.pop("style", None)
    if not element.attrib.get("id"):
        element.attrib.pop("id", None)
    for child in list(element):
        if _unwanted(child):
            element.remove(child)
        else:
            _strip(child)


def _unwanted(element: Element) -> bool:
    if callable(element.tag):  # a comment
        return True
    classes = element.attrib.get("class", "").split()
    return element.tag in UNWANTED_TAGS or not UNWANTED_CLASSES.isdisjoint(classes)
