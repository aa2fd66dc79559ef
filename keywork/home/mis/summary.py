"""What is kept of a report while a person decides: counts, and the first rows of each list."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from keywork.home.mis.report import MisReport

ROWS_KEPT, QUESTIONS_KEPT, ROWS_OF_A_QUESTION = 100, 100, 5


def summary_of(report: MisReport) -> dict[str, Any]:
    """Give a report as plain values; of long lists the beginning, and how long they are."""
    outcome = report.outcome
    file = {
        "rows": outcome.rows,
        "created": outcome.created,
        "updated": outcome.updated,
        "unchanged": outcome.unchanged,
        "problems": len(outcome.rejected),
        "rejected": [asdict(each) for each in outcome.rejected[:ROWS_KEPT]],
        "examples": [asdict(each) for each in outcome.examples],
    }
    return {
        "files": {report.file: file},
        "not_supported": [],
        "mis": {
            "asks": _questions(report),
            "undecided": len(report.ask),
            "skipped": len(report.skipped),
            "skipped_rows": [asdict(each) for each in report.skipped[:ROWS_KEPT]],
            "unknown": report.unknown,
            "no_mark": report.no_mark,
            "doubtful_dates": report.doubtful_dates,
            "words": report.words,
        },
    }


def _questions(report: MisReport) -> list[dict[str, Any]]:
    """Give each question once, with the first of its rows and their number."""
    found: dict[str, dict[str, Any]] = {}
    for ask in report.ask:
        name = ask.key or f"row {ask.row}"
        question = found.get(name)
        if question is None and len(found) == QUESTIONS_KEPT:
            continue
        if question is None:
            question = {**asdict(ask), "rows": [], "count": 0}
            found[name] = question
        question["count"] += 1
        if len(question["rows"]) < ROWS_OF_A_QUESTION:
            question["rows"].append(ask.row)
    return list(found.values())
