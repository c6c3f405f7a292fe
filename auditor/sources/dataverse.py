"""Dataverse: a dataset as its native API and its export give it, one or many.

Fields: `license` of a version (`name`, `uri`; before version 5.10 a string, `NONE` where terms stand in its place), the terms
`termsOfUse`, `restrictions`, `conditions`, …, and `restricted` of each file (real data: dataverse/, its fixtures and vocabulary).
"""

import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from auditor.fetch import Get
from auditor.schema import Page
from auditor.sources import _records as records
from auditor.sources import _repository_said as place
from auditor.target import Target

SUMMARY = "Dataverse: datasets as its native API gives them, one or many"
SOURCE = "dataverse"
VERSION = re.compile(rb'"(?:datasetVersion|latestVersion)"\s*:')
BLOCKS = re.compile(rb'"metadataBlocks"\s*:')
TERMS = (
    "termsOfUse",
    "restrictions",
    "conditions",
    "specialPermissions",
    "confidentialityDeclaration",
    "depositorRequirements",
)
NOTHING = re.compile(r"(?i)none|n/?a|")


def knows(target: Target) -> float:
    """A dataset by its keys."""
    head = target.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return 0.9 if head[:1] in (b"{", b"[") and VERSION.search(head) and BLOCKS.search(head) else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the page of a dataset for the whole, of many as items."""
    return records.pages(SOURCE, target, get, read)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Turn datasets into claims."""
    return records.parse(page, read)


def read(page: Page) -> list[records.Record]:
    """Read the datasets of a page."""
    return [_record(d) for document in records.documents(page) for d in _found(document)]


def _found(document: Any) -> Iterator[dict[str, Any]]:
    found = document.get("data", document) if isinstance(document, dict) else document
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, dict) and isinstance(one.get("datasetVersion") or one.get("latestVersion"), dict):
            yield one


def _record(given: dict[str, Any]) -> records.Record:
    version = given.get("datasetVersion") or given["latestVersion"]
    said = _license(version.get("license"))
    for key in TERMS:
        text = records.string(version.get(key))
        said += records.said(text) if text and not NOTHING.fullmatch(text) else []
    said += place.access(records.string(version.get("termsOfAccess")))
    files = version.get("files")
    closed = sum(bool(f.get("restricted")) for f in files if isinstance(f, dict)) if isinstance(files, list) else 0
    said += place.access(f"restricted: {closed} of {len(files)} files") if closed else []
    about = records.about(
        title=_field(version, "title"),
        creator=_field(version, "author"),
        item_url=records.string(given.get("persistentUrl")),
        was_derived_from=[],
    )
    name = version.get("datasetPersistentId") or given.get("persistentUrl") or given.get("identifier")
    return records.Record(records.string(name) or "", about, said)


def _license(given: Any) -> list[dict[str, Any]]:
    if isinstance(given, dict):
        return records.said(given.get("name") or given.get("rightsIdentifier"), given.get("uri"))
    text = records.string(given)
    return records.said(text) if text and not NOTHING.fullmatch(text) else []


def _field(version: dict[str, Any], wanted: str) -> str | None:
    blocks = version.get("metadataBlocks")
    citation = blocks.get("citation") if isinstance(blocks, dict) else None
    fields = citation.get("fields") if isinstance(citation, dict) else None
    for one in fields if isinstance(fields, list) else []:
        if isinstance(one, dict) and one.get("typeName") == wanted:
            values = one.get("value")
            every = [
                v.get(f"{wanted}Name") if isinstance(v, dict) else v
                for v in (values if isinstance(values, list) else [values])
            ]
            return records.names(every, "value")
    return None
