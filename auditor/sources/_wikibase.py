"""Statements of Wikibase entities: what Wikimedia Commons' structured data say of a file.

Data model: https://www.mediawiki.org/wiki/Wikibase/DataModel. A statement has a rank: preferred ones hide the normal ones, and
deprecated ones are known to be wrong. A qualifier may bound what a statement says: until when, for which part.
"""

from collections.abc import Iterator
from typing import Any

LICENSE, STATUS, AUTHOR, SOURCE = (
    "P275",
    "P6216",
    "P170",
    "P7482",
)  # copyright license, copyright status, creator, source of file
NAMES, ADDRESSES = ("P2093",), ("P973", "P2699")  # author name string; described at URL, URL
BOUNDS = (
    "P582",
    "P580",
    "P518",
    "P1001",
    "P3831",
    "P642",
)  # end time, start time, applies to part, to jurisdiction, role, of


def best(statements: Any, name: str) -> list[dict[str, Any]]:
    """Return a property's statements of the highest rank that has some; none of those that are deprecated."""
    every = statements.get(name) if isinstance(statements, dict) else None
    found = [s for s in every if isinstance(s, dict)] if isinstance(every, list) else []
    preferred = [s for s in found if s.get("rank") == "preferred"]
    return preferred or [s for s in found if s.get("rank", "normal") == "normal"]


def value(snak: Any) -> str | None:
    """Return a snak's value: an item's id, or text; None for one that is unknown or has none."""
    said = snak.get("datavalue") if isinstance(snak, dict) else None
    inner = said.get("value") if isinstance(said, dict) else None
    inner = inner.get("id") if isinstance(inner, dict) else inner
    return inner if isinstance(inner, str) and inner else None


def licenses(statements: Any) -> str | None:
    """Return the copyright licences as one statement of vocabulary `wikidata`: several are alternatives.

    One whose value is not known, or that a qualifier bounds, stands there as such and is not read.
    """
    said = [_bounded(s) for s in best(statements, LICENSE)]
    return " OR ".join(dict.fromkeys(said)) or None


def _bounded(statement: dict[str, Any]) -> str:
    bounds = [q for q in BOUNDS if q in (statement.get("qualifiers") or {})]
    name = value(statement.get("mainsnak")) or "unknown value"
    return f"{name} ({', '.join(bounds)})" if bounds else name


def qualified(statements: Any, name: str, qualifiers: tuple[str, ...]) -> Iterator[str]:
    """Yield what the qualifiers of a property's statements say."""
    for statement in best(statements, name):
        given = statement.get("qualifiers") or {}
        for qualifier in qualifiers:
            yield from (v for snak in given.get(qualifier) or () if (v := value(snak)))
