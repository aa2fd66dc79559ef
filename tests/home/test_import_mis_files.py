"""Files that are broken, huge, hostile or merely odd: a clear answer, and nothing changed."""

import zipfile
from datetime import date, time

import pytest
from django.core.management import CommandError
from openpyxl import Workbook

from keywork.home.mis import reader
from keywork.models import ImportMapping, School
from students.models import AttendanceMark, BehaviourRecord, Student
from tests.home.hillside import A, B, counts, import_mis, import_school, small_school

pytestmark = pytest.mark.django_db
URN = "999501"


@pytest.fixture
def school(tmp_path):
    (tmp_path / "folder").mkdir()
    import_school(small_school(tmp_path / "folder"))
    return School.objects.get(urn=URN)


def take(tmp_path, data, kind="attendance", name="export.csv", **options):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return import_mis(path, kind, URN, **options)


def marks():
    rows = AttendanceMark.objects.values_list("student__upn", "date", "session", "code")
    return [(upn, str(day), session, code) for upn, day, session, code in rows]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("e.csv", b"", "no row of known headings"),
        ("e.csv", b"UPN,Date,Session,Mark\n" + b"x\x00y,,,\n", "bytes that are no text"),
        ("e.csv", b"UPN,Date,Session,Mark\n\x81\x8d\n", "encoding"),
        ("e.csv", b'UPN,Date,Session,Mark\n"x\n', "cannot be read as CSV"),
        ("e.csv", b"," * 1_000_000, "2000 columns"),
        ("e.csv", b"a" * 5_000_000, "millions of characters"),
        ("e.csv", b"UPN,Date,Session,Mark\n" + b"a" * 200_000 + b",,,\n", "cannot be read as CSV"),
        ("e.csv", b"Name,Colour\nA,red\n", "no row of known headings"),
        ("e.csv", b"UPN,Date,Colour\nA,1,red\n", "no column for: session, code"),
        ("e.csv", b"Date,Session,Mark\n01/09/2026,AM,/\n", "UPN or admission number"),
        ("e.csv", b"UPN,31/02/2026 AM\nA,/\n", "31/02/2026 AM"),
        ("e.csv", b"UPN,02/09/2026 AM,02/09/2026 AM\nA,/,/\n", "two columns"),
        ("e.xlsx", b"not a zip at all", "not an XLSX workbook"),
        ("e.xlsx", b"PK\x03\x04 cut short", "not an XLSX workbook"),
        ("e.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old XLS workbook"),
    ],
)
def test_a_bad_file(school, tmp_path, name, data, said):
    with pytest.raises(CommandError, match=said):
        take(tmp_path, data, name=name)
    assert not AttendanceMark.objects.exists()


def test_no_such_file(school, tmp_path):
    with pytest.raises(CommandError, match="cannot be opened"):
        import_mis(tmp_path / "none.csv", "attendance", URN)


