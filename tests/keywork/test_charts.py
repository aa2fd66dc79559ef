import re
from xml.etree import ElementTree

import pytest

from keywork.charts import line_chart


def chart(*values, name="Achieved"):
    labels = [f"Half term {number}" for number in range(len(values))]
    return line_chart("Two of three", "By the end of", labels, [(name, values)])


def test_nothing_that_a_strict_content_policy_blocks_is_left():
    svg = chart(1, 2, 3).svg

    assert not re.search(r"<style|<script|style=|onload|<!--|http://pygal", svg)
    root = ElementTree.fromstring(svg)
    assert root.tag.removeprefix("{http://www.w3.org/2000/svg}") == "svg"
    assert root.get("viewBox") == "0 0 340 190"
    assert root.get("id") is None


def test_the_hooks_for_colours_stay():
    svg = chart(1, 2, 3).svg

    assert 'class="series serie-0 color-0"' in svg
    assert svg.count('class="dot reactive') == 3


def test_the_numbers_come_as_a_table():
    made = line_chart("S", "Half term", ["A", "B"], [("Achieved", [1, 2]), ("Finished", [3, 4])])

    assert made.head == ["Half term", "Achieved", "Finished"]
    assert made.rows == [["A", "1", "3"], ["B", "2", "4"]]
    assert made.legend == ["Achieved", "Finished"]


@pytest.mark.parametrize(
    ("highest", "marks"),
    [
        (0, ["0", "1"]),
        (1, ["0", "1"]),
        (5, ["0", "1", "2", "3", "4", "5"]),
        (12, ["0", "3", "6", "9", "12"]),
        (100, ["0", "20", "40", "60", "80", "100"]),
    ],
)
def test_the_scale_counts_in_whole_numbers(highest, marks):
    root = ElementTree.fromstring(chart(0, highest).svg)

    axis = next(each for each in root.iter() if "axis y" in each.get("class", ""))
    shown = [each.text for each in axis.iter() if each.tag.endswith("text")]
    assert shown == marks


def test_words_are_escaped():
    svg = line_chart("S", "X", ["<b>&", "B"], [("A", [1, 2])]).svg

    assert "<b>" not in svg
    assert "&lt;b&gt;&amp;" in svg
