"""Kaggle: dataset-metadata.json as it is uploaded and as its command line fetches it, and lists of datasets of its search.

Fields: `licenses[].name` (an id), in what is fetched `info.licenses[].nameNullable` (the name shown); `licenseName` in lists; the
description is the uploader's own Markdown (real data: kaggle/).
"""

import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from auditor.fetch import Get
from auditor.schema import Page
from auditor.sources import _records as records
from auditor.sources import _repository_readme as readme
from auditor.target import Target

SUMMARY = "Kaggle: dataset-metadata.json, and lists of datasets"
SOURCE = "kaggle"
NAME = "dataset-metadata.json"
LISTED = (
    re.compile(rb'"(?:licenseName|licenseShortName|licenseNameNullable)"\s*:'),
    re.compile(rb'"(?:datasetUrl|datasetSlug|ref|refNullable|ownerName)"\s*:'),
)


def knows(target: Target) -> float:
    """A file of that name, or a list by its keys."""
    head = target.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] not in (b"{", b"["):
        return 0.0
    if target.filename == NAME and b'"licenses' in target.head:
        return 0.95
    return 0.9 if all(key.search(head) for key in LISTED) else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the page of a dataset for the whole, of many as items."""
    return records.pages(SOURCE, target, get, read)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Turn datasets into claims with vocabulary `kaggle`."""
    return records.parse(page, read)


def read(page: Page) -> list[records.Record]:
    """Read the datasets of a page."""
    return [_record(d) for document in records.documents(page) for d in _found(document)]


def _found(document: Any) -> Iterator[dict[str, Any]]:
    found = document.get("info", document) if isinstance(document, dict) else document
    for key in ("datasets", "items"):
        found = found.get(key, found) if isinstance(found, dict) else found
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, dict):
            yield {k.removesuffix("Nullable"): v for k, v in one.items()}


def _record(given: dict[str, Any]) -> records.Record:
    listed = given.get("licenses")
    texts = [_of(one) for one in (listed if isinstance(listed, list) else [])]
    texts += [records.string(given.get("licenseName"))]
    said = [s for t in texts if t for s in records.said(t, None, SOURCE)]
    description = records.string(given.get("description"))
    said += readme.claims(description) if description else []
    owner = records.string(given.get("ownerUser") or given.get("ownerRef"))
    slug = records.string(given.get("datasetSlug"))
    address = records.string(given.get("datasetUrl"))
    name = records.string(given.get("id")) if isinstance(given.get("id"), str) else None
    name = name or records.string(given.get("ref")) or (f"{owner}/{slug}" if owner and slug else None)
    name = name or (address or "").removeprefix("/datasets/")
    about = records.about(
        title=records.string(given.get("title")),
        creator=owner or records.string(given.get("ownerName")),
        item_url=f"https://www.kaggle.com/datasets/{name}" if name and "/" in name else None,
    )
    return records.Record(name or slug or "", about, said)


def _of(one: Any) -> str | None:
    if not isinstance(one, dict):
        return records.string(one)
    return records.string(one.get("name") or one.get("nameNullable"))
