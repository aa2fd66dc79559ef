"""Check-ups in the demo: three students whose model has them, and what their teachers said."""

from datetime import date, datetime, time, timedelta
from itertools import cycle

from contacts.checkup_rules import is_chased
from contacts.models import Checkup, CheckupAnswer
from contacts.services.checkups import answer_checkup, ask_teachers
from keywork.dates import LONDON, week_of
from keywork.history import save_by
from keywork.model_services import copy_model
from keywork.models import KeyWorkModel, School
from keywork.school_calendar import calendar_of
from keywork.term_dates import SchoolCalendar
from students.models import Student

MODEL_NAME = "Special day school, with check-ups"
KEY_WORKER = "nakhtar"  # has one of them, to see who answered
TEACHER = "pmidgley"  # has this week's still to answer
WEEKS = 3
# "" is nothing to flag. The last of a week is left without an answer.
SAID = ("", "", "Head down on the desk twice; says he sleeps badly.", "", "", "", "")
SAID_LATELY = ("", "No planner all week, and homework not written down.", "", "", "", "", "")


def add_checkups(school: School, now: datetime) -> None:
    """Give three students a model with check-ups, and the last weeks' answers, as of `now`."""
    students = _under_own_model(school, now.date())
    calendar = calendar_of(school)
    monday = week_of(now.date()).start
    for weeks in range(WEEKS, -1, -1):
        day = calendar.first_school_day_of_week(monday - timedelta(weeks=weeks))
        if day is not None and _at(day, 8) <= now:
            _week(school, [each.pk for each in students], calendar, day, now)


def _under_own_model(school: School, on: date) -> list[Student]:
    """The students who had check-ups before this system, and one of the first key worker's."""
    pupils = Student.objects.filter(school=school).on_roll(on)
    before = Checkup.objects.filter(student__school=school).values("student")
    worker = school.staff.get(user__username=KEY_WORKER).user
    mine = Student.objects.caseload_of(worker, on).filter(school=school).by_name()[:1]
    model = copy_model(model=school.key_work_model or _any_model(school), by=worker)
    model.name, model.teacher_checkup = MODEL_NAME, True
    save_by(model, worker)
    students = [*pupils.filter(pk__in=before), *mine]
    for student in students:
        student.key_work_model = model
        student.save()
    return students


def _any_model(school: School) -> KeyWorkModel:
    return KeyWorkModel.objects.filter(school=school)[0]


def _week(
    school: School, students: list[int], calendar: SchoolCalendar, day: date, now: datetime
) -> None:
    """Ask on a week's first school day, and take what was answered by now."""
    answers = ask_teachers(students=students, school=school, on=day, now=_at(day, 8))
    this_week = week_of(day) == week_of(now.date())
    said = cycle(SAID_LATELY if this_week else SAID)
    for number, answer in enumerate(answers):
        note, at = next(said), _at(day, 9 + number % 6)
        waits = answer.teacher.username == TEACHER if this_week else number == len(answers) - 1
        if waits:
            _chase(answer, calendar, now)
        elif at <= now:
            given = CheckupAnswer.Answer.FLAG if note else CheckupAnswer.Answer.FINE
            answer_checkup(answer=answer, given=given, note=note, by=answer.teacher, now=at)


def _chase(answer: CheckupAnswer, calendar: SchoolCalendar, now: datetime) -> None:
    last = min(now.date(), week_of(answer.asked_on).end)
    days = (answer.asked_on + timedelta(days=after) for after in range(7))
    chased = next(
        (day for day in days if day <= last and is_chased(calendar, answer.asked_on, day)), None
    )
    if chased is not None:
        answer.chased_on = chased
        save_by(answer, None, "Asked once more")


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour, 5), LONDON)
