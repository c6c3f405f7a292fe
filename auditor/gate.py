"""May this pass? Conditions like `academic-only`, `unknown>1%`, `conflict` against a report's counts."""

import re
from dataclasses import dataclass

from auditor.errors import BadOption
from auditor.policy import FORBIDDING
from auditor.report import WORST_FIRST, Report
from auditor.report.section import counted

WORDS = (*WORST_FIRST, "non-free", "undetermined", "conflict", "error")
CONDITION = re.compile(r"([a-z-]+)(?:\s*>\s*(\d+(?:\.\d+)?)\s*(%?))?")


@dataclass(frozen=True)
class Flag:
    """A condition that holds, and how far."""

    condition: str
    items: int
    of: int

    def __str__(self) -> str:
        return f"{self.condition}: {self.items:,} of {counted(self.of)}"


def check(conditions: str) -> list[tuple[str, float, bool]]:
    """Return the conditions of a --fail-on as (word, limit, in per cent); BadOption names what is none."""
    made = []
    for one in filter(None, (c.strip() for c in conditions.split(","))):
        match = CONDITION.fullmatch(one)
        if match is None or match[1] not in WORDS:
            raise BadOption(
                f"--fail-on {one!r} is no condition: use one of {', '.join(WORDS)}, each with >N or >N% if you like."
            )
        made.append((match[1], float(match[2] or 0), match[3] == "%"))
    return made


def gate(report: Report, conditions: str) -> list[Flag]:
    """Return the conditions that hold for a report: none means it may pass."""
    flags = []
    for word, limit, percent in check(conditions):
        items = _count(report, word)
        if items > (limit * report.items / 100 if percent else limit):
            flags.append(Flag(_spelt(word, limit, percent), items, report.items))
    return flags


def render(report: Report, conditions: str, flags: list[Flag], form: str) -> str:
    """Return the answer for people (text), or for what gathers results: SARIF 2.1.0, JUnit XML."""
    if form == "text":
        held = {f.condition: f for f in flags}
        return "".join(f"flagged  {held[c]}\n" if c in held else f"passed   {c}\n" for c in named(conditions))
    if form not in ("sarif", "junit"):
        raise BadOption(f"--format {form!r} is not known: use one of text, sarif, junit.")
    from auditor import gate_forms

    made: str = getattr(gate_forms, form)(report, named(conditions), flags)
    return made


def named(conditions: str) -> list[str]:
    """Return the conditions, each spelt as its flag is."""
    return [_spelt(*one) for one in check(conditions)]


def _spelt(word: str, limit: float, percent: bool) -> str:
    return word + (f">{limit:g}{'%' if percent else ''}" if limit else "")


def _count(report: Report, word: str) -> int:
    if word == "conflict":
        return report.conflicts[0]
    if word == "error":
        return report.errors[0]
    if word == "non-free":  # as the report says it: terms of access that forbid something make it not free, too
        return max(report.verdicts.get(word, 0), sum(n for c, n in report.access.items() if c in FORBIDDING))
    if word == "undetermined":
        return report.verdicts.get(word, 0)
    return max(report.categories.get(word, 0), report.access.get(word, 0))
