"""The template helpers, and how a form shows its errors."""

import re

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.template import Context, Template

from keywork.templatetags.page_parts import initials, places


class VisitForm(forms.Form):
    what = forms.CharField(
        help_text="Facts only.", error_messages={"required": "Say what you talked about"}
    )
    feeling = forms.ChoiceField(
        choices=[("good", "Good"), ("hard", "Hard")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one word"},
    )
    note = forms.CharField(required=False)

    def clean(self):
        if self.data.get("note") == "clash":
            raise ValidationError("Somebody else saved this first")


VisitFormSet = forms.formset_factory(VisitForm, extra=0)


def rendered(source, **context):
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Jayden Thorne", "JT"), ("Mary Ann Hill", "MH"), ("Zofia", "Z"), ("", "")],
)
def test_initials(name, letters):
    assert initials(name) == letters


def test_places_count_from_one():
    assert list(places(3)) == [1, 2, 3]
    assert list(places(0)) == []


def test_pips_say_their_count_in_words():
    html = rendered(
        '{% include "components/pips.html" with held=2 total=3 note="this half term" only %}'
    )
    assert html.count("<i") == 3
    assert html.count('<i class="on"') == 2
    assert "2 of 3" in html
    assert html.rstrip().endswith("this half term")


SUMMARY = "{% load page_parts %}{% error_summary form formset %}"


def test_summary_names_every_error_and_points_to_its_field():
    html = rendered(SUMMARY, form=VisitForm({"note": "clash"}), formset=None)
    assert "There are 3 things to fix" in html
    assert re.findall(r"<li>(.*?)</li>", html) == [
        "Somebody else saved this first",
        '<a href="#id_what">Say what you talked about</a>',
        '<a href="#id_feeling_0">Choose one word</a>',
    ]


def test_summary_of_one_error_is_singular():
    html = rendered(SUMMARY, form=VisitForm({"what": "Maths"}), formset=None)
    assert "There is 1 thing to fix" in html


def test_summary_reaches_into_formsets():
    data = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 0, "form-0-what": "Maths"}
    data |= {"form-0-feeling": "good", "form-1-what": "Art", "form-1-note": "x"}
    html = rendered(SUMMARY, form=None, formset=VisitFormSet(data))
    assert re.findall(r"<li>(.*?)</li>", html) == [
        '<a href="#id_form-1-feeling_0">Choose one word</a>'
    ]


@pytest.mark.parametrize("form", [VisitForm(), VisitForm({"what": "Maths", "feeling": "good"})])
def test_no_summary_without_errors(form):
    assert "error-summary" not in rendered(SUMMARY, form=form, formset=None)


def test_crispy_fields_put_label_hint_error_then_control():
    html = rendered("{% load crispy_forms_filters %}{{ form|crispy }}", form=VisitForm({}))
    field = html[html.index('id="div_id_what"') :]
    order = [
        field.index(part)
        for part in ("<label", 'id="id_what_helptext"', 'id="id_what_error"', '<input type="text"')
    ]
    assert order == sorted(order)
    assert 'aria-describedby="id_what_helptext id_what_error"' in field
    assert 'aria-invalid="true"' in field


def test_crispy_form_shows_its_summary_once_and_keeps_what_was_typed():
    form = VisitForm({"what": "Maths & art"})
    html = rendered("{% load crispy_forms_filters %}{{ form|crispy }}", form=form)
    assert html.count("error-summary-title") == 2  # the label and the heading it names
    assert 'value="Maths &amp; art"' in html


def test_what_may_stay_empty_says_so():
    html = rendered("{% load crispy_forms_filters %}{{ form|crispy }}", form=VisitForm())
    assert re.findall(r'<label[^>]*for="(\w+)">[^<]*<span class="optional">', html) == ["id_note"]


def test_choices_are_one_named_group():
    html = rendered("{% load crispy_forms_filters %}{{ form|crispy }}", form=VisitForm({}))
    group = re.search(r"<fieldset.*?</fieldset>", html, re.DOTALL)[0]
    assert re.search(r"<legend>\s*Feeling\s*</legend>", group)
    assert group.count('type="radio"') == 2
    assert 'aria-describedby="id_feeling_error"' in group


def test_a_crispy_form_carries_the_token_that_saves_it_from_a_lost_sign_in():
    source = "{% load crispy_forms_tags %}{% crispy form %}"
    html = rendered(source, form=VisitForm(), form_token="abc:def")
    assert '<input type="hidden" name="form_token" value="abc:def">' in html
    assert "form_token" not in rendered(source, form=VisitForm())
