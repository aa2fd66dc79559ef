"""A drop-down written in one go: the same as Django's own."""

import pytest
from django import forms
from django.test.html import parse_html

from keywork.forms import LongSelect

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
