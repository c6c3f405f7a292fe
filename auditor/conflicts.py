"""How a contradiction is told: its kind first (`tag against readme`), then each side with its words and its reading."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from auditor import policy
from auditor.schema import AUTHORITIES

if TYPE_CHECKING:
    from auditor.licensing import Reading
    from auditor.statements import Said

SHOWN = 200  # characters of a statement
EARLIER = "now against earlier"
INNER = {
    "conflict:text-url": "text against url"
}  # by the rule of reading; by any other, a statement is at odds with itself
ITSELF = "one statement against itself"
PLACES = ("tag", "metadata", "dataset_infos", "readme", "badge", "license-file")  # the order in which a kind names them


def told(claims: Sequence["Said"], kind: str | None = None) -> str:
    """Return a finding's `conflict`: the kind, then who says what, and of which day."""
    name = _namer(claims)
    said = (f"{name(c)}{f' ({c.as_of})' if c.as_of else ''}: {c.words[:SHOWN]} ({c.reading.license})" for c in claims)
    return f"{kind or kind_of(claims)}; {' / '.join(dict.fromkeys(said))}"


def kind_of(claims: Sequence["Said"]) -> str:
    """Return who contradicts whom: the authorities where they differ, else the places; those who agree are one side."""
    name = _namer(claims)
    sides: list[list[Said]] = []
    for claim in sorted(claims, key=_order):
        side = next((s for s in sides if policy.agree(s[0].reading.license, claim.reading.license)), None)
        if side is None:
            sides.append([claim])
        else:
            side.append(claim)
    names = list(dict.fromkeys(" and ".join(dict.fromkeys(map(name, side))) for side in sides))
    return " against ".join(names) if len(names) > 1 else f"{names[0]} against itself"


def inner(reading: "Reading") -> str | None:
    """Return the conflict within one statement, where its reading found one."""
    if not reading.rule.startswith("conflict"):
        return None
    return f"{INNER.get(reading.rule, ITSELF)}; {reading.note or reading.rule}"


def _namer(claims: Sequence["Said"]) -> Callable[["Said"], str]:
    """Return how these claims are named among each other."""
    if len({c.authority for c in claims}) > 1:
        return lambda c: c.authority
    return lambda c: c.place or c.authority


def _order(claim: "Said") -> tuple[int, int, str, str, str]:
    place = PLACES.index(claim.place) if claim.place in PLACES else len(PLACES)
    return AUTHORITIES.index(claim.authority), place, claim.place or "", claim.reading.license, claim.words
