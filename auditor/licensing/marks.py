"""Words around a licence, or instead of one: restrictions, permissions, claims, and what makes a named licence unread.

The patterns are data (`licenses/phrases.tsv`), matched on folded text. They are tried in the file's order, and what one has
matched is not there for the next: "permission is needed for commercial use" forbids commerce, not all use.
"""

import re
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


_WORD = re.compile("[a-z]+")
_NEAR = re.compile(rf"[a-z+?(]|{LICENSE}.*{LICENSE}")  # something stands beside the licence named


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
    needs: re.Pattern[str]  # it is in every text that matches: a cheap look before the pattern


@cache
def _phrases() -> list[_Phrase]:
    found = []
    for line, row in enumerate(tables.rows("phrases.tsv"), 2):
        pattern = row["pattern"].replace("{L}", LICENSE)
        found.append(_Phrase(row["mark"], re.compile(pattern), line, LICENSE in pattern, re.compile(row["needs"])))
    words = "|".join(
        sorted((re.escape(fold(r["words"])) for r in tables.rows("public_domain.tsv")), key=len, reverse=True)
    )
    found.append(
        _Phrase("public-domain", re.compile(rf"(?<!\w)(?:{words})(?!\w)|公共领域|公有领域"), 0, False, re.compile(""))
    )
    return found


@cache
def _stems() -> frozenset[str]:
    """Return the first letters of the words that phrases turn on: without one of them no phrase can match."""
    public = {w[:4] for row in tables.rows("public_domain.tsv") for w in fold(row["words"]).split()}
    return frozenset({row["stem"] for row in tables.rows("stems.tsv")} | public)


def _possible(folded: str) -> bool:
    """Return whether some phrase may match: a cheap look before the expensive ones."""
    stems = _stems()
    return not folded.isascii() or any(word[:4] in stems for word in _WORD.findall(folded))


def find(folded: str, named: bool) -> list[Mark]:
    """Return the marks of a folded text in which named licences are replaced by `LICENSE`."""
    found: list[Mark] = []
    if not _possible(folded.replace(LICENSE, "")) and not (named and _NEAR.search(folded)):
        return found
    for phrase in _phrases():
        if (phrase.needs_license and not named) or not phrase.needs.search(folded):
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
