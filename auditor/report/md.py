"""The report as Markdown, fit for a release note; what comes from the data can't become markup."""

import re

from auditor.report import Report
from auditor.report.section import CODE, Section, linked
from auditor.report.sections import sections, verdict
from auditor.report.text import NUMBER

LONG = 12  # rows of a table that is folded


def render(report: Report) -> str:
    """Return the report as GitHub-flavoured Markdown."""
    lines = [f"# Freeness of {escape(report.title)}", ""]
    first, *rest = verdict(report)
    lines += [f"**{prose(first)}**", "", *map(_line, rest)]
    for section in sections(report):
        lines += ["", f"## {escape(section.title)}"]
        lines += ["", *map(_line, section.lines)] if section.lines else []
        lines += ["", *_table(section)] if section.rows else []
    return "\n".join(lines) + "\n"


def _line(said: str) -> str:
    """Return a sentence as an item of a list; one that stands further in belongs to the one before."""
    return f"{'  ' if said.startswith('  ') else ''}- {prose(said.strip())}"


def _table(section: Section) -> list[str]:
    """Return a table, numbers at the right; a long one is folded."""
    right = [all(NUMBER.fullmatch(r[i]) for r in section.rows) for i in range(len(section.head))]
    lines = [
        _row(section.head),
        "|" + "|".join(" ---: " if n else " --- " for n in right) + "|",
        *map(_row, section.rows),
    ]
    if len(section.rows) <= LONG:
        return lines
    return ["<details>", f"<summary>{len(section.rows)} rows</summary>", "", *lines, "", "</details>"]


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(prose(c) for c in cells) + " |"


def prose(text: str) -> str:
    """Return a sentence with links to the web addresses in it."""
    return "".join((f"<{p}>" if p else "") if i % 2 else escape(p) for i, p in enumerate(linked(text)))


def escape(text: str) -> str:
    """Return text that Markdown shows as it is, on one line; code spans of our own stay."""
    pieces = CODE.split("".join(c if c.isprintable() else " " for c in text))
    return "".join(p if i % 2 else re.sub(r"([\\`*_{}\[\]<>#|~@&])", r"\\\1", p) for i, p in enumerate(pieces))
