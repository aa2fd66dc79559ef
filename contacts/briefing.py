"""What home said lately, for the briefing before a session."""

from datetime import datetime

from django.db.models import Case, F, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Concat, TruncDate

from contacts.models import Channel, ContactLogEntry
from keywork.timeline import full_name_of
from students.briefing_hooks import HOME


def home_lines(student: int, begins: datetime, before: datetime) -> QuerySet:
    """Give the conversations with home in a time: home's view, else what was said; who, how."""
    spoke = ContactLogEntry.objects.spoke().filter(student=student, made_at__gte=begins)
    channels = [When(channel=each, then=Value(f"{each.label}, ")) for each in Channel]
    said = Case(
        When(home_view__gt="", then=Concat(Value("Home’s view: "), "home_view")),
        When(good_news__gt="", then=F("good_news")),
        default=F("summary"),
        output_field=TextField(),
    )
    rows = spoke.before(before).order_by()
    return rows.annotate(
        line_kind=Value(HOME, TextField()),
        line_text=said,
        line_detail=Cast(
            Concat(Case(*channels), full_name_of("made_by"), output_field=TextField()), TextField()
        ),
        line_day=TruncDate("made_at"),
    ).values_list("line_kind", "line_text", "line_detail", "line_day")
