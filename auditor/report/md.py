"""The report as Markdown, fit for a release note; what comes from the data can't become markup."""

import re

from auditor.report import Report
from auditor.report.sections import sections, verdict


def render(report: Report) -> str:
    """Return the report as GitHub-flavoured Markdown."""
    lines = [f"# Freeness of {escape(report.title)}", ""]
    first, *rest = verdict(report)
    lines += [f"**{escape(first)}**", "", *(f"{escape(r)}" for r in rest)]
    for section in sections(report):
        lines += ["", f"## {escape(section.title)}", "", *(f"- {escape(w)}" for w in section.lines)]
        if section.rows:
            lines += ["", _row(section.head), "|" + " --- |" * len(section.head), *map(_row, section.rows)]
    return "\n".join(lines) + "\n"


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(escape(c) for c in cells) + " |"


def escape(text: str) -> str:
    """Return text that Markdown shows as it is; code spans of our own stay."""
    pieces = re.split(r"(`[\w. -]+`)", text)
    return "".join(p if i % 2 else re.sub(r"([\\`*_{}\[\]<>#|~@])", r"\\\1", p) for i, p in enumerate(pieces))
