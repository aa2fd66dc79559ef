"""Small folders of files to import, and hillside's."""

import io
import json
from contextlib import redirect_stdout
from datetime import UTC, date, datetime
from pathlib import Path

from django.core.management import call_command

from keywork.home.demo.dates import FILES
from keywork.home.imports import import_folder

DATA = Path(__file__).resolve().parent.parent / "data"
HILLSIDE = FILES  # the demo's school, as its files were written
HILLSIDE_EXPECT = DATA / "hillside-expect"
EDGES = sorted((DATA / "edge").iterdir())

ON = date(2026, 11, 12)
NOW = datetime(2026, 11, 12, 10, 0, tzinfo=UTC)

# Two UPNs whose check letters were worked out by hand, with an invented authority.
UPN_1, UPN_2 = "X999999926014", "J999910121101"

SCHOOL = "urn,laestab,name,trust,model\n999201,9999201,Fold School,,special_day\n"
CALENDAR = (
    "kind,term,name,start,end\n"
    "half_term,Autumn 2026,Autumn 1,2026-09-01,2026-10-23\n"
    "half_term,Autumn 2026,Autumn 2,2026-11-02,2026-12-18\n"
    "inset,,INSET day,2026-09-01,\n"
)
STAFF = (
    "username,email,first_name,last_name,roles\n"
    "asmith,asmith@fold.example.org,Ann,Smith,key_worker|teacher\n"
    "bjones,bjones@fold.example.org,Bob,Jones,key_worker\n"
)
STUDENTS = (
    "upn,legal_first_name,legal_last_name,dob,on_roll_from,left_on,model\n"
    f"{UPN_1},Kit,Sample,2014-03-10,2026-09-02,,\n"
    f"{UPN_2},Sam,Other,2014-04-11,2026-09-02,,community\n"
)
ASSIGNMENTS = (
    "upn,username,role,start,end,reason,note\n"
    f"{UPN_1},asmith,primary,2026-09-02,2026-10-23,first,\n"
    f"{UPN_1},bjones,primary,2026-10-24,,child_request,Asked for a change\n"
)
SESSIONS = (
    "ref,upn,username,held_on,status,missed_reason,minutes,method,focus,details,pupil_voice\n"
    f'S1,{UPN_1},asmith,2026-09-10,held,,20,one_to_one,iep,"Talked\nabout\nlunch",Good\n'
    f"S2,{UPN_1},asmith,2026-09-24,missed,declined,,,,,\n"
)
TARGETS = (
    "ref,upn,session_ref,set_on,area,text,measure,review_on,status,closed_on\n"
    f"T1,{UPN_1},S1,2026-09-10,semh,Show the card,4 of 5,2026-09-24,active,\n"
)
BASIC = {
    "school.csv": SCHOOL,
    "calendar.csv": CALENDAR,
    "staff.csv": STAFF,
    "students.csv": STUDENTS,
    "assignments.csv": ASSIGNMENTS,
    "sessions.csv": SESSIONS,
    "targets.csv": TARGETS,
}


def write_folder(folder, files=None, **changed):
    """Write the basic folder; `students="…"` replaces a file, `students=None` leaves it out.

    `add_students="row\\n"` adds rows at the end of one.
    """
    texts = dict(BASIC if files is None else files)
    for name, text in changed.items():
        if name.startswith("add_"):
            texts[f"{name.removeprefix('add_')}.csv"] += text
        elif text is None:
            texts.pop(f"{name}.csv", None)
        else:
            texts[f"{name}.csv"] = text
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.csv"):
        old.unlink()
    for name, text in texts.items():
        data = text if isinstance(text, bytes) else text.encode()
        (folder / name).write_bytes(data)
    return folder


def run_import(folder, **options):
    """Import a folder on a fixed day."""
    return import_folder(Path(folder), on=ON, now=NOW, **options)


def rejected(report, file):
    """The rejected rows of a file as (row, column, value)."""
    return [(each.row, each.column, each.value) for each in report.files[file].rejected]


def counts(report):
    """File → (rows, created, updated, unchanged, rejected)."""
    return {
        name: (f.rows, f.created, f.updated, f.unchanged, len(f.rejected))
        for name, f in report.files.items()
    }


def command(folder, *options):
    """Run the command; give its exit status and its JSON."""
    out = io.StringIO()
    status = 0
    with redirect_stdout(out):
        try:
            call_command("import_school", str(folder), "--format", "json", *options, stdout=out)
        except SystemExit as stop:
            status = stop.code
    return status, json.loads(out.getvalue())
