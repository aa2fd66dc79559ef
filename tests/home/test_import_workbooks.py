"""Workbooks are read row by row, and not beyond what a school's files ever hold."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from keywork.home.imports import workbooks
from keywork.home.imports.report import BadFileError


def sheet(*rows):
    book, stream = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(stream)
    stream.seek(0)
    return stream


def filled(row):
    return [text for text in row if text]


def test_rows_are_given_one_by_one():
    rows = workbooks.read_workbook(sheet(["upn", "name"], ["A1", "Kit"]))
    assert filled(next(rows)) == ["upn", "name"]
    assert [filled(row) for row in rows] == [["A1", "Kit"]]


def test_more_than_60_mb_unpacked_is_refused_with_what_to_do():
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(61 * 1024 * 1024))
    assert len(stream.getvalue()) < 100_000
    stream.seek(0)
    with pytest.raises(BadFileError, match="unpacks to more than 60 MB. Split it"):
        list(workbooks.read_workbook(stream))


def test_more_cells_than_allowed_are_refused_before_they_are_all_read(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_CELLS", 4)
    rows = workbooks.read_workbook(sheet(["a", "b"], ["c", "d"], [None, None], ["e", None]))
    assert [filled(next(rows)) for _ in range(3)] == [["a", "b"], ["c", "d"], []]
    with pytest.raises(BadFileError, match="has more than 4 filled cells. Split it"):
        next(rows)


def test_more_rows_than_allowed_are_refused_not_cut_off(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_ROWS", 2)
    assert len(list(workbooks.read_workbook(sheet(["a"], ["b"])))) == 2
    with pytest.raises(BadFileError, match="has more than 2 rows. Split it"):
        list(workbooks.read_workbook(sheet(["a"], ["b"], ["c"])))


def test_a_sheet_that_is_broken_in_the_middle_is_unreadable_not_an_error_of_ours():
    stream, broken = sheet(["a"], ["b"]), BytesIO()
    with ZipFile(stream) as good, ZipFile(broken, "w") as archive:
        for name in good.namelist():
            data = good.read(name)
            cut = name.endswith("sheet1.xml")
            archive.writestr(name, data[: data.rindex(b"</row>")] if cut else data)
    broken.seek(0)
    with pytest.raises(BadFileError, match="cannot be read as an XLSX workbook"):
        list(workbooks.read_workbook(broken))
