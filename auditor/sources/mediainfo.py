"""Wikimedia Commons' structured data (MediaInfo entities): a dump of them, or saved answers on single files.

Format: https://www.mediawiki.org/wiki/Extension:WikibaseMediaInfo/Data_Model; dumps are one JSON array, an entity a line
(commons-YYYYMMDD-mediainfo.json). The licence is the property copyright license (P275); a copyright status (P6216) is none.
"""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.origins import canonical
from auditor.schema import Page, claims
from auditor.sources import _wikibase as wikibase
from auditor.sources._answers import file_page
from auditor.streams import encoding_of, head_of, text_of
from auditor.target import Target

PYTHON_BOUND = True
SUMMARY = "Wikimedia Commons' structured data: dumps of MediaInfo entities, and saved answers with some"
HOLDS = "The items are media files at Wikimedia Commons, each with the licence that its structured data state."
NAME = re.compile(r"commons-\d{8}-mediainfo\.json(?:\.(?:bz2|gz))?")
ENTITY = re.compile(rb'"type"\s*:\s*"mediainfo"|"id"\s*:\s*"M[1-9]\d*"\s*,\s*"(?:labels|statements)"')
NUMBER = re.compile(r"M[1-9]\d*")
WHOLE = 64 << 20  # bytes of a document that is no dump


def knows(target: Target) -> float:
    """JSON with a MediaInfo entity near its beginning; a URL called as the dumps are."""
    if target.url is not None and target.path is None:
        return 0.9 if NAME.fullmatch(target.url.path.rsplit("/", 1)[-1]) else 0.0
    return 0.96 if target.head.lstrip()[:1] in (b"{", b"[") and ENTITY.search(target.head) else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the file as it is."""
    yield file_page("mediainfo", target, get)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield the claims of each entity, in the order of the file."""
    return iter(claims(_claim(row, one) for row, one in enumerate(_entities(page))))


def _entities(page: Page) -> Iterator[Any]:
    """Yield entities one by one, from lines where the file has one a line; a line that is no JSON as its error."""
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


def _claim(row: int, entity: Any) -> dict[str, Any]:
    if isinstance(entity, str):
        return {"item_id": f"#{row}", "row": row, "error": entity}
    number = entity.get("id") if isinstance(entity, dict) else None
    if not isinstance(number, str) or not NUMBER.fullmatch(number):
        return {"item_id": f"#{row}", "row": row, "error": "it is no MediaInfo entity: it has no id like M123"}
    base = {"item_id": f"commonswiki:{number[1:]}", "row": row}  # the page's id, as a dump of the wiki has it
    if "missing" in entity:
        return base | {"error": f"gone: Wikimedia Commons has no structured data of {number}"}
    said = entity.get("statements") or entity.get("claims") or {}
    text = wikibase.licenses(said)
    origins = [canonical(u) or u for u in wikibase.qualified(said, wikibase.SOURCE, wikibase.ADDRESSES)]
    return base | {
        "item_url": f"https://commons.wikimedia.org/entity/{number}",
        "title": _title(entity),
        "creator": "; ".join(dict.fromkeys(wikibase.qualified(said, wikibase.AUTHOR, wikibase.NAMES))) or None,
        "kind": "file",
        "scope": "media",
        "license_text": text,
        "vocabulary": "wikidata" if text else None,
        "authority": "host",
        "place": "commons: structured data",
        "was_derived_from": list(dict.fromkeys(origins)) or None,
    }


def _title(entity: dict[str, Any]) -> str | None:
    """Return the file's title, else its label in English, else its first one."""
    labels = entity.get("labels")
    labels = labels if isinstance(labels, dict) else {}
    label = labels.get("en") or next(iter(labels.values()), None)
    title = entity.get("title") or (label.get("value") if isinstance(label, dict) else None)
    return title if isinstance(title, str) and title else None
