"""Words around a licence, or instead of one: restrictions, permissions, claims, and what makes a named licence unread.

The patterns are data (`licenses/phrases.tsv`), matched on folded text. They are tried in the file's order, and what one has
matched is not there for the next: "permission is needed for commercial use" forbids commerce, not all use.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any, NamedTuple

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
    needs: tuple[frozenset[str], ...]  # one of each is in every text that matches


@cache
def _phrases() -> list[_Phrase]:
    found = []
    for line, row in enumerate(tables.rows("phrases.tsv"), 2):
        pattern = _plain(row["pattern"]).replace("{L}", LICENSE)
        needs = tuple(frozenset(group.split("|")) for group in _plain(row["needs"]).split("&"))
        found.append(_Phrase(row["mark"], re.compile(pattern), line, LICENSE in pattern, needs))
    words = sorted((fold(r["words"]) for r in tables.rows("public_domain.tsv")), key=len, reverse=True)
    spaced, other = ("|".join(re.escape(w) for w in words if (w[-1] < "\u3000") == yes) for yes in (True, False))
    public = re.compile(rf"(?<!\w)(?:{spaced})(?!\w)|{other}")  # in scripts without spaces a word ends nowhere
    found.append(_Phrase("public-domain", public, 0, False, (frozenset(words),)))
    return found


def _plain(pattern: str) -> str:
    """Return a pattern in the form that folded text has, its case left alone: \\W is not \\w."""
    return "".join(c for c in unicodedata.normalize("NFKD", pattern) if not unicodedata.combining(c))


@cache
def _literals() -> tuple[re.Pattern[str], re.Pattern[str], frozenset[str], dict[str, frozenset[str]]]:
    """Return what finds the Latin literals that phrases need, and the others, the letters of those, and for each literal those that it holds."""
    every = frozenset[str]().union(*(group for phrase in _phrases() for group in phrase.needs))
    other = [n for n in every if max(n) >= "\u0100"]
    plain, odd = (re.compile(f"(?=({alternatives(n)}))") for n in (every.difference(other), other))
    letters = frozenset(c for n in other for c in n if c >= "\u0100")
    return plain, odd, letters, {n: frozenset(m for m in every if m in n) for n in every}


def alternatives(literals: Iterable[str]) -> str:
    """Return a pattern for the longest of some literals, as a tree of letters: tried at a place in a few steps, however many they are."""
    tree: dict[str, Any] = {}
    for literal in literals:
        node = tree
        for letter in literal:
            node = node.setdefault(letter, {})
        node[""] = {}
    return _branches(tree)


def _branches(tree: dict[str, Any]) -> str:
    pieces = [re.escape(letter) + _branches(below) for letter, below in tree.items() if letter]
    if not pieces:
        return ""
    whole = pieces[0] if len(pieces) == 1 and "" not in tree else f"(?:{'|'.join(pieces)})"
    return whole + "?" * ("" in tree)


@lru_cache(maxsize=16_384)
def _called(literals: frozenset[str], named: bool) -> tuple[_Phrase, ...]:
    """Return the phrases to try, in the file's order, where these literals stand."""
    holds = _literals()[3]
    there = frozenset[str]().union(*(holds[n] for n in literals))
    listed = (p for p in _phrases() if named or not p.needs_license)
    return tuple(p for p in listed if not any(group.isdisjoint(there) for group in p.needs))


def find(folded: str, named: bool) -> list[Mark]:
    """Return the marks of a folded text in which named licences are replaced by `LICENSE`."""
    return apart(folded, named)[0]


def apart(folded: str, named: bool) -> tuple[list[Mark], str]:
    """Return the marks of a folded text, and what of it no phrase has taken."""
    there = _there(folded)
    return _tried(_called(there, named) if there else (), folded)


def doubt(folded: str, claim: str) -> Mark | None:
    """Return the first words that may limit a claim, as they would a licence named in its place.

    What restricts by itself is not looked for again: a text that holds it makes no such claim.
    """
    if claim not in folded:
        return None
    phrases = [p for p in _called(_there(folded), True) if p.kind not in RESTRICTING]
    said, _ = _tried(phrases, folded.replace(claim, LICENSE))
    return next((m for m in said if m.kind in ("doubt", "unclear", "none")), None)


@lru_cache(maxsize=64)
def _there(folded: str) -> frozenset[str]:
    """Return the literals that phrases need and that stand in a text, of those that begin at one place the longest."""
    plain, odd, letters, _ = _literals()
    there = frozenset(plain.findall(folded))
    return there if letters.isdisjoint(folded) else there | frozenset(odd.findall(folded))


def _tried(phrases: Iterable[_Phrase], folded: str) -> tuple[list[Mark], str]:
    found: list[Mark] = []
    for phrase in phrases:
        for match in phrase.pattern.finditer(folded):
            if match.start() == match.end():
                continue
            found.append(Mark(phrase.kind, " ".join(match[0].replace(LICENSE, "…").split()), phrase.line))
        matched = found and found[-1].line == phrase.line
        if matched and (phrase.kind == "neutral" or not phrase.needs_license):
            folded = phrase.pattern.sub(lambda m: " " + LICENSE * m[0].count(LICENSE) + " ", folded)
    return [m for m in found if m.kind != "neutral"], folded


@cache
def meanings() -> dict[str, tuple[str, frozenset[str]]]:
    """Return mark -> (licence it is read as where nothing else is said, restrictions)."""
    return {r["mark"]: (r["license"], frozenset(r["restrictions"].split())) for r in tables.rows("marks.tsv")}
