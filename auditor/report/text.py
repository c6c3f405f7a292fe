"""The report for a terminal."""

import re
import textwrap

from auditor.report import Report
from auditor.report.section import Section
from auditor.report.sections import sections, verdict

WIDTH = 100
NUMBER = re.compile(r"[<>]? ?[\d,.]+(?: %)?")


def render(report: Report) -> str:
    """Return the report as plain text, 100 columns wide where it can be."""
    lines = [f"Freeness of {report.title}", ""]
    lines += [w for line in verdict(report) for w in textwrap.wrap(line, WIDTH)]
    for section in sections(report):
        lines += ["", section.title, "-" * len(section.title), *_body(section)]
    return "\n".join(lines) + "\n"


def _body(section: Section) -> list[str]:
    lines = [w for line in section.lines for w in textwrap.wrap(line, WIDTH, subsequent_indent="  ")]
    if not section.rows:
        return lines
    rows = [section.head, *section.rows]
    first = _first_width(rows)
    widths = [max(len(r[i]) for r in rows) for i in range(len(section.head))]
    widths[first] = min(widths[first], max(20, WIDTH - sum(widths) + widths[first] - 2 * (len(widths) - 1)))
    return [*lines, *(line for r in rows for line in _row(r, widths, first))]


def _first_width(rows: list[tuple[str, ...]]) -> int:
    return max(range(len(rows[0])), key=lambda i: max(len(r[i]) for r in rows))


def _row(row: tuple[str, ...], widths: list[int], wide: int) -> list[str]:
    wrapped = textwrap.wrap(row[wide], widths[wide]) or [""]
    lines = []
    for number, part in enumerate(wrapped):
        cells = [part if i == wide else (cell if not number else "") for i, cell in enumerate(row)]
        lines.append("  ".join(_pad(c, widths[i]) for i, c in enumerate(cells)).rstrip())
    return lines


def _pad(cell: str, width: int) -> str:
    return cell.rjust(width) if NUMBER.fullmatch(cell) else cell.ljust(width)
