"""Wikibase's entities in a file, and their statements: what Wikimedia Commons' structured data say of a file.

Data model: https://www.mediawiki.org/wiki/Wikibase/DataModel. A statement has a rank: preferred ones hide the normal ones, and
deprecated ones are known to be wrong. A qualifier may bound what a statement says: until when, for which part.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from auditor.errors import BadInput
from auditor.schema import Page
from auditor.streams import encoding_of, head_of, text_of

LICENSE, STATUS, AUTHOR, SOURCE = (
    "P275",
    "P6216",
    "P170",
    "P7482",
)  # copyright license, copyright status, creator, source of file
NAMES, ADDRESSES = ("P2093",), ("P973", "P2699")  # author name string; described at URL, URL
WHOLE = 64 << 20  # bytes of a document that is no dump
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


def label(entity: dict[str, Any]) -> str | None:
    """Return an entity's label (a lexeme's lemma) in English, else its first one."""
    said = entity.get("labels") or entity.get("lemmas")
    said = said if isinstance(said, dict) else {}  # an empty one may be written as a list
    one = said.get("en") or next(iter(said.values()), None)
    text = one.get("value") if isinstance(one, dict) else None
    return text if isinstance(text, str) and text else None


def entities(page: Page) -> Iterator[Any]:
    """Yield entities one by one, from lines where the file has one a line; a line that is no JSON as its error (a string)."""
    path = Path(str(page.path))
    with text_of(path, encoding_of(head_of(path, 1 << 16))) as stream:
        first, second = stream.readline(), stream.readline()
        if _decoded(first) is not None or (first.strip() == b"[" and second.strip()[1:]):
            for number, line in enumerate(chain([first, second], stream), 1):
                yield from _of_line(number, line)
            return
        body = first + second + stream.read(WHOLE + 1)
    if len(body) > WHOLE:
        raise BadInput(
            f"{page.locator} is one JSON document of more than {WHOLE >> 20} MB: give the dump, an entity a line."
        )
    try:
        yield from _inside(msgspec.json.decode(body))
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadInput(f"{page.locator} is not whole JSON ({error}): get the file again.") from None


def _of_line(number: int, line: bytes) -> Iterator[Any]:
    words = line.strip().rstrip(b",")
    if words in (b"", b"[", b"]"):
        return
    found = _decoded(words)
    yield from _inside(found) if found is not None else [f"line {number} is not whole JSON: get the file again"]


def _decoded(line: bytes) -> Any:
    try:
        return msgspec.json.decode(line.strip().rstrip(b","))
    except (msgspec.DecodeError, RecursionError):
        return None


def _inside(document: Any) -> Iterator[Any]:
    """Yield the entities of a document: itself, those it lists, or those under `entities` of an API's answer."""
    if isinstance(document, list):
        for one in document:
            yield from _inside(one)
    elif isinstance(document, dict) and isinstance(document.get("entities"), dict):
        yield from document["entities"].values()
    else:
        yield document
