"""No other student's name on a student's page."""

from django import template

from students.briefing import Veil

register = template.Library()


@register.filter
def veiled(text: str | None, veil: Veil) -> str:
    """Give a text with initials in place of other students' names."""
    return veil.over(text or "")
