"""Template helpers of the components in templates/components/."""

from collections.abc import Iterator
from functools import lru_cache

from django import template
from django.forms import BaseForm, BaseFormSet
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
CHECKED = SafeString(" checked")
STATUS_ICONS = {
    "overdue": "late",
    "due": "clock",
    "at_risk": "risk",
    "upcoming": "calendar",
    "done": "done",
    "excused": "pause",
    "restricted": "lock",
    "praise": "star",
    "alert": "heart",
}


@register.simple_tag
@lru_cache(maxsize=256)  # a page of a list draws eighty, the same five
def icon(name: str) -> SafeString:
    """Draw an icon, for the eye only; name: id of a symbol in static/img/icons.svg."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def status_chip(status: str, text: str, icon_name: str = "") -> SafeString:
    """Give a status chip: icon, word and tint; see components/status.html for the statuses.

    A tag, as a list has fifty and three templates for each took longer than the rest of its row.
    """
    name = STATUS_ICONS.get(status, icon_name)
    drawn = icon(name) if name else ""
    return format_html('<span class="status status-{}">{}{}</span>', status, drawn, text)


@register.simple_tag
def pills(field: BoundField, alone: str = "", but: str = "") -> SafeString:
    """Give the choices of a field of radios or checkboxes, as pills; for a box of class choices.

    alone, but: the value of a choice to draw alone, or to leave out. A tag, as a form has forty.
    """
    return format_html_join(
        "",
        '<label for="{}"><input class="form-check-input" type="{}" name="{}" value="{}" id="{}"{}>'
        " {}</label>",
        (
            (
                *(each.id_for_label, each.data["type"], each.data["name"], each.data["value"]),
                *(each.id_for_label, CHECKED if each.data["selected"] else "", each.choice_label),
            )
            for each in field
            if alone in ("", each.data["value"]) and (not but or each.data["value"] != but)
        ),
    )


@register.filter
def places(total: int) -> range:
    """Count from 1 to `total`, so that a template can draw that many pips."""
    return range(1, int(total) + 1)


@register.filter
def initials(name: str) -> str:
    """Give the first letters of the first and the last word of a name: "Jayden Thorne" is "JT"."""
    words = str(name).split()
    return "".join(word[0].upper() for word in (words[:1] + words[1:][-1:]))


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: BaseForm | BaseFormSet | None) -> dict[str, list[dict[str, str]]]:
    """List every error of these forms and formsets, in order, each with the id of its field.

    Empty ones, None and unbound ones add nothing; without errors nothing is shown.
    """
    return {"errors": [error for form in forms if form for error in _errors_of(form)]}


def _errors_of(form: BaseForm | BaseFormSet) -> Iterator[dict[str, str]]:
    if isinstance(form, BaseFormSet):
        for message in form.non_form_errors() if form.is_bound else ():
            yield {"target": "", "message": str(message)}
        for member in form.forms:
            yield from _errors_of(member)
        return
    for message in form.non_field_errors():
        yield {"target": "", "message": str(message)}
    for field in form:
        for message in field.errors:
            yield {"target": _focus_target(field), "message": str(message)}


def _focus_target(field: BoundField) -> str:
    """Give the id to focus: a group of choices has no control of its own, so its first one."""
    if field.is_hidden or not field.auto_id:
        return ""
    return field.id_for_label or f"{field.auto_id}_0"
