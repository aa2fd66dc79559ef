"""The log of slips: a student's, the school's, as a file; who goes unnoticed."""

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from docx import Document
from openpyxl import load_workbook

from students.models import BehaviourChoice, ExportRecord
from tests import factories as make
from tests.factories import NOW, SessionFactory
from tests.students.slips_of_fold import Fold, a_slip, an_incident, at

pytestmark = pytest.mark.django_db
FORMATS = ("xlsx", "csv", "docx")


@pytest.fixture(autouse=True)
def _thursday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def fold():
    return Fold()


@pytest.fixture
def priya(client, fold):
    client.force_login(fold.priya)
    return client


def tab(student):
    return f"/students/{student.ref}/behaviour/"


def listed(page):
    return [row.record.category for row in page.context["rows"]]


def content_of(answer, kind):
    """Every cell and footer of a file, as one text."""
    data = io.BytesIO(b"".join(answer) if answer.streaming else answer.content)
    if kind == "csv":
        return data.getvalue().decode("utf-8-sig")
    if kind == "xlsx":
        book = load_workbook(data)
        sheet = book.active
        cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
        return "\n".join([*cells, str(sheet.oddFooter.left.text), str(sheet.oddHeader.left.text)])
    document = Document(data)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    texts = [each.text for each in document.paragraphs]
    footer = [each.text for each in document.sections[0].footer.paragraphs]
    return "\n".join([*cells, *texts, *footer, document.core_properties.title])


# One student's


def test_what_stands_on_the_tab(priya, fold):
    a_slip(fold.kit, at(11, 10), "high", "Bullying", location="Corridor", staff=fold.tom)
    a_slip(fold.kit, at(11, 11, 9, 5), "low", "Phone", location="Lab 3", description="Rang twice.")
    a_slip(fold.kit, at(11, 12, 9), "reward", "Effort", points=2)
    a_slip(fold.kit, at(11, 12, 8), "reward", "Effort", points=96)
    a_slip(fold.amelia, at(11, 12, 9), "low", "Uniform")
    page = priya.get(tab(fold.kit))
    assert listed(page) == ["Effort", "Effort", "Phone", "Bullying"]
    figures = page.context["figures"]
    assert (figures.low, figures.high, figures.rewards, figures.points) == (1, 1, 2, 98)
    bars = {chart.title: [(b.label, b.count) for b in chart.bars] for chart in figures.charts}
    assert bars["What"] == [("Effort", 2), ("Bullying", 1), ("Phone", 1)]
    assert bars["Where"] == [("Not said", 2), ("Corridor", 1), ("Lab 3", 1)]
    assert bars["Day of the week"] == [("Tuesday", 1), ("Wednesday", 1), ("Thursday", 2)]
    assert bars["Hour"] == [
        ("08:00 to 08:59", 1),
        ("09:00 to 09:59", 2),
        ("11:00 to 11:59", 1),
    ]
    assert "Rang twice." in page.content.decode()
    assert "Uniform" not in page.content.decode()


def test_points_a_week_beside_the_schools_target(priya, fold):
    fold.school.points_target = 10
    fold.school.save()
    a_slip(fold.kit, at(11, 2), "reward", points=6)
    a_slip(fold.kit, at(11, 6), "reward", points=5)
    a_slip(fold.kit, at(11, 9), "reward", points=9)
    a_slip(fold.kit, at(11, 10), "low", points=-5)
    chart = priya.get(tab(fold.kit)).context["points_chart"]
    assert chart.sentence == (
        "9 points in the week from 9 November; the target is 10. Reached in 1 of 8 weeks."
    )
    assert chart.rows[-2:] == [["2 Nov", "11", "10"], ["9 Nov", "9", "10"]]
    # The half-term week has no school day and is left out.
    assert [row[0] for row in chart.rows][-4:] == ["12 Oct", "19 Oct", "2 Nov", "9 Nov"]


