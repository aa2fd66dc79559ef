"""The sample school in the database, and the commands as a script calls them."""

import json
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from keywork.models import School
from students.models import AttendanceMark, AttendanceTally, BehaviourRecord, Student

DATA = Path(__file__).parent.parent / "data"
EXPORTS = DATA / "mis-exports"
URN = "999001"


@contextmanager
def ending_well():
    """Let a command end with the status that says some rows were rejected."""
    try:
        yield
    except SystemExit as ended:
        if ended.code != 2:
            raise


def import_school(folder, **options):
    """Import a folder; give its report by file."""
    out = StringIO()
    with ending_well():
        call_command("import_school", str(folder), format="json", stdout=out, **options)
    return json.loads(out.getvalue())["files"]


def import_mis(file, kind, urn=URN, **options):
    """Import an export; give its report."""
    out = StringIO()
    path = Path(file)
    with ending_well():
        call_command(
            "import_mis", str(path), kind=kind, school=urn, format="json", stdout=out, **options
        )
    return json.loads(out.getvalue())["files"][path.name]


def counts(report):
    done = (report[name] for name in ("rows", "created", "updated", "unchanged"))
    return (*done, len(report["rejected"]))


def write(folder, **files):
    """Write files of lines into a folder: attendance=["upn,date", …]."""
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def small_school(folder, **files):
    """A folder of one school with two students, A and B, and whatever files are given."""
    return write(
        folder,
        school=["urn,name,model", "999501,Fold,special_day"],
        calendar=["kind,term,name,start,end", "half_term,Autumn 2026,A,2026-09-01,2026-12-18"],
        staff=["username,first_name,last_name", "kogden,Keith,Ogden", "kowen,Kit,Owen"],
        students=[
            "upn,admission_no,legal_first_name,legal_last_name,dob,nc_year,on_roll_from",
            f"{A},001204,Ann,Able,2014-03-04,8,2026-09-01",
            f"{B},001205,Bo,O'Baker,2014-04-05,8,2026-09-01",
        ],
        **files,
    )


A, B = "B999910321101", "Q999910321102"


def everything(urn=URN):
    """All that the canonical files say of a school's students, marks and slips."""
    school = School.objects.get(urn=urn)
    students = Student.objects.filter(school=school).order_by("pk")
    own = {"student__school": school}
    hidden = {"id", "ref"}
    fields = [f.attname for f in Student._meta.concrete_fields if f.name not in hidden]
    slips = [f.attname for f in BehaviourRecord._meta.concrete_fields if f.name not in hidden]
    return {
        "students": list(students.values_list(*fields)),
        "marks": list(
            AttendanceMark.objects.filter(**own).values_list(
                "student__upn", "date", "session", "code", "minutes_late"
            )
        ),
        "tallies": sorted(
            AttendanceTally.objects.filter(**own).values_list(
                "student__upn", "year", "code", "marks", "latest"
            )
        ),
        "slips": list(BehaviourRecord.objects.filter(**own).order_by("pk").values_list(*slips)),
    }
