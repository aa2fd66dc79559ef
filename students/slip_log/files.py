"""The log of slips as a file: XLSX, CSV or DOCX (S2-43 to S2-45)."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.shared import Pt
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font

from students.models import BehaviourRecord

RISKY = ("=", "+", "-", "@", "\t", "\r")
MOST_ROWS = {"xlsx": 50_000, "csv": 50_000, "docx": 1_000}
HEADINGS = (
    *("Date", "Time", "Level", "Category", "Points", "Place", "Lesson", "Staff"),
    *("What happened", "What came before", "What staff did", "Consequence", "Injuries"),
    *("Damage to property", "May upset"),
)
TEXTS = (*("description", "antecedent", "response", "consequence", "injury", "property_damage"),)
WIDTHS = {"What happened": 60, "What staff did": 40, "What came before": 30, "Category": 22}
CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True, slots=True)
class LogFile:
    """What a file says.

    title: its first line; about: the filter in words; footer: stands under every page.
    """

    title: str
    about: str
    footer: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def file_name(whose: str, on: date, kind: str) -> str:
    """Give "behaviour log Kit Sample 2026-11-12.xlsx", without what a file system refuses."""
    plain = "".join(each if each.isalnum() or each in " -'’." else " " for each in whose)
    return f"behaviour log {' '.join(plain.split())} {on:%Y-%m-%d}.{kind}"


def footer_words(by: str, now: datetime) -> str:
    """Give what stands under each page: confidential, by whom, when (S2-45)."""
    at = timezone.localtime(now)
    return f"Confidential. Destroy after use. Taken out by {by}, {at:%-d %B %Y, %H:%M}."


def row_of(record: BehaviourRecord, texts: Sequence[str]) -> list[str]:
    """Give a slip as a row under HEADINGS. texts: those of TEXTS, as they may be shown."""
    happened = timezone.localtime(record.occurred_at)
    return [
        f"{happened:%d/%m/%Y}",
        f"{happened:%H:%M}",
        record.get_level_display(),
        record.category,
        "" if record.points is None else str(record.points),
        record.location,
        record.lesson,
        record.who,
        *texts,
        "yes" if record.contentious else "",
    ]


def harmless(text: str) -> str:
    """Give a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if text.startswith(RISKY) and not _is_number(text):
        return f"'{text}"
    return text


def _is_number(text: str) -> bool:
    return text[:1] in "+-" and text[1:].isdecimal()


def write(log: LogFile, kind: str) -> bytes:
    """Give the file's content. kind: xlsx, csv or docx."""
    writers: dict[str, Callable[[LogFile], bytes]] = {
        "xlsx": _xlsx,
        "csv": _csv,
        "docx": _docx,
    }
    return writers[kind](log)


def _csv(log: LogFile) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows(_safe([log.head, *log.rows]))
    writer.writerow([log.footer])
    # The byte order mark lets Excel read accents.
    return out.getvalue().encode("utf-8-sig")


def _safe(rows: Iterable[Sequence[str]]) -> list[list[str]]:
    return [[harmless(cell) for cell in row] for row in rows]


def _xlsx(log: LogFile) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Behaviour log")
    sheet.oddFooter.left.text = log.footer.replace("&", "&&")
    sheet.oddFooter.right.text = "&P of &N"
    sheet.oddHeader.left.text = log.title.replace("&", "&&")
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.freeze_panes = "A2"
    for number, heading in enumerate(log.head):
        sheet.column_dimensions[chr(ord("A") + number)].width = WIDTHS.get(heading, 14)
    bold = [WriteOnlyCell(sheet, value=heading) for heading in log.head]
    for cell in bold:
        cell.font = Font(bold=True)
    sheet.append(bold)
    wrapped: Any = WriteOnlyCell(sheet)
    wrapped.alignment = Alignment(wrap_text=True, vertical="top")
    for row in log.rows:
        sheet.append([_cell(sheet, text, wrapped) if text else None for text in row])
    sheet.append([])
    sheet.append([log.footer])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, text: str, like: Any) -> Any:
    """Give a cell that looks like another; an alignment of its own takes six times as long."""
    cell: Any = WriteOnlyCell(sheet, value=_number_or_text(text))
    cell._style = like._style  # noqa: SLF001 (openpyxl copies it in the same way)
    return cell


def _number_or_text(text: str) -> int | str:
    if text.isdecimal() or _is_number(text):
        return int(text)
    # Control characters are not allowed in a workbook.
    return harmless("".join(each for each in text if each >= " " or each in "\n\t"))


def _docx(log: LogFile) -> bytes:
    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    section.footer.paragraphs[0].text = log.footer
    document.core_properties.title = log.title
    document.core_properties.author = ""
    document.styles["Normal"].font.size = Pt(9)
    document.add_heading(log.title, level=1)
    document.add_paragraph(log.about)
    columns = _filled(log)
    table = document.add_table(rows=1, cols=len(columns), style="Table Grid")
    for cell, at in zip(table.rows[0].cells, columns, strict=True):
        cell.paragraphs[0].add_run(log.head[at]).bold = True
    for row in log.rows:
        for cell, at in zip(table.add_row().cells, columns, strict=True):
            cell.text = "".join(each for each in row[at] if each >= " " or each in "\n\t")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _filled(log: LogFile) -> list[int]:
    """The columns that say anything: a page is narrow."""
    return [
        at
        for at in range(len(log.head))
        if at < 4 or any(row[at] for row in log.rows)  # date, time, level, category
    ]