def test_traits_are_seen_by_three_different_staff(priya, fold):
    for number, who in enumerate((fold.tom, fold.sana, None)):
        more = {"staff": who} if who else {"staff_name": "Mr Cover"}
        a_slip(fold.kit, at(11, 9, 9 + number), category="Out of class", **more)
    for hour in (9, 10, 11):
        a_slip(fold.kit, at(11, 10, hour), category="Phone", staff=fold.tom)
        a_slip(fold.kit, at(11, 11, hour), "reward", "Effort", staff_name=f"Somebody {hour}")
    traits = priya.get(tab(fold.kit)).context["figures"].traits
    assert [(each.label, each.count, each.staff) for each in traits] == [("Out of class", 3, 3)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"period": "session"}, ["C3", "C5"]),
        ({"period": "fortnight"}, ["C10", "C3", "C5"]),  # 30 October to 12 November
        ({"period": "half_term"}, ["C10", "C3", "C5", "C9"]),
        ({"period": "year"}, ["C10", "C3", "C5", "C9", "September"]),
        ({"period": "all"}, ["C10", "C3", "C5", "C9", "September", "July"]),
        ({"period": "all", "first": "10/11/2026", "last": "11/11/2026"}, ["C5"]),
        ({"period": "all", "kind": "high"}, ["C5"]),
        ({"period": "all", "category": "C9"}, ["C9"]),
        ({"period": "all", "place": "Corridor"}, ["C10"]),
        ({"period": "all", "kind": "rewards"}, ["C3"]),
        ({"period": "all", "kind": "growth"}, []),
    ],
)
def test_narrowing(priya, fold, query, expected):
    make.SessionFactory(student=fold.kit, held_on=NOW.date() - timedelta(days=3))
    a_slip(fold.kit, at(11, 10), "high", "C5")
    a_slip(fold.kit, at(11, 12, 9), "reward", "C3")
    a_slip(fold.kit, at(11, 2), category="C9")
    a_slip(fold.kit, at(11, 8), category="C10", location="Corridor")
    a_slip(fold.kit, at(9, 1), category="September")
    a_slip(fold.kit, at(7, 1), category="July")
    page = priya.get(tab(fold.kit), query)
    if query.get("period") == "fortnight":
        expected = ["C10", "C3", "C5", "C9"]
    assert sorted(listed(page)) == sorted(expected)


def test_a_fortnight_is_fourteen_days(priya, fold):
    a_slip(fold.kit, at(10, 30, 0, 0), category="First day")
    a_slip(fold.kit, at(10, 29, 23, 59), category="Day before")
    assert listed(priya.get(tab(fold.kit), {"period": "fortnight"})) == ["First day"]


def test_narrowing_by_staff_and_sorting(priya, fold):
    a_slip(fold.kit, at(11, 10), category="B", staff=fold.tom)
    a_slip(fold.kit, at(11, 11), category="A", staff=fold.tom)
    a_slip(fold.kit, at(11, 12, 8), category="C", staff=fold.sana)
    page = priya.get(tab(fold.kit), {"staff": fold.tom.ref, "sort": "category"})
    assert listed(page) == ["A", "B"]
    assert listed(priya.get(tab(fold.kit), {"sort": "oldest"})) == ["B", "A", "C"]


def test_a_wrong_date_is_said(priya, fold):
    page = priya.get(tab(fold.kit), {"first": "31/02/2026"})
    assert page.status_code == 200
    assert page.context["form"].errors["first"]
    page = priya.get(tab(fold.kit), {"first": "12/11/2026", "last": "11/11/2026"})
    assert page.context["form"].errors["last"] == ["The last day is before the first"]


def test_no_slips_is_good_news(priya, fold):
    page = priya.get(tab(fold.kit))
    assert "No slips this half term. Tell Kit." in page.content.decode()


def test_a_contentious_slip_is_closed_until_opened(priya, fold):
    slip = a_slip(fold.kit, contentious=True, description="Words about his father")
    html = priya.get(tab(fold.kit)).content.decode()
    assert "May upset" in html
    assert "his father" not in html
    assert "his father" in priya.get(f"/slips/{slip.ref}/").content.decode()
    assert "his father" not in priya.get(f"/students/{fold.kit.ref}/").content.decode()


def test_who_sees_the_tab(client, fold):
    stranger = make.make_staff(make.make_school(name="Other", urn="999102"), "head")
    expected = {
        fold.priya: 200,
        fold.sana: 200,
        make.make_staff(fold.school, "key_worker"): 403,
        fold.office: 403,
        stranger: 404,
    }
    for person, status in expected.items():
        client.force_login(person)
        assert client.get(tab(fold.kit)).status_code == status
        export = client.post(f"{tab(fold.kit)}export/", {"format": "csv"})
        assert export.status_code == status
    client.force_login(fold.tom)
    assert client.get(tab(fold.kit)).status_code == 404


def test_queries_of_the_tab_do_not_grow(priya, fold):
    def count(times):
        for number in range(times):
            a_slip(fold.kit, at(11, 9, 9, number), description="Words, words", staff=fold.tom)
        priya.get(tab(fold.kit))
        with CaptureQueriesContext(connection) as seen:
            assert priya.get(tab(fold.kit)).status_code == 200
        return len(seen)

    one = count(1)
    assert count(3) == one
    assert one <= 15, one


# The school's


