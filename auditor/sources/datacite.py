"""DataCite: metadata as XML (schemas 2.2 to 4.6), as its API's JSON, and as the JSON of its content negotiation; DOIs by name.

Fields: `rightsList` with `rights`, `rightsUri`, `rightsIdentifier`; `relatedIdentifiers` of relation IsDerivedFrom. Entries that
tell of access alone are no licence (real data: datacite/bolognese_fixtures). All entries hold.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element

import pyarrow as pa

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.schema import Page
from auditor.sources import _records as records
from auditor.sources import _repository_said as place
from auditor.target import Target

SUMMARY = "DataCite metadata: XML, the API's JSON, one or many; doi.org/10.…"
SOURCE = "datacite"
API = "https://api.datacite.org"
DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:|https?://api\.datacite\.org/dois/)(10\.\d{4,9}/\S+)")
KERNEL = re.compile(rb"datacite\.org/schema/(?:kernel|namespace)")
JSON_KEYS = re.compile(rb'"(?:rightsList|rights_list|relatedIdentifiers)"\s*:')
JSON_BESIDE = re.compile(rb'"(?:titles|creators)"\s*:')
OF_METADATA = re.compile(r"(?i)\s*metadata\b")


def knows(target: Target) -> float:
    """XML that names the schema, JSON by its keys, a DOI."""
    if target.path is None:
        return 0.3 if DOI.fullmatch(target.name) else 0.0
    head = target.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] == b"<":
        return 0.9 if KERNEL.search(head) and re.search(rb"<(?:\w+:)?resource\b", head) else 0.0
    if head[:1] not in (b"{", b"[") or b"@context" in head:
        return 0.0
    named = KERNEL.search(head) and b'"titles"' in head
    return 0.9 if named or (JSON_KEYS.search(head) and JSON_BESIDE.search(head)) else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the page of a record for the whole, of many as items."""
    match = DOI.fullmatch(target.name) if target.path is None else None
    if match:
        target = replace(target, name=f"{get.base(SOURCE, API)}/dois/{match[1]}")
    return records.pages(SOURCE, target, get, read)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Turn records into claims."""
    return records.parse(page, read)


def read(page: Page) -> list[records.Record]:
    """Read the records of a page, XML or JSON."""
    if records.body(page).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        return [_of_xml(e) for e in records.tree(page).iter() if _name(e) == "resource"]
    return [_of_json(r) for document in records.documents(page) for r in _found(document)]


def _found(document: Any) -> Iterator[dict[str, Any]]:
    found = document.get("data", document) if isinstance(document, dict) else document
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, dict):
            attributes = one.get("attributes")
            yield attributes | {"id": one.get("id")} if isinstance(attributes, dict) else one


def _of_json(given: dict[str, Any]) -> records.Record:
    rights = given.get("rightsList") or given.get("rights_list") or given.get("rights")
    said = [
        _entry({"rights": r} if isinstance(r, str) else r)
        for r in (rights if isinstance(rights, list) else [rights])
        if r
    ]
    titles = given.get("titles")
    related = given.get("relatedIdentifiers") or given.get("related_identifiers")
    origins = [
        r.get("relatedIdentifier") or r.get("related_identifier")
        for r in (related if isinstance(related, list) else [])
        if isinstance(r, dict) and _derived(r.get("relationType") or r.get("relation_type"))
    ]
    about = records.about(
        title=records.names((titles if isinstance(titles, list) else [titles])[:1], "title"),
        creator=records.names(given.get("creators"), "name", "creatorName"),
        item_url=records.string(given.get("url")),
        was_derived_from=[o for o in origins if isinstance(o, str)],
    )
    name = records.string(given.get("doi")) or records.string(given.get("id")) or ""
    return records.Record(name, about, [s for some in said for s in some])


def _derived(relation: Any) -> bool:
    return isinstance(relation, str) and relation.lower() == "isderivedfrom"


def _entry(given: Any) -> list[dict[str, Any]]:
    """Return what one entry says: its words and link; its identifier where there are no words."""
    if not isinstance(given, dict):
        raise BadInput("an entry of rightsList is neither a string nor an object: check the record.")
    text = records.string(given.get("rights"))
    name = records.string(given.get("rightsIdentifier") or given.get("rights_identifier"))
    link = records.string(given.get("rightsUri") or given.get("rightsURI") or given.get("rights_uri"))
    for said in (link, text):
        if place.is_access(said):
            return place.access(said)
    scope = "metadata" if OF_METADATA.match(text or "") else None
    return records.said(text or name, link, scope=scope)


def _name(element: Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _of_xml(root: Element) -> records.Record:
    every = list(root.iter())
    said = [
        _entry(
            {"rights": " ".join("".join(e.itertext()).split())}
            | {k: e.get(k) for k in ("rightsURI", "rightsIdentifier")}
        )
        for e in every
        if _name(e) == "rights"
    ]
    related = [e for e in every if _name(e) == "relatedIdentifier" and _derived(e.get("relationType"))]
    about = records.about(
        title=_first(every, "title"),
        creator=", ".join(dict.fromkeys(t for e in every if _name(e) == "creatorName" for t in [_words(e)] if t)),
        was_derived_from=[t for e in related for t in [_words(e)] if t],
    )
    return records.Record(_first(every, "identifier") or "", about, [s for some in said for s in some])


def _words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _first(every: list[Element], name: str) -> str | None:
    return next((t for e in every if _name(e) == name for t in [_words(e)] if t), None)
