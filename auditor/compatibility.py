"""May these items be released together, and under what? From the licences concluded of them, and how many have each.

Two answers: side by side, each item under its own licence; and as one work under one licence, for which every
licence must have a way into that one. The ways are data with their words: `licenses/compatibility.tsv`. What has no
way there is in the way: a share-alike licence names what it lets through, so nothing is inferred from likeness.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from auditor import policy
from auditor.licensing import tables
from auditor.policy import CATEGORIES, FORBIDDING, creative_commons
from auditor.policy.expression import Tree, atoms, fold, parse
from auditor.report.section import counted

ANY = "*"
SHOWN = 8  # licences named in a line; the counts are of all
APART = {  # what keeps an item from being passed on at all, even unchanged and beside others
    "proprietary": "all rights are reserved",
    "no-redistribution": "it may not be passed on",
    "academic-only": "only research and teaching may use it, and nothing known lets it be passed on to others",
}


class Way(NamedTuple):
    """One line of `licenses/compatibility.tsv`, for one pair of licences."""

    how: str  # may | barred | ended
    until: str
    source: str
    words: str
    note: str


@dataclass(frozen=True, slots=True)
class Rung:
    """One licence the release could be under, and what stands in the way of it."""

    license: str
    category: str
    verdict: str  # the worst of the licence's own and the items'
    in_the_way: Mapping[str, tuple[int, str]]  # expression -> items, why; empty: the release may carry it

    @property
    def items(self) -> int:
        """How many items stand in the way."""
        return sum(n for n, _ in self.in_the_way.values())


@dataclass(frozen=True, slots=True)
class Release:
    """What may be done with these items together."""

    items: int
    apart: Mapping[str, tuple[int, str]]  # expression -> items, why they may not even stand beside the others
    together: str  # category of all that binds whoever takes the items side by side
    verdict: str  # the worst that the policy says of any of them
    policy: str
    rungs: tuple[Rung, ...]  # from the freest

    @property
    def license(self) -> str | None:
        """The freest licence that one work made of all items could carry; None: there is none."""
        return next((r.license for r in self.rungs if not r.in_the_way), None)

    @property
    def next_freer(self) -> Rung | None:
        """What is freer than `license` (or, where there is none, anything), with the fewest items in the way."""
        mine = next((r for r in self.rungs if not r.in_the_way), None)
        freer = [r for r in self.rungs if mine is None or _class(r.license) < _class(mine.license)]
        return min(freer if mine is None else reversed(freer), key=lambda r: r.items, default=None)

    def lines(self) -> list[str]:
        """Return the answer for a release manager, a sentence a line."""
        return list(_told(self)) if self.items else ["There are no items, so there is nothing to release."]


def release(counts: Mapping[str, int], under: str = "dfsg") -> Release:
    """Return what may be done with items of these concluded licences (SPDX expression -> how many).

    Verdicts are those of the policy `under`. ValueError for a count below zero.
    """
    if any(n < 0 for n in counts.values()):
        raise ValueError("a licence cannot have fewer than no items")
    held = {e: n for e, n in sorted(counts.items()) if n}
    apart = {e: (n, why) for e, n in held.items() if (why := _apart(e))}
    rungs = [_rung(name, held, under) for name in _candidates(held)]
    return Release(sum(held.values()), apart, _together(held), _worst(held, under), under, tuple(rungs))


def way(license_: str, to: str) -> str | None:
    """Return why work under an expression may not go into a release under the licence `to`; None where it may."""
    tree = parse(license_)
    if tree is None or license_ in ("NONE", "NOASSERTION"):
        return "no licence is known"
    if _contents_unlicensed(tree):
        return "it licenses the database, not its contents"
    return fold(tree, lambda atom: _way(atom, to), _first, _best)


def _first(parts: Sequence[str | None]) -> str | None:
    return next((p for p in parts if p), None)


def _best(parts: Sequence[str | None]) -> str | None:
    return None if None in parts else parts[0]


@lru_cache(maxsize=16_384)
def _way(atom: str, to: str) -> str | None:
    """Why one licence has no way into another: its own line first, then what it asks against what `to` asks."""
    if atom == to:
        return None
    line = ways().get((atom, to))
    if line:
        return None if line.how == "may" else _refused(line, to)
    terms, target = policy.terms(atom), policy.terms(to)
    if not terms.known:
        return "what it restricts is not known"
    if "share-alike" in terms.restrictions:
        return f"it is share-alike, and nothing read lets it become {to}"
    if "no-derivatives" in terms.restrictions:
        return "it may be passed on only unchanged, beside the others"
    lost = sorted(terms.restrictions - target.restrictions)
    if lost:
        return f"{to} would not pass on what it asks ({', '.join(lost)})"
    return f"nothing read lets it into {to}, which takes in nothing that restricts further" if to in listed() else None


def _refused(line: Way, to: str) -> str:
    when = f"the way to {to} ended on {line.until}" if line.how == "ended" else f"it may not become {to}"
    return f"{when}{': ' + line.note if line.note else ''}"


def _apart(expression: str) -> str | None:
    """Why an item may not be passed on even as it is, beside the others."""
    tree = parse(expression)
    if tree is None or expression in ("NONE", "NOASSERTION"):
        return "no licence is known"
    if _contents_unlicensed(tree):
        return "it licenses the database, not its contents"
    terms = policy.terms(expression)
    if not terms.known:
        return "what it restricts is not known"
    return next((why for r, why in APART.items() if r in terms.restrictions), None)


def _contents_unlicensed(tree: Tree) -> bool:
    """Whether all that the expression names licenses the database alone (ODbL, ODC-By)."""
    return all(policy.covers(a) == "database" for a in atoms(tree))


def _together(held: Iterable[str]) -> str:
    found = [policy.terms(e) for e in held]
    union = frozenset(r for t in found for r in t.restrictions)
    return policy.category_of(union, known=all(t.known for t in found))


def _candidates(held: Mapping[str, int]) -> list[str]:
    """Return what the release could be under, from the freest: what is always asked, what the items have or lead to.

    Of equally free ones first that of all items, then those always asked, then what some items have.
    """
    own = dict.fromkeys(a for e in held for t in [parse(e)] if t is not None for a in atoms(t) if _offerable(a))
    led = [to for (of, to), line in ways().items() if of in own and line.how == "may"]
    order = [*(own if len(held) == 1 else ()), *offers(), *own, *led]
    return sorted(dict.fromkeys(order), key=_class)


def _offerable(atom: str) -> bool:
    """Whether a release can be put under it: a licence that says all of its terms, and lets the whole be changed."""
    tool = creative_commons.parse(atom)
    ours = atom.startswith("LicenseRef-") and not (tool and tool.version)
    terms = policy.terms(atom)
    return terms.known and not ours and "no-derivatives" not in terms.restrictions and atom not in marks()


def _class(name: str) -> tuple[int, int]:
    """How free a licence is, the lower the freer: its category, then how much else it asks."""
    stated = policy.restrictions(name)
    return CATEGORIES.index(policy.category(name)), len(stated & (FORBIDDING | {"attribution", "share-alike"}))


def _rung(name: str, held: Mapping[str, int], under: str) -> Rung:
    stopped = {e: (n, why) for e, n in held.items() if (why := way(e, name))}
    return Rung(name, policy.category(name), _worst([name, *held], under), stopped)


def _worst(expressions: Iterable[str], under: str) -> str:
    """Return the worst verdict: a licence put over items never makes them freer than they are."""
    found = {policy.verdict(e, under).verdict for e in expressions}
    return next((v for v in ("non-free", "undetermined") if v in found), "free")


def _told(found: Release) -> Iterator[str]:
    if found.apart:
        stopped = sum(n for n, _ in found.apart.values())
        yield f"Side by side, each under its own licence: not all; {stopped:,} of {counted(found.items)} may not be passed on."
        yield from _listed(found.apart)
    else:
        yield (
            f"Side by side, {_each(found.items)} under its own licence: yes, every notice kept; "
            f"together they are {found.together}, under {found.policy} {found.verdict}."
        )
    if found.license:
        rung = next(r for r in found.rungs if not r.in_the_way)
        yield (
            f"As one work under one licence: {rung.license} ({rung.category}) is the freest it could carry; "
            f"with these items it is {rung.verdict} under {found.policy}."
        )
    else:
        yield "As one work under one licence: none that is known fits all items."
    yield from _next(found.next_freer)


def _each(items: int) -> str:
    return f"each of the {counted(items)}" if items > 1 else "the one item"


def _next(rung: Rung | None) -> Iterator[str]:
    if rung is None:
        return
    yield f"In the way of {rung.license} ({rung.category}): {counted(rung.items)}."
    yield from _listed(rung.in_the_way)


def _listed(stopped: Mapping[str, tuple[int, str]]) -> Iterator[str]:
    most = sorted(stopped.items(), key=lambda s: (-s[1][0], s[0]))
    for expression, (number, why) in most[:SHOWN]:
        yield f"  {number:,} under {expression}: {why}."
    if len(most) > SHOWN:
        rest = most[SHOWN:]
        yield f"  {sum(n for _, (n, _) in rest):,} more under {len(rest)} other licences."


@cache
def ways() -> Mapping[tuple[str, str], Way]:
    """Return (from, to) -> what is said of it; a refusal stands before a permission."""
    found: dict[tuple[str, str], Way] = {}
    for row in tables.rows("compatibility.tsv"):
        if row["how"] in ("may", "barred", "ended"):
            line = Way(*(row[k] for k in Way._fields))
            for pair in ((a, b) for a in row["from"].split() for b in row["to"].split()):
                if pair not in found or found[pair].how == "may":
                    found[pair] = line
    return found


@cache
def listed() -> frozenset[str]:
    """Return the licences that take in only what a line names."""
    return frozenset(i for r in tables.rows("compatibility.tsv") if r["how"] == "listed" for i in r["to"].split())


@cache
def marks() -> frozenset[str]:
    """Return what only says what a work is, so that no release can be put under it."""
    return frozenset(i for r in tables.rows("compatibility.tsv") if r["how"] == "mark" for i in r["from"].split())


@cache
def offers() -> tuple[str, ...]:
    """Return the licences that are asked of every release, in the order in which equally free ones are preferred."""
    return tuple(i for r in tables.rows("compatibility.tsv") if r["how"] == "offer" for i in r["to"].split())