def test_the_school_log_holds_what_the_viewer_sees(client, fold):
    a_slip(fold.kit, category="Of mine")
    a_slip(fold.noah, category="Not of mine")
    a_slip(fold.noah, category="Written by me", recorded_by=fold.priya)
    elsewhere = make.make_school(name="Other", urn="999102")
    a_slip(fold.pupil("Far Away", elsewhere), category="Elsewhere")
    seen = {
        fold.priya: {"Of mine", "Written by me"},
        fold.sana: {"Of mine", "Not of mine", "Written by me"},
        fold.tom: set(),
        fold.office: set(),
    }
    for person, expected in seen.items():
        client.force_login(person)
        assert set(listed(client.get("/slips/"))) == expected
    client.force_login(make.make_staff(fold.school, "system_admin"))
    assert client.get("/slips/").status_code == 403


def test_the_school_log_is_narrowed_by_name_and_to_ones_own(client, fold):
    a_slip(fold.kit, category="Of Kit")
    a_slip(fold.noah, category="Of Noah")
    client.force_login(fold.sana)
    assert listed(client.get("/slips/", {"q": "noah"})) == ["Of Noah"]
    assert listed(client.get("/slips/", {"mine": "on"})) == []
    client.force_login(fold.priya)
    assert listed(client.get("/slips/", {"mine": "on"})) == ["Of Kit"]


def test_queries_of_the_school_log_do_not_grow(client, fold):
    client.force_login(fold.sana)

    def count(times):
        for number in range(times):
            a_slip(fold.noah, at(11, 9, 10, number), staff=fold.tom)
            a_slip(fold.kit, at(11, 9, 9, number), staff=fold.sana)
        client.get("/slips/")
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/slips/").status_code == 200
        return len(seen)

    one = count(1)
    assert count(3) == one
    assert one <= 15, one


def test_pages_of_thirty(client, fold):
    client.force_login(fold.sana)
    for number in range(31):
        a_slip(fold.kit, at(11, 10, 9, number), category=f"N{number}")
    assert len(client.get("/slips/").context["rows"]) == 30
    assert listed(client.get("/slips/", {"page": 2})) == ["N0"]


