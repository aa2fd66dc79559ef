"""Workbooks are read row by row, and not beyond what a school's files ever hold."""

from contextlib import suppress
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from keywork.home.imports import workbooks
from keywork.home.imports.report import BadFileError
from keywork.home.mis.reader import open_sheet


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


def damaged(changes):
    """A workbook in whose parts this text is replaced by that; None: the part is left out."""
    stream, broken = sheet(["upn", "name"], ["A1", "Kit"]), BytesIO()
    with ZipFile(stream) as good, ZipFile(broken, "w") as archive:
        for name in good.namelist():
            this, that = changes.get(name, ("", ""))
            data = good.read(name).decode()
            assert this in data
            if that is not None:
                archive.writestr(name, data.replace(this, that))
    broken.seek(0)
    return broken


CELLS, KIND = "xl/worksheets/sheet1.xml", 't="inlineStr"'
DAMAGES = {
    "cut off workbook": {"xl/workbook.xml": ("</sheets>", "")},
    "cut off styles": {"xl/styles.xml": ("</styleSheet>", "")},
    "styles of an unknown kind": {"xl/styles.xml": ("<cellXfs", "<cellXfs nonsense='1'")},
    "no kind of cell": {CELLS: (KIND, 't="zz"')},
    "a style that is none": {CELLS: (KIND, f'{KIND} s="99"')},
    "text that is none": {CELLS: (f"{KIND}><is><t>upn</t></is>", 't="s"><v>99</v>')},
    "a number that is none": {CELLS: (f"{KIND}><is><t>upn</t></is>", 't="n"><v>upn</v>')},
    "no place": {CELLS: ('r="A1"', 'r="1A"')},
    "no row": {CELLS: ('<row r="1"', '<row r="one"')},
    "a date beyond all": {CELLS: (f"{KIND}><is><t>upn</t></is>", 't="n" s="1"><v>1e300</v>')},
    "a date that is none": {CELLS: (f"{KIND}><is><t>upn</t></is>", 't="d"><v>upn</v>')},
    "no workbook": {"[Content_Types].xml": ("sheet.main+xml", "other+xml")},
    "no sheet": {CELLS: ("", None)},
    "no relations": {"xl/_rels/workbook.xml.rels": ("worksheets/sheet1.xml", "")},
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_workbook_is_the_files_fault(damage, tmp_path):
    stream = damaged(DAMAGES[damage])
    path = tmp_path / "export.xlsx"
    path.write_bytes(stream.getvalue())

    with suppress(BadFileError):  # (some damage a reader puts up with)
        list(workbooks.read_workbook(stream))
    with suppress(BadFileError):
        list(open_sheet(path, lambda cells: sum(cell == "upn" for cell in cells)).rows())
