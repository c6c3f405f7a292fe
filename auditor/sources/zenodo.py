"""Zenodo and other InvenioRDM repositories: records as their APIs give them, one or a page of a search; by URL or DOI too.

Fields: `metadata.license` (an id, or an object with one) and `access_right` of the legacy API; `metadata.rights` (`id`, `title`,
`description`, `link`, `props.url`) and `access` of InvenioRDM's (real data: zenodo/records_json, zenodo/licenses.csv).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa

from auditor.fetch import Get
from auditor.schema import Page
from auditor.sources import _records as records
from auditor.sources import _repository_said as place
from auditor.target import Target

SUMMARY = "Zenodo and InvenioRDM: records, one or many; zenodo.org/records/ID"
SOURCE = "zenodo"
ZENODO = "https://zenodo.org"
PAGE = re.compile(
    r"https?://(?:www\.)?zenodo\.org/(?:api/)?records?/(\d+)/?(?:[?#].*)?|(?:https?://(?:dx\.)?doi\.org/|doi:)10\.5281/zenodo\.(\d+)"
)
LEGACY = re.compile(rb'"(?:conceptrecid|record_id)"\s*:')
ACCESS = re.compile(rb'"access_right"\s*:')
INVENIO = (re.compile(rb'"pids"\s*:'), re.compile(rb'"(?:parent|is_published|versions|custom_fields)"\s*:'))
METADATA = re.compile(rb'"metadata"\s*:')
PLACEHOLDER = re.compile(r"(?i)not-?specified")


def knows(target: Target) -> float:
    """A record, or a page of records, by its keys; a record's URL or DOI."""
    if target.path is None:
        return 0.95 if PAGE.fullmatch(target.name) else 0.0
    head = target.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] not in (b"{", b"["):
        return 0.0
    legacy = METADATA.search(head) and (LEGACY.search(head) or ACCESS.search(head))
    return 0.9 if legacy or (METADATA.search(head) and all(key.search(head) for key in INVENIO)) else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the page of a record for the whole, of many as items."""
    match = PAGE.fullmatch(target.name) if target.path is None else None
    if match:
        target = replace(target, name=f"{get.base(SOURCE, ZENODO)}/api/records/{match[1] or match[2]}")
    return records.pages(SOURCE, target, get, read)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Turn records into claims with vocabulary `zenodo`."""
    return records.parse(page, read)


def read(page: Page) -> list[records.Record]:
    """Read the records of a page."""
    return [_record(r) for document in records.documents(page) for r in _found(document)]


def _found(document: Any) -> Iterator[dict[str, Any]]:
    hits = document.get("hits") if isinstance(document, dict) else None
    found = hits.get("hits") if isinstance(hits, dict) else hits
    found = document if found is None else found
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, dict) and isinstance(one.get("metadata"), dict):
            yield one


def _record(record: dict[str, Any]) -> records.Record:
    metadata = record["metadata"]
    links = record.get("links")
    doi = record.get("doi") or metadata.get("doi")
    about = records.about(
        title=records.string(metadata.get("title")),
        creator=_creators(metadata.get("creators")),
        item_url=records.string(_html(links)) or (f"https://doi.org/{doi}" if doi else None),
        was_derived_from=_origins(metadata.get("related_identifiers")),
    )
    said = [*_license(metadata.get("license")), *_rights(metadata.get("rights"))]
    said += place.access(records.string(metadata.get("access_right"))) + _closed(record.get("access"))
    said += [s for text in [records.string(metadata.get("access_conditions"))] if text for s in place.access(text)]
    return records.Record(records.string(doi) or records.string(record.get("id")) or "", about, said)


def _html(links: Any) -> Any:
    return (links.get("self_html") or links.get("html")) if isinstance(links, dict) else None


def _license(given: Any) -> list[dict[str, Any]]:
    if isinstance(given, dict):
        text, link = (
            next((t for t in map(records.string, (given.get("id"), given.get("title"), given)) if t), None),
            given.get("url"),
        )
    else:
        text, link = records.string(given), None
    return [] if text and PLACEHOLDER.fullmatch(text) else records.said(text, link, SOURCE)


def _rights(given: Any) -> Iterator[dict[str, Any]]:
    for one in given if isinstance(given, list) else []:
        if not isinstance(one, dict):
            continue
        props = one.get("props")
        link = one.get("link") or (props.get("url") if isinstance(props, dict) else None)
        name = records.string(one.get("id"))
        yield from records.said(name or one.get("title"), link, SOURCE)
        if not name:  # a custom licence: what it says stands in its description
            yield from records.said(one.get("description"), None, SOURCE)


def _closed(given: Any) -> list[dict[str, Any]]:
    return place.access(records.string(given.get("files"))) if isinstance(given, dict) else []


def _creators(given: Any) -> str | None:
    people = given if isinstance(given, list) else []
    inner = [p.get("person_or_org", p) if isinstance(p, dict) else p for p in people]
    return records.names(inner, "name")


def _origins(given: Any) -> list[str]:
    found = []
    for one in given if isinstance(given, list) else []:
        relation = one.get("relation") or one.get("relation_type") if isinstance(one, dict) else None
        relation = relation.get("id") if isinstance(relation, dict) else relation
        if isinstance(relation, str) and relation.lower() == "isderivedfrom":
            found += [n for n in [records.string(one.get("identifier"))] if n]
    return found