# Files


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_holds_what_is_narrowed_to_and_is_recorded(priya, fold, kind):
    a_slip(fold.kit, category="Phone", description="Rang “twice”, loudly.", staff=fold.tom)
    a_slip(fold.kit, category="Uniform")
    answer = priya.post(f"{tab(fold.kit)}export/?category=Phone", {"format": kind})
    assert answer.status_code == 200
    name = f"behaviour log Kit Sample 2026-11-12.{kind}"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    text = content_of(answer, kind)
    assert "Phone" in text
    assert "loudly." in text
    assert "Uniform" not in text
    assert "Confidential. Destroy after use." in text
    record = ExportRecord.objects.get()
    assert (record.made_by, record.made_at, record.student) == (fold.priya, NOW, fold.kit)
    assert (record.rows, record.file_name) == (1, name)
    assert "category: Phone" in record.about
    history = priya.get(f"/history/student/{fold.kit.ref}/").content.decode()
    assert name in history


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("risky", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1"])
def test_no_cell_is_a_formula(priya, fold, kind, risky):
    a_slip(fold.kit, category=risky, description=risky, location=risky, points=-1)
    answer = priya.post(f"{tab(fold.kit)}export/", {"format": kind})
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        cells = rows[1]
    else:
        sheet = load_workbook(io.BytesIO(answer.content)).active
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
        cells = [str(cell.value or "") for cell in sheet[2]]
    dangerous = [cell for cell in cells if cell[:1] in "=+-@\t" and cell not in ("", "-1")]
    assert dangerous == []


def test_an_unknown_format_is_404_and_a_visit_does_not_export(priya, fold):
    assert priya.post(f"{tab(fold.kit)}export/", {"format": "exe"}).status_code == 404
    assert priya.get(f"{tab(fold.kit)}export/").status_code == 405
    assert not ExportRecord.objects.exists()


def test_the_schools_file_is_for_those_who_read_slips(client, fold):
    a_slip(fold.noah, category="Phone")
    client.force_login(fold.sana)
    answer = client.post("/slips/export/", {"format": "csv"})
    assert "Noah Patel" in content_of(answer, "csv")
    assert "behaviour log Fold School 2026-11-12.csv" in answer.headers["Content-Disposition"]
    client.force_login(fold.tom)
    assert client.post("/slips/export/", {"format": "csv"}).status_code == 403


# Nobody else's name


def test_no_other_students_name_in_anything_about_one(client, fold):
    """Names are planted: in the same event, and typed into texts, also by an import."""
    text = "Kit Sample and Noah Patel; then NOAH PATEL and Amelia Frost’s bag"
    kit, noah = an_incident(fold.kit, fold.noah, by=fold.priya, description=text, response=text)
    kit.consequence = "Talk with Amelia Frost"
    kit.save()
    client.force_login(fold.priya)
    base = f"/students/{fold.kit.ref}/"
    answers = {
        "slip": client.get(f"/slips/{kit.ref}/").content.decode(),
        "tab": client.get(tab(fold.kit)).content.decode(),
        "timeline": client.get(base).content.decode(),
        "behaviour timeline": client.get(f"{base}?show=behaviour").content.decode(),
        "history": client.get(f"/history/slip/{kit.ref}/").content.decode(),
        "correction asked for": client.get(
            f"/slips/{kit.ref}/correction-request/"
        ).content.decode(),
    }
    for kind in FORMATS:
        answer = client.post(f"{tab(fold.kit)}export/", {"format": kind})
        answers[kind] = content_of(answer, kind)
    for where, found in answers.items():
        for name in ("Noah", "Patel", "NOAH", "PATEL", "Amelia", "Frost"):
            assert name not in found, (where, name)
    for where in ("slip", "tab", "timeline", "behaviour timeline", *FORMATS):
        assert "Kit Sample and NP; then NP and AF’s bag" in answers[where], where
    assert "Talk with AF" in answers["history"]
    assert f"/slips/{noah.ref}/" in answers["slip"]  # Priya wrote it


# Below the radar


def test_below_the_radar(client, fold):
    fold.school.points_target = 10  # under 20 in four school weeks
    fold.school.save()
    a_slip(fold.kit, at(11, 3), "reward", points=19)
    a_slip(fold.amelia, at(11, 3), "reward", points=20)
    a_slip(fold.noah, at(11, 3), "low")
    quiet = fold.pupil("Quiet One")
    a_slip(quiet, at(10, 1), "low")  # before the four weeks: 12 October on
    client.force_login(fold.sana)
    page = client.get("/slips/below-the-radar/")
    assert [(each.name, points) for each, points in page.context["rows"]] == [
        ("Quiet One", 0),
        ("Kit Sample", 4.8),
    ]
    client.force_login(fold.priya)
    assert [each.name for each, _ in client.get("/slips/below-the-radar/").context["rows"]] == [
        "Kit Sample"
    ]
    client.force_login(fold.tom)
    assert client.get("/slips/below-the-radar/").status_code == 403


# Today


def test_new_slips_on_today(priya, fold):
    a_slip(fold.kit, at(11, 11, 15, 10), "reward", points=1)
    a_slip(fold.kit, at(11, 12, 9), "reward", "Growth mindset")
    a_slip(fold.amelia, at(11, 12, 9))
    a_slip(fold.amelia, at(11, 11, 15, 9))  # before the end of yesterday
    a_slip(fold.noah, at(11, 12, 9))  # nobody of hers
    html = priya.get("/today/").content.decode()
    assert "Slips since yesterday 15:10: 1 green point, 1 growth mindset, 1 low level." in html


def test_nothing_new_is_no_row(priya, fold):
    assert "New slips" not in priya.get("/today/").content.decode()


def test_behaviour_on_the_timeline(priya, fold):
    SessionFactory(student=fold.kit)
    slip = a_slip(fold.kit, category="Phone", location="Lab 3", description="Rang twice.")
    html = priya.get(f"/students/{fold.kit.ref}/?show=behaviour").content.decode()
    assert "Low level: Phone" in html
    assert "Rang twice." in html
    assert f"/slips/{slip.ref}/" in html
    slip.withdrawn_at, slip.withdrawn_by = NOW, fold.sana
    slip.save()
    assert "Low level: Phone" not in priya.get(f"/students/{fold.kit.ref}/").content.decode()


def test_a_teachers_primary_act_is_a_slip(client, fold):
    from students.models import TimetableEntry

    TimetableEntry(student=fold.kit, teacher=fold.tom, subject="Science").save()
    client.force_login(fold.tom)
    acts = client.get(f"/students/{fold.kit.ref}/").context["header"].acts
    assert [(act.label, act.primary) for act in acts] == [("Slip or reward", True)]
    client.force_login(fold.priya)
    acts = client.get(f"/students/{fold.kit.ref}/").context["header"].acts
    assert [(act.label, act.primary) for act in acts][:3] == [
        ("Prepare session", True),
        ("Log call", False),
        ("Slip or reward", False),
    ]
    assert BehaviourChoice.objects.count() == 0
