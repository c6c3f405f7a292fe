"""Wikimedia Commons' structured data (MediaInfo entities): a dump of them, or saved answers on single files.

Format: https://www.mediawiki.org/wiki/Extension:WikibaseMediaInfo/Data_Model; dumps are one JSON array, an entity a line
(commons-YYYYMMDD-mediainfo.json). The licence is the property copyright license (P275); a copyright status (P6216) is none.
"""

import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from auditor.fetch import Get
from auditor.origins import canonical
from auditor.schema import Page, claims
from auditor.sources import _wikibase as wikibase
from auditor.sources._answers import file_page
from auditor.target import Target

PYTHON_BOUND = True
SUMMARY = "Wikimedia Commons' structured data: dumps of MediaInfo entities, and saved answers with some"
HOLDS = "The items are media files at Wikimedia Commons, each with the licence that its structured data state."
NAME = re.compile(r"commons-\d{8}-mediainfo\.json(?:\.(?:bz2|gz))?")
ENTITY = re.compile(rb'"type"\s*:\s*"mediainfo"|"id"\s*:\s*"M[1-9]\d*"\s*,\s*"(?:labels|statements)"')
NUMBER = re.compile(r"M[1-9]\d*")


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
    return iter(claims(_claim(row, one) for row, one in enumerate(wikibase.entities(page))))


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
    title = entity.get("title") or wikibase.label(entity)
    return title if isinstance(title, str) else None
