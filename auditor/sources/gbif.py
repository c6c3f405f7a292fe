"""GBIF's API answers on occurrences as files: the record and each of its media are items, each with its licence.

GBIF aggregates: it brings the licence of records to three (https://github.com/gbif/portal-feedback/issues/2127: "CC BY
interpreted as CC BY-NC"), so a record names where it stands (`references`), whose word comes first. The licence of a medium is
any string its publisher gave, or nothing, and is often stricter: in `media` as GBIF has it, in `extensions` as published.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from auditor.errors import BadInput
from auditor.fetch import Ask, Get
from auditor.schema import Page, claims
from auditor.sources import _replies as replies
from auditor.sources._answers import documents, file_page, is_answer, text
from auditor.target import Target

SUMMARY = "GBIF API answers on occurrences as JSON: records and their media, each with its own licence"
ORIGINS = ("gbif:occurrence:",)
MERGE = True  # pages of a search overlap
HOSTED = True
MARKS = (b'"basisOfRecord"', b'"gbifID"', b'"occurrenceID"')
DC, AC, RIGHTS = "http://purl.org/dc/terms/", "http://rs.tdwg.org/ac/terms/", "http://ns.adobe.com/xap/1.0/rights/"
WEB = re.compile(r"https?://", re.IGNORECASE)
ADDRESS = (f"{DC}identifier", f"{AC}accessURI")
STATED = (
    *(f"{DC}license", f"{DC}rights", "http://purl.org/dc/elements/1.1/rights", f"{RIGHTS}UsageTerms"),
    "http://rs.tdwg.org/dwc/terms/license",
)


def knows(target: Target) -> float:
    """JSON with the keys of an occurrence; a URL of the occurrence API."""
    if target.url is not None and target.path is None:
        return 0.9 if target.url.hostname == "api.gbif.org" and "/occurrence/" in target.url.path else 0.0
    return 0.9 if is_answer(target, MARKS, (b'"license"', b'"media"')) else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the file as it is."""
    yield file_page("gbif", target, get)


def items(keys: Iterable[str], get: Get) -> Iterator[Page]:
    """Yield the record of each occurrence."""
    base = get.base("gbif", "https://api.gbif.org")
    yield from get.each(Ask(f"{base}/v1/occurrence/{k.removeprefix(ORIGINS[0])}", "gbif", {"keys": [k]}) for k in keys)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield the claims of every record and of every medium, word for word; of an occurrence that was asked for, its own."""
    if "keys" in page.context:
        yield from claims(_followed(page))
        return
    found: dict[str, list[dict[str, Any]]] = {}
    for document in documents(page):
        for record in _records(document):
            for item, said in _works(record):
                found.setdefault(item, []).extend(c for c in said if c not in found.get(item, ()))
    if not found:
        raise BadInput(f"{page.locator} holds no GBIF occurrence: give an answer of its occurrence API.")
    yield from claims(c | {"row": row} for row, said in enumerate(found.values()) for c in said)


def _followed(page: Page) -> list[replies.Row]:
    reason = replies.why(page)
    found = None if reason else replies.decoded(page)
    works = [w for r in _records(found) for w in _works(r)]
    said = next((rows for item, rows in works if item in replies.keys(page)), None)
    if said is None:
        return replies.errors(page, reason or replies.not_json(page))
    return [row | {"row": 0} for row in said]


def _records(document: Any) -> Iterator[dict[str, Any]]:
    listed = document.get("results", [document]) if isinstance(document, dict) else document
    if isinstance(listed, list):
        yield from (r for r in listed if isinstance(r, dict) and ("key" in r or "gbifID" in r))


def _works(record: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    key = text(record.get("key")) or text(record.get("gbifID")) or ""
    item, label = f"gbif:occurrence:{key}", text(record.get("species")) or text(record.get("scientificName"))
    base = {"label": label, "authority": "aggregator", "place": "api.gbif.org"}
    at = text(record.get("references"))
    yield (
        item,
        [
            base
            | {"item_id": item, "item_url": f"https://www.gbif.org/occurrence/{key}", "kind": "occurrence"}
            | {"license_text": text(record.get("license")), "creator": _who(record, ("rightsHolder", "recordedBy"))}
            | {"was_derived_from": [at] if at and WEB.match(at) else None}
        ],
    )
    published = _published(record.get("extensions"))
    media = record.get("media")
    for number, medium in enumerate(media if isinstance(media, list) else ()):
        if isinstance(medium, dict):
            name = f"{item}/media/{number}"
            yield name, _medium(base | {"item_id": name}, medium, published)


def _medium(base: dict[str, Any], medium: dict[str, Any], published: dict[str, list[str]]) -> list[dict[str, Any]]:
    address, page = text(medium.get("identifier")), text(medium.get("references"))
    base = base | {
        "item_url": address or page,
        "kind": text(medium.get("type")) or "medium",
        "title": text(medium.get("title")),
        "creator": _who(medium, ("creator", "rightsHolder")),
        "was_derived_from": [page] if page and address else None,
    }
    own = [base | {"license_text": text(medium.get("license")), "place": "api.gbif.org: media"}]
    more = published.get(address or "", ())
    word = base | {"authority": "host", "place": "api.gbif.org: extensions"}
    return own + [word | {"license_text": said} for said in more]


def _published(extensions: Any) -> dict[str, list[str]]:
    """Return address of a medium -> what its publisher's own record says of its licence, word for word."""
    found: dict[str, list[str]] = {}
    rows = extensions.values() if isinstance(extensions, dict) else ()
    for row in (r for rows_ in rows if isinstance(rows_, list) for r in rows_ if isinstance(r, dict)):
        said = [t for k in STATED if (t := text(row.get(k)))]
        for address in {a for k in ADDRESS if (a := text(row.get(k)))}:
            found.setdefault(address, []).extend(said)
    return found


def _who(record: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    return next((said for k in keys if (said := text(record.get(k)))), None)