def test_a_zip_bomb_is_not_unpacked(school, tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    with pytest.raises(CommandError, match="unpacks to more"):
        import_mis(tmp_path / "bomb.xlsx", "attendance", URN)


def test_entities_in_a_workbook_are_refused(school, tmp_path):
    path = tmp_path / "plain.xlsx"
    book = Workbook()
    book.active.append(["UPN", "Date", "Session", "Mark"])
    book.save(path)
    evil = tmp_path / "evil.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(evil, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith("sheet1.xml"):
                bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
                data = bomb + data.replace(b"UPN", b"&b;")
            target.writestr(name, data)
    with pytest.raises(CommandError, match=r"XLSX workbook|known headings"):
        import_mis(evil, "attendance", URN)


def test_a_file_too_large(school, tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "LARGEST_FILE", 10)
    with pytest.raises(CommandError, match="too large"):
        take(tmp_path, "UPN,Date,Session,Mark\n")


def test_old_codes_sub_codes_blanks_and_lost_zeros(school, tmp_path):
    report = take(
        tmp_path,
        "Adno,Date,Session,Mark\n"
        "1204,02/09/2026,AM,I01\n1204,2026-09-02,PM,F\n001204,46268,AM,-\n"
        "1204,03/09/2026,PM,\n1205,3 Sep 2026,AM,J\n1204,04/09/2026,AM,%\n1299,04/09/2026,AM,/\n",
    )
    assert counts(report) == (7, 3, 0, 0, 2)
    assert report["no_mark"] == 2
    assert sorted(marks()) == [
        (A, "2026-09-02", "AM", "I"),
        (A, "2026-09-02", "PM", "C"),
        (B, "2026-09-03", "AM", "J1"),
    ]
    assert [(e["row"], e["column"], e["value"]) for e in report["rejected"]] == [
        (7, "Mark", "%"),
        (8, "Adno", "1299"),
    ]


def test_a_second_mark_that_differs_long_and_wide(school, tmp_path):
    long = (
        f"UPN,Date,Session,Mark\n{A},02/09/2026,AM,/\n{A},02/09/2026,AM,/\n{A},02/09/2026,AM,I\n"
    )
    report = take(tmp_path, long)
    assert counts(report) == (3, 1, 0, 1, 1)
    assert (report["rejected"][0]["row"], report["rejected"][0]["column"]) == (4, "Mark")
    wide = f"UPN,02/09/2026 AM,02/09/2026 PM\n{A},/,I\n{A},/,L\n"
    report = take(tmp_path, wide)
    assert counts(report) == (2, 1, 0, 2, 1)
    assert report["rejected"][0]["column"] == "02/09/2026 PM"


def test_ambiguous_dates_are_refused(school, tmp_path):
    report = take(
        tmp_path,
        f"UPN,Date,Session,Mark\n{A},09/02/2026,AM,/\n{A},09/14/2026,AM,/\n{A},09/09/2026,AM,/\n"
        f"{A},02/09/26,AM,/\n",
    )
    assert counts(report) == (4, 1, 0, 0, 3)
    assert marks() == [(A, "2026-09-09", "AM", "/")]
    assert "two dates" in report["rejected"][0]["error"]


def test_windows_1252_semicolons_and_a_title(school, tmp_path):
    text = "List of students;;\n;;\nUPN;Legal Surname;Legal Forename;Year Group\n"
    text += f"{B};O’Bâker;Bo;Year  9\nTotal: 1;;\n"
    report = take(tmp_path, text.encode("cp1252"), "students")
    assert counts(report) == (1, 0, 1, 0, 0)
    bo = Student.objects.get(upn=B)
    assert (bo.legal_last_name, bo.nc_year) == ("O’Bâker", "9")


def test_formulas_are_text_and_never_calculated(school, tmp_path):
    text = "UPN,Event Date,Event Time,Level,Comment,Location\n"
    text += f"{A},03/09/2026,09:15,Low,=1+1,-field\n"
    assert counts(take(tmp_path, text, "behaviour"))[:2] == (1, 1)
    slip = BehaviourRecord.objects.get()
    assert (slip.description, slip.location) == ("=1+1", "-field")


def test_a_workbook_of_cells_gives_what_text_gives(school, tmp_path):
    book = Workbook()
    book.active.title = "Cover"
    sheet = book.create_sheet("Events")
    sheet.append(["Printed on Friday"])
    sheet.append(["Student ID", "Event Date", "Event Time", "Level", "Adjustment", "Staff"])
    sheet.append([1204, date(2026, 9, 3), time(9, 15), "HIGH", -5, "Mr K Ogden"])
    sheet.append([1204, "03/09/2026", "9:15", "High", "-5", "K Ogden"])
    book.save(tmp_path / "events.xlsx")
    report = import_mis(tmp_path / "events.xlsx", "behaviour", URN)
    assert counts(report) == (2, 1, 0, 1, 0)
    slip = BehaviourRecord.objects.get()
    assert (slip.level, slip.points, slip.staff.username) == ("high", -5, "kogden")


def test_students_are_never_doubled(school, tmp_path):
    text = "UPN,Adno,Surname,Forename,DOB,Year,Reg Group\n"
    text += ",,Able,Ann,04/03/2014,8,8A\n"  # known by name and birth alone
    text += "X999999926014,,ABLE,Ann,04/03/2014,8,8A\n"  # another UPN, the same child?
    text += ",1204,Zebra,Zoe,01/01/2014,8,8A\n"  # somebody else's number
    text += "X999999926015,,New,Ned,01/01/2015,7,7A\n"  # a wrong check letter
    text += "X999999926014,,Left,Lou,01/01/2015,,\n"  # a leaver nobody knows
    text += f"{B},,O'Baker,Bo,05/04/2014,,\n"  # has Bo left?
    report = take(tmp_path, text, "students")
    assert counts(report) == (6, 0, 0, 0, 1)
    assert [each["row"] for each in report["ask"]] == [2, 3, 4, 7]
    assert [each["row"] for each in report["skipped"]] == [6]
    assert [(e["row"], e["column"]) for e in report["rejected"]] == [(5, "UPN")]
    assert Student.objects.count() == 2


def test_a_leaver_leaves_and_keeps_year_and_form(school, tmp_path):
    text = f"UPN,Surname,Forename,Year,Reg Group,Leaving Date\n{A},Able,Ann,,,20/11/2026\n"
    assert counts(take(tmp_path, text, "students")) == (1, 0, 1, 0, 0)
    ann = Student.objects.get(upn=A)
    assert (str(ann.left_on), ann.nc_year) == ("2026-11-20", "8")


def test_a_saved_mapping_of_headings_and_words(school, tmp_path):
    ImportMapping(
        school=school,
        kind="behaviour",
        name="ours",
        columns={"Colour": "level", "Comment": "", "What": "description"},
        values={"level": {"Amber": "low"}},
    ).save()
    text = "UPN,Incident Date/Time,Colour,Comment,What,LAC\n"
    text += f"{A},03/09/2026 09:15,Amber,secret,Said no.,yes\n"
    report = take(tmp_path, text, "behaviour", mapping="ours")
    assert counts(report) == (1, 1, 0, 0, 0)
    assert report["unknown_columns"] == ["Comment", "LAC"]
    slip = BehaviourRecord.objects.get()
    assert (slip.level, slip.description) == ("low", "Said no.")
    with pytest.raises(CommandError, match="--mapping"):
        take(tmp_path, text, "behaviour", mapping="theirs")


def test_a_dry_run_keeps_nothing(school, tmp_path):
    text = f"UPN,02/09/2026 AM\n{A},/\n"
    assert take(tmp_path, text, dry_run=True)["created"] == 1
    assert not AttendanceMark.objects.exists()
