"""What a licence asks and forbids, and the category that follows from it.

Data: `licenses/properties.tsv` (SPDX ids and elements of Creative Commons ids) and `licenses/licenseref.tsv` (ours).
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from auditor import data
from auditor.policy import creative_commons
from auditor.policy.expression import fold, parse

# A category is the label of the weightiest restriction, lightest first. `use-restricted` (RAIL, Llama, C-UDA: some
# fields of use are barred to everyone, for ever) stands next to `proprietary` because neither leaves a use that a free
# project can rely on; below it, because something is granted. Vocabularies without the class count both as one.
CATEGORIES = (
    "free",
    "free-sharealike",
    "no-derivatives",
    "non-commercial",
    "academic-only",
    "use-restricted",
    "proprietary",
    "unknown",
)
LABEL = {
    "attribution": "free",
    "share-alike": "free-sharealike",
    "no-derivatives": "no-derivatives",
    "non-commercial": "non-commercial",
    "academic-only": "academic-only",
    "use-restricted": "use-restricted",
    "no-redistribution": "proprietary",
    "proprietary": "proprietary",
    "unknown": "unknown",
}
FORBIDDING = frozenset(LABEL) - {"attribution", "share-alike", "unknown"}
_RANK = {label: rank for rank, label in enumerate(CATEGORIES)}


class Terms(NamedTuple):
    """What is known of a licence or expression."""

    restrictions: frozenset[str]
    known: bool  # False: nothing, or not all, is known of what it restricts
    covers: str = "contents"  # contents | database | both
    jurisdiction: str | None = None
    source: str = ""
    words: str = ""


UNKNOWN = Terms(frozenset(), known=False)


def category_of(restrictions: Iterable[str], known: bool = True) -> str:
    """Return the label of a set of restrictions; a restriction without a label, or `known=False`, is unknown.

    `no-redistribution` alone is proprietary: what may not be passed on is not shared at all. Beside another
    forbidding restriction it follows from that one (what only academics may use, they may not pass on to all).
    """
    stated = set(restrictions)
    if not known or not stated <= LABEL.keys():
        return "unknown"
    if stated & (FORBIDDING - {"no-redistribution"}):
        stated.discard("no-redistribution")
    return max((LABEL[r] for r in stated), key=_RANK.__getitem__, default="free")


def restrictions(expression: str) -> frozenset[str]:
    """Return what is known of an expression's restrictions: AND is the union, OR the best alternative."""
    return terms(expression).restrictions


def known(expression: str) -> bool:
    """Return whether all that the expression restricts is known."""
    return terms(expression).known


def category(expression: str) -> str:
    """Return the label of an expression; NONE, NOASSERTION and unknown ids are unknown."""
    found = terms(expression)
    return category_of(found.restrictions, found.known)


def covers(expression: str) -> str:
    """Return what the licence covers: `contents`, `database` (ODbL does not license contents) or `both`."""
    return terms(expression).covers


@lru_cache(maxsize=65_536)
def terms(expression: str) -> Terms:
    """Return what is known of an expression."""
    tree = parse(expression)
    return UNKNOWN if tree is None else fold(tree, of_atom, _both, _either)


def of_atom(name: str) -> Terms:
    """Return what is known of one id or one WITH pair: its own line, else the Creative Commons grammar, else nothing.

    `X+` lets the recipient take X itself, so it has X's terms.
    """
    listed = table().get(name.lower())
    if listed:
        return listed
    if name.endswith("+"):
        return of_atom(name[:-1])
    tool = creative_commons.parse(name)
    return _of_elements(tool) if tool else UNKNOWN


def _of_elements(tool: creative_commons.Tool) -> Terms:
    lines = [table()[f"element:{e}".lower()] for e in sorted(tool.elements)]
    return _both(lines)._replace(jurisdiction=tool.jurisdiction)


def _both(parts: Sequence[Terms]) -> Terms:
    scopes = {p.covers for p in parts}
    return Terms(
        restrictions=frozenset[str]().union(*(p.restrictions for p in parts)),
        known=all(p.known for p in parts),
        covers=scopes.pop() if len(scopes) == 1 else "both",
        source="; ".join(dict.fromkeys(p.source for p in parts if p.source)),
        words=" … ".join(dict.fromkeys(p.words for p in parts if p.words)),
    )


def _either(parts: Sequence[Terms]) -> Terms:
    """Return the least restrictive alternative; the choice is the recipient's. Independent of the order given."""
    return min(parts, key=_weight)


def _weight(found: Terms) -> tuple[int, int, int, list[str]]:
    stated = found.restrictions
    label = _RANK[category_of(stated, found.known)]
    return label, len(stated & FORBIDDING), len(stated), sorted(stated)


@cache
def table() -> Mapping[str, Terms]:
    """Return id in lower case -> its line; ours (`licenseref.tsv`) and SPDX's together."""
    return {row["id"].lower(): _of_row(row) for name in ("properties.tsv", "licenseref.tsv") for row in _rows(name)}


def ours() -> list[tuple[str, str]]:
    """Return id and title of our own LicenseRef- names."""
    return [(row["id"], row["title"]) for row in _rows("licenseref.tsv")]


def _rows(name: str) -> Iterable[dict[str, str]]:
    path = data.folder("licenses") / name
    lines = (
        [x for x in path.read_text(encoding="utf-8").splitlines() if x and not x.startswith("#")]
        if path.exists()
        else []
    )
    head = lines[0].split("\t") if lines else []
    return (dict(zip(head, line.split("\t"), strict=True)) for line in lines[1:])


def _of_row(row: Mapping[str, str]) -> Terms:
    """Return a line's terms: `none` = nothing is restricted; an empty cell or `unknown` = not known."""
    stated = frozenset(row["restrictions"].replace(",", " ").replace("|", " ").split())
    return Terms(
        restrictions=stated - {"none", "unknown"},
        known=bool(stated) and "unknown" not in stated,
        covers=row.get("covers") or "contents",
        jurisdiction=row.get("jurisdiction") or None,
        source=row["source"],
        words=row["words"],
    )
