"""A million marks of the register through `import_school`, and the same file through bare COPY."""

import csv
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import psycopg
from stdnum.gb import upn

from benchmark.site import Run, Site

URN = "999498"  # not one of the schools that make_scale_data makes
STUDENTS = 1000
FIRST_DAY = date(2023, 9, 4)
SCHOOL_DAYS = 5  # a week
IMPORT_SECONDS, IMPORT_MEGABYTES = 60, 300
BLOCK = 1 << 20
AFTERNOON = "\\"  # present


@dataclass(frozen=True, slots=True)
class Imported:
    """What importing took. copied: seconds that COPY alone took for the same file."""

    marks: int
    run: Run
    again: Run
    copied: float


def measure_import(site: Site, marks: int) -> Imported:
    """Import a school of a thousand students, then time the import of its marks."""
    students, register = site.folder / "students", site.folder / "register"
    write_school(students)
    write_school(register)
    upns = write_students(students)
    written = write_marks(register, upns, marks)
    site.manage("import_school", str(students))
    copied = copy_alone(site.database_url, register / "attendance.csv")
    run = site.manage("import_school", str(register))
    again = site.manage("import_school", str(register))
    return Imported(written, run, again, copied)


def write_school(folder: Path) -> None:
    """Write a school and its calendar, which a folder must have."""
    folder.mkdir(exist_ok=True)
    _write(
        folder / "school.csv",
        [["urn", "name", "model"], [URN, "Measured School", "special_day"]],
    )
    _write(
        folder / "calendar.csv",
        [
            ["kind", "term", "name", "start", "end"],
            ["half_term", "Autumn 2023", "Autumn 1", FIRST_DAY, FIRST_DAY + timedelta(weeks=6)],
        ],
    )


def write_students(folder: Path) -> list[str]:
    """Write students; give their UPNs."""
    bodies = [f"9999498{23}{number:03}" for number in range(STUDENTS)]
    upns = [f"{upn.calc_check_digit(body)}{body}" for body in bodies]
    head = ["upn", "legal_first_name", "legal_last_name", "on_roll_from"]
    rows = [[each, "Robin", f"Sample{at}", FIRST_DAY] for at, each in enumerate(upns)]
    _write(folder / "students.csv", [head, *rows])
    return upns


def write_marks(folder: Path, upns: list[str], marks: int) -> int:
    """Write marks, day by day as a register does; give how many."""
    days = -(-marks // (2 * len(upns)))
    with (folder / "attendance.csv").open("w", encoding="utf-8", newline="") as file:
        file.write("upn,date,session,code,minutes_late\r\n")
        for at, day in enumerate(_school_days(days)):
            for number, each in enumerate(upns):
                away = (at * 31 + number * 7) % 17 == 0
                late = (at * 13 + number * 5) % 29 == 0
                morning = "I," if away else "L,7" if late else "/,"
                file.write(f"{each},{day},AM,{morning}\r\n")
                file.write(f"{each},{day},PM,{'I' if away else AFTERNOON},\r\n")
    return days * 2 * len(upns)


def _school_days(number: int) -> Iterator[date]:
    for at in range(number):
        week, day = divmod(at, SCHOOL_DAYS)
        yield FIRST_DAY + timedelta(weeks=week, days=day)


def copy_alone(database_url: str, path: Path) -> float:
    """Give the seconds that COPY takes for the file, into a table without a single index."""
    columns = "upn text, date date, session text, code text, minutes_late smallint"
    with psycopg.connect(database_url) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bench_marks ({columns})")
        began = time.perf_counter()
        statement = "COPY bench_marks FROM STDIN (FORMAT csv, HEADER)"
        with path.open("rb") as file, cursor.copy(statement) as copy:
            while block := file.read(BLOCK):
                copy.write(block)
        connection.commit()
        took = time.perf_counter() - began
        cursor.execute("DROP TABLE bench_marks")
    return took


def _write(path: Path, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
