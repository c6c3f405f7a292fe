"""Words around a licence, or instead of one: restrictions, permissions, claims, and what makes a named licence unread.

The patterns are data (`licenses/phrases.tsv`), matched on folded text. They are tried in the file's order, and what one has
matched is not there for the next: "permission is needed for commercial use" forbids commerce, not all use.
"""

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from auditor.licensing import tables
from auditor.licensing.fold import fold

LICENSE = "\ue001"  # stands in the text for a licence that it names
RESTRICTING = (
    "academic-only",
    "non-commercial",
    "no-derivatives",
    "no-redistribution",
    "use-restricted",
    "proprietary",
    "reserved",
    "permission",
)


class Mark(NamedTuple):
    """A phrase found in a statement."""

    kind: str
    words: str
    line: int  # of phrases.tsv


class _Phrase(NamedTuple):
    kind: str
    pattern: re.Pattern[str]
    line: int
    needs_license: bool
    needs: frozenset[str]  # one of them is in every text that matches


@cache
def _phrases() -> list[_Phrase]:
    found = []
    for line, row in enumerate(tables.rows("phrases.tsv"), 2):
        pattern = _plain(row["pattern"]).replace("{L}", LICENSE)
        needs = frozenset(_plain(row["needs"]).split("|"))
        found.append(_Phrase(row["mark"], re.compile(pattern), line, LICENSE in pattern, needs))
    words = sorted((fold(r["words"]) for r in tables.rows("public_domain.tsv")), key=len, reverse=True)
    public = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)")
    found.append(_Phrase("public-domain", public, 0, False, frozenset(words)))
    return found


def _plain(pattern: str) -> str:
    """Return a pattern in the form that folded text has, its case left alone: \\W is not \\w."""
    return "".join(c for c in unicodedata.normalize("NFKD", pattern) if not unicodedata.combining(c))


@cache
def _literals() -> tuple[re.Pattern[str], dict[str, frozenset[str]]]:
    """Return what finds all literals that phrases need, and for each the others that it holds."""
    every = sorted({n for phrase in _phrases() for n in phrase.needs}, key=len, reverse=True)
    holds = {n: frozenset(m for m in every if m in n) for n in every}
    return re.compile(f"(?=({'|'.join(map(re.escape, every))}))"), holds


def find(folded: str, named: bool) -> list[Mark]:
    """Return the marks of a folded text in which named licences are replaced by `LICENSE`."""
    pattern, holds = _literals()
    there: set[str] = set().union(*(holds[n] for n in {m[1] for m in pattern.finditer(folded)}))
    found: list[Mark] = []
    for phrase in _phrases() if there else ():
        if phrase.needs.isdisjoint(there) or (phrase.needs_license and not named):
            continue
        for match in phrase.pattern.finditer(folded):
            if match.start() == match.end():
                continue
            found.append(Mark(phrase.kind, " ".join(match[0].replace(LICENSE, "…").split()), phrase.line))
        if found and found[-1].line == phrase.line and not phrase.needs_license:
            folded = phrase.pattern.sub(lambda m: " " + LICENSE * m[0].count(LICENSE) + " ", folded)
    return [m for m in found if m.kind != "neutral"]


@cache
def meanings() -> dict[str, tuple[str, frozenset[str]]]:
    """Return mark -> (licence it is read as where nothing else is said, restrictions)."""
    return {r["mark"]: (r["license"], frozenset(r["restrictions"].split())) for r in tables.rows("marks.tsv")}
