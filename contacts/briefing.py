"""What home said lately, for the briefing before a session."""

from datetime import date, timedelta

from django.db.models import Case, F, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Concat, TruncDate

from contacts.models import Channel, ContactLogEntry
from keywork.timeline import full_name_of
from students.briefing_hooks import HOME
from students.models import Student

DAYS_BACK = 42


def home_lines(student: Student, on: date) -> QuerySet:
    """Give the conversations with home of six weeks: home's view, else what was said; who, how."""
    spoke = ContactLogEntry.objects.spoke().filter(student=student)
    channels = [When(channel=each, then=Value(f"{each.label}, ")) for each in Channel]
    said = Case(
        When(home_view__gt="", then=Concat(Value("Home’s view: "), "home_view")),
        When(good_news__gt="", then=F("good_news")),
        default=F("summary"),
        output_field=TextField(),
    )
    rows = spoke.between(on - timedelta(days=DAYS_BACK), on).order_by()
    return rows.annotate(
        line_kind=Value(HOME, TextField()),
        line_text=said,
        line_detail=Cast(
            Concat(Case(*channels), full_name_of("made_by"), output_field=TextField()), TextField()
        ),
        line_day=TruncDate("made_at"),
    ).values_list("line_kind", "line_text", "line_detail", "line_day")
