"""The report for a terminal."""

import re
import textwrap
from itertools import zip_longest

from auditor.report import Report
from auditor.report.section import Section
from auditor.report.sections import sections, verdict

WIDTH, GAP, LEAST = 100, 2, 8
NUMBER = re.compile(r"[<>]? ?[\d,.]+(?: %)?")


def render(report: Report, width: int = WIDTH) -> str:
    """Return the report as plain text, at most so many columns wide where it can be."""
    lines = [*textwrap.wrap(f"Freeness of {report.title}", width), ""]
    lines += [w for line in verdict(report) for w in textwrap.wrap(line, width)]
    for section in sections(report):
        title = textwrap.wrap(section.title, width)
        lines += ["", *title, "-" * max(map(len, title)), *_body(section, width)]
    return "\n".join(lines) + "\n"


def _body(section: Section, width: int) -> list[str]:
    lines = [w for line in section.lines for w in textwrap.wrap(line, width, subsequent_indent="  ")]
    if not section.rows:
        return lines
    rows = [section.head, *section.rows]
    widths = _widths(rows, width)
    return [*lines, *(line for row in rows for line in _row(row, widths))]


def _widths(rows: list[tuple[str, ...]], width: int) -> list[int]:
    """Return how wide each column is: as wide as its cells, the widest ones narrower until all fit."""
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    over = sum(widths) + GAP * (len(widths) - 1) - width
    while over > 0 and max(widths) > LEAST:
        widths[widths.index(max(widths))] -= 1
        over -= 1
    return widths


def _row(row: tuple[str, ...], widths: list[int]) -> list[str]:
    """Return the lines of a row: each cell wrapped in its column, numbers at the right."""
    cells = [_cell(cell, width) for cell, width in zip(row, widths, strict=True)]
    empty = [" " * width for width in widths]
    return [
        (" " * GAP).join(part or none for part, none in zip(line, empty, strict=True)).rstrip()
        for line in zip_longest(*cells)
    ]


def _cell(cell: str, width: int) -> list[str]:
    if NUMBER.fullmatch(cell):
        return [cell.rjust(width)]
    return [part.ljust(width) for part in textwrap.wrap(cell, width)]
