"""What each licence asks of whoever passes an item on (`licenses/attribution.tsv`), and what is known of the licence itself."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from itertools import islice, product
from typing import NamedTuple

from auditor import policy
from auditor.licensing import _texts_corpus, _texts_exceptions, spdx_list, tables
from auditor.policy.expression import Tree, atoms, fold, parse, write

NEEDED = (
    "must",
    "supplied",
)  # without it a credit is not complete; `kept` and `changed` show only where there is something
MOST = 32  # alternatives looked at
WIKIMEDIA = "wikimedia"  # whose lines are of the wikis' terms of use, not of a licence
DEDICATIONS = ("zero", "mark")  # Creative Commons' tools whose addresses are under /publicdomain/
CC, SPDX = "https://creativecommons.org", "https://spdx.org/licenses"


class Ask(NamedTuple):
    """One thing that a licence asks for, in its own words."""

    element: str  # title | creator | source | license | text | notice | disclaimer | history | changes
    degree: str  # must | supplied: where the licensor gave it | kept: where there is one | changed: of changed items | should | also: see README
    clause: str
    words: str
    source: str


class License(NamedTuple):
    """What is known of one licence: its name, its address, its text, or for a name of our own what it stands for."""

    id: str
    name: str
    url: str | None
    text: str | None
    definition: str | None
    asks: tuple[Ask, ...] | None  # None: what it asks for was not read


@cache
def _lines() -> Mapping[str, tuple[Ask, ...]]:
    found: dict[str, list[Ask]] = {}
    for row in tables.rows("attribution.tsv"):
        ask = Ask(row["element"], row["degree"], row["clause"], row["words"], row["source"])
        for name in row["license"].split():
            found.setdefault(name, []).append(ask)
    return {name: tuple(asks) for name, asks in found.items()}


def asked(name: str) -> tuple[Ask, ...] | None:
    """Return what a licence asks for; nothing where it is known to restrict nothing, None where that was not read."""
    base = name.partition(" WITH ")[0]
    if base in _lines():
        return _lines()[base]
    terms = policy.terms(name)
    return () if terms.known and not terms.restrictions else None


@lru_cache(maxsize=4096)
def choices(expression: str, under: str) -> tuple[str, ...]:
    """Return the licences by which items may be passed on, those that ask for least first: of alternatives those that pass the policy."""
    tree = parse(expression)
    if tree is None:
        return (expression,)

    def atom(name: str) -> list[Tree]:
        return [name]

    def both(parts: Sequence[list[Tree]]) -> list[Tree]:
        return [("AND", one) for one in islice(product(*parts), MOST)]

    def either(parts: Sequence[list[Tree]]) -> list[Tree]:
        every = [one for part in parts for one in part]
        return [one for one in every if policy.verdict(write(one), under).verdict == "free"] or every

    found: list[Tree] = fold(tree, atom, both, either)
    return tuple(dict.fromkeys(map(write, sorted(found, key=_weight))))[:MOST]


def _weight(tree: Tree) -> tuple[int, int, int, str]:
    """Weigh what was not read, what is asked for in any case, all that is asked for."""
    known = [asked(name) for name in atoms(tree)]
    every = {(a.element, a.degree) for found in known for a in found or ()}
    return known.count(None), len([1 for _, degree in every if degree == "must"]), len(every), write(tree)


def licenses(expression: str) -> tuple[str, ...]:
    """Return the distinct licences of an expression."""
    tree = parse(expression)
    return (expression,) if tree is None else atoms(tree)


def needs(expression: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return which elements each item's credit needs, and what is missing for all items alike, in words."""
    elements: set[str] = set()
    missing = []
    for one in map(license_of, licenses(expression)):
        if one.asks is None:
            missing.append(f"what {one.id} asks for was not read")
        wanted = {a.element for a in one.asks or () if a.degree in NEEDED}
        if "text" in wanted and one.text is None:
            missing.append(f"the text of {one.id}")
        if "license" in wanted and not (one.url or one.text):
            missing.append(f"an address or the text of {one.id}")
        elements |= wanted
    return frozenset(elements), tuple(missing)


@cache
def license_of(name: str) -> License:
    """Return what is known of one licence; of `X WITH Y` both texts."""
    base, _, exception = name.partition(" WITH ")
    listed = [spdx_list.load()[i] for i in (base, exception) if i in spdx_list.load()]
    ours = _ours().get(base)
    title = " with ".join(x.name for x in listed) or (ours[0] if ours else name)
    texts = [_texts_corpus.text(base), *([_texts_exceptions.text(exception)] if exception else [])]
    whole = "\n\n".join(t for t in texts if t) if all(texts) else None
    url = _tools().get(base) or (f"{SPDX}/{base}.html" if listed else None)
    return License(name, title, url, whole, ours[1] if ours else None, asked(name))


@cache
def _ours() -> Mapping[str, tuple[str, str]]:
    return {row["id"]: (row["title"], row["definition"]) for row in tables.rows("licenseref.tsv")}


@cache
def _tools() -> Mapping[str, str]:
    """Return licence -> address, of all that Creative Commons has published."""
    found: dict[str, str] = {}
    for (tool, version, place), name in tables.cc_tools().items():
        if version:
            top = "publicdomain" if tool in DEDICATIONS else "licenses"
            found.setdefault(name, "/".join(p for p in (CC, top, tool, version, place) if p) + "/")
    return found


def wikimedia() -> tuple[Ask, ...]:
    """Return what the terms of use of Wikimedia's wikis ask for."""
    return _lines()[WIKIMEDIA]
