"""Wikidata's entities (items, properties, lexemes) as JSON: its dumps, and saved answers with some.

A dump is one JSON array, "each entity object […] on a separate line" (wikidata.org, Wikidata:Database download)
(wikidata-YYYYMMDD-all.json.gz). No entity says where it is from or under which licence it is: that is Wikidata's own
(`licenses/wikis.toml`) only where the file's name, its folder or the user says that it is Wikidata's. Other wikis use the same form.
"""

import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from auditor.fetch import Get
from auditor.schema import Page, claims
from auditor.sources import _wikibase as wikibase
from auditor.sources._answers import file_page
from auditor.sources._mediawiki_wikis import Wiki
from auditor.target import Target

PYTHON_BOUND = True
SUMMARY = "Wikidata: dumps of its entities as JSON, and saved answers with some"
HOLDS = "The items are entities: what is said of a topic, a property or a lexeme. What they tell of has licences of its own."
ENTITY = re.compile(
    rb'(?=.*"type"\s*:\s*"(?:item|property|lexeme)")(?=.*"id"\s*:\s*"[QPL][1-9]\d*")(?=.*"(?:labels|lemmas)"\s*:)',
    re.DOTALL,
)
OF_WIKIDATA = re.compile(r"(?:^|[/\\])(?:wikidata-\d{8}-[\w-]+\.json[.\w]*$|(?:wikidatawiki|other/wikidata)/)")
SPACES = {"item": 0, "property": 120, "lexeme": 146}  # the namespaces of www.wikidata.org
WIKIDATA = {"base": "https://www.wikidata.org/wiki/Wikidata:Main_Page", "dbname": "wikidatawiki"}
UNKNOWN = "{}: nothing says whose entities these are; if they are Wikidata's, say --manifest wikidata, and its licence is theirs"


def knows(target: Target) -> float:
    """JSON with an entity near its beginning; a URL called as the dumps are."""
    if target.url is not None and target.path is None:
        return 0.9 if OF_WIKIDATA.search(target.url.path) and ".json" in target.url.path else 0.0
    return 0.9 if target.head.lstrip()[:1] in (b"{", b"[") and ENTITY.match(target.head[: 1 << 16]) else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the file as it is; say where nothing tells that it is Wikidata's."""
    page = file_page("wikidata", target, get)
    own = getattr(target.manifest, "name", None) == "wikidata" or OF_WIKIDATA.search(target.name) is not None
    if not own:
        target.told(UNKNOWN.format(target.filename))
    yield page.with_(context={"own": own})


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield the claims of each entity, in the order of the file."""
    wiki = Wiki(WIKIDATA, None, None) if page.context["own"] else None
    return iter(claims(_claim(row, one, wiki) for row, one in enumerate(wikibase.entities(page))))


def _claim(row: int, entity: Any, wiki: Wiki | None) -> dict[str, Any]:
    if isinstance(entity, str):
        return {"item_id": f"#{row}", "row": row, "error": entity}
    number = entity.get("id") if isinstance(entity, dict) else None
    if not isinstance(number, str):
        return {"item_id": f"#{row}", "row": row, "error": "it is no entity: it has no id like Q42"}
    base = {"item_id": f"wikidatawiki:{number}" if wiki else number, "row": row}
    if "missing" in entity:
        return base | {"error": f"gone: there is no entity {number}"}
    kind, revised = entity.get("type"), str(entity.get("modified") or "")[:10] or None
    return base | {
        "item_url": f"https://www.wikidata.org/entity/{number}" if wiki else None,
        "title": wikibase.label(entity),
        "kind": kind,
        "scope": "text",
        "license_text": wiki.text(SPACES[kind], revised).text if wiki and kind in SPACES else None,
        "authority": "host",
        "as_of": revised,
    }
