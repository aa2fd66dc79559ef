"""Controls written in one go: the same as Django's own."""

from datetime import time

import pytest
from django import forms
from django.test.html import parse_html

from keywork.forms import LongSelect, QuickCheckbox, QuickHidden, QuickTextarea, QuickTime

CHOICES = [("", "Any key worker"), ("a1", "Ada O’Hara"), ("b2", "<b> & Sons")]


@pytest.mark.parametrize("value", [None, "", "b2", "nobody"])
def test_it_gives_what_djangos_gives(value):
    attrs = {"class": "form-select", "required": True, "id": "id_who"}
    ours = LongSelect(attrs=attrs, choices=CHOICES).render("who", value)
    djangos = forms.Select(attrs=attrs, choices=CHOICES).render("who", value)
    assert parse_html(ours) == parse_html(djangos)


def test_labels_are_escaped():
    text = LongSelect(choices=CHOICES).render("who", "")
    assert "&lt;b&gt; &amp; Sons" in text


@pytest.mark.parametrize(
    ("ours", "djangos", "values"),
    [
        (QuickHidden(), forms.HiddenInput(), [None, "", "a&b"]),
        (QuickTime(), forms.TimeInput(QuickTime().attrs, "%H:%M"), [None, "half", time(13, 40)]),
        (
            QuickCheckbox({"form": "log"}),
            forms.CheckboxInput({"class": "form-check-input", "form": "log"}),
            [None, True, False, "on"],
        ),
        (QuickTextarea({"rows": 2}), forms.Textarea({"rows": 2}), [None, "", "\n<b> & 2 lines\n"]),
    ],
)
def test_quick_controls_give_what_djangos_give(ours, djangos, values):
    for value in values:
        attrs = {"id": "id_x", "required": False}
        assert parse_html(ours.render("x", value, attrs)) == parse_html(
            djangos.render("x", value, attrs)
        )
