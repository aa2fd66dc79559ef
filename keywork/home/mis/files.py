"""The one file of an export: taken from the browser, kept apart, looked into for its headings."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePath

from django.core.files.uploadedfile import UploadedFile

from keywork.home.imports.report import BadFileError
from keywork.home.imports.uploads import MEGABYTE, folder_of, remove_files
from keywork.home.mis.columns import count_known
from keywork.home.mis.reader import Sheet, as_written, open_sheet, refuse_bomb

LARGEST_EXPORT = 100 * MEGABYTE
# In the browser's process, a workbook of this size is opened in a second or two.
LARGEST_WORKBOOK = 100 * MEGABYTE
ENDINGS = {".csv": ".csv", ".txt": ".csv", ".xlsx": ".xlsx"}
NAME_KEPT = 100
ROWS_SHOWN = 3


@dataclass(frozen=True)
class Glance:
    """What a file begins with: its headings, and the first rows below them as text."""

    header: list[str]
    rows: list[list[str]]

    def examples(self, position: int) -> list[str]:
        """Give the first few values below a heading that are not blank."""
        found = (row[position] for row in self.rows if position < len(row))
        return [text for text in found if text]


def keep_export(upload: UploadedFile, ref: str) -> None:
    """Keep an uploaded export. Raises BadFileError, having kept nothing."""
    name = str(upload.name)
    ending = ENDINGS.get(PurePath(name).suffix.lower())
    if ending is None:
        raise BadFileError("is neither CSV nor XLSX. Export it as one of them.")
    if (upload.size or 0) > LARGEST_EXPORT:
        most = LARGEST_EXPORT // MEGABYTE
        raise BadFileError(f"is larger than {most} MB. Split it, for example by term.")
    folder = folder_of(ref)
    folder.mkdir(parents=True, mode=0o700)
    try:
        path = folder / f"export{ending}"
        with path.open("wb") as file:
            for chunk in upload.chunks():
                file.write(chunk)
        _refuse_bomb(path)
    except BaseException:
        remove_files(folder)
        raise


def _refuse_bomb(path: Path) -> None:
    with path.open("rb") as stream:
        is_workbook = path.suffix == ".xlsx" or stream.read(4) == b"PK\x03\x04"
    if is_workbook:
        refuse_bomb(path, LARGEST_WORKBOOK)


def export_of(ref: str) -> Path:
    """Give the path of an import's export. Raises BadFileError where it is gone."""
    for ending in set(ENDINGS.values()):
        path = folder_of(ref) / f"export{ending}"
        if path.is_file():
            return path
    raise BadFileError("is gone: files are kept for a day. Choose it again.")


def look_at(path: Path, kind: str, by_hand: dict[str, str]) -> Glance:
    """Read headings and first rows. Where no heading is known, the first full row has them.

    Raises BadFileError.
    """
    sheet = sheet_of(path, kind, by_hand)
    rows = [[as_written(cell) for cell in cells] for _, cells in islice(sheet.rows(), ROWS_SHOWN)]
    return Glance(sheet.header, rows)


def sheet_of(path: Path, kind: str, by_hand: dict[str, str]) -> Sheet:
    """Open a file for matching its columns. Raises BadFileError."""
    try:
        return open_sheet(path, lambda header: count_known(kind, header, by_hand))
    except BadFileError:
        return open_sheet(path, _count_filled)


def _count_filled(header: list[str]) -> int:
    filled = [heading for heading in header if heading]
    return len(filled) if len(filled) > 1 else 0
