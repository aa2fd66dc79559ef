"""The rows of an export that were not taken, under its own headings, to mend and send again."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

from keywork.home.imports.problems import FOLDER
from keywork.home.mis.reader import FORMULA_STARTS, MARK, Sheet, as_text
from keywork.home.mis.report import MisReport

# Headings that no export has, so that the file can be sent again as it is.
EXTRA = ("Keywork: row", "Keywork: column", "Keywork: problem")


def write_problems(folder: Path, kind: str, sheet: Sheet, report: MisReport) -> None:
    """Write rejected and undecided rows beside the export, one line a row; an older file goes."""
    target = folder / FOLDER
    target.mkdir(exist_ok=True)
    path = target / f"{kind}.csv"
    path.unlink(missing_ok=True)
    reasons = _reasons(report)
    if not reasons:
        return
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([safe(cell) for cell in (*sheet.header, *EXTRA)])
        for number, cells in sheet.rows():
            if number in reasons:
                columns, errors = zip(*reasons[number], strict=True)
                # a workbook's dates as 2026-11-20, which nobody reads as another day
                texts = [as_text(cell) for cell in cells[: len(sheet.header)]]
                texts += [""] * (len(sheet.header) - len(texts))
                texts += [str(number), "; ".join(filter(None, columns)), "; ".join(errors)]
                writer.writerow([safe(text) for text in texts])


def safe(text: str) -> str:
    """Keep a spreadsheet from taking a cell for a formula; the reader takes the mark off again."""
    return MARK + text if text.startswith(FORMULA_STARTS) else text


def _reasons(report: MisReport) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for each in report.outcome.rejected:
        found[each.row].append((each.column, each.error))
    for ask in report.ask:
        found[ask.row].append(("", ask.question))
    return found
