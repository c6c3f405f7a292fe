"""CKAN: the answers of package_show, package_list with resources and package_search, and packages as they are dumped.

Fields: `license_id` (of the instance's own register; CKAN's default one is the vocabulary), `license_title`, `license_url`;
of ckanext-dcat's schemas `license`, `rights` and `access_rights`, also of a resource (real data: ckan/api_json, dcat/ckanext-dcat).
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

SUMMARY = "CKAN: answers of its API and dumped packages, one or many"
SOURCE = "ckan"
API = re.compile(r"/api/(?:3/)?action/(?:package_|current_package_|datastore_)\w+$")
LICENSED = re.compile(rb'"license_id"\s*:')
BESIDE = re.compile(rb'"(?:license_title|num_resources|resources)"\s*:')
PACKAGE = tuple(
    re.compile(k) for k in (rb'"notes"\s*:\s*["n]', rb'"resources"\s*:\s*\[', rb'"(?:tags|extras)"\s*:\s*\[')
)


def knows(target: Target) -> float:
    """An answer or package by its keys; a URL of the API."""
    if target.path is None:
        return 0.9 if target.url is not None and API.search(target.url.path) else 0.0
    head = target.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] not in (b"{", b"["):
        return 0.0
    licensed = LICENSED.search(head) and BESIDE.search(head)
    return 0.9 if licensed or all(key.search(head) for key in PACKAGE) else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the page of a package for the whole, of many as items."""
    return records.pages(SOURCE, target, get, read)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Turn packages into claims with vocabulary `ckan`."""
    return records.parse(page, read)


def read(page: Page) -> list[records.Record]:
    """Read the packages of a page."""
    return [_record(p) for document in records.documents(page) for p in _packages(document)]


def _packages(document: Any) -> Iterator[dict[str, Any]]:
    found = document
    for key in ("result", "results"):
        found = found[key] if isinstance(found, dict) and isinstance(found.get(key), (dict, list)) else found
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, dict) and ("license_id" in one or "resources" in one or "title" in one):
            yield one


def _record(package: dict[str, Any]) -> records.Record:
    extras = package.get("extras")
    more = (
        {str(e.get("key")): e.get("value") for e in extras if isinstance(e, dict)} if isinstance(extras, list) else {}
    )
    about = records.about(
        title=records.string(package.get("title")),
        creator=records.string(package.get("author")) or records.names(package.get("organization"), "title", "name"),
        item_url=records.string(package.get("url")),
    )
    resources = package.get("resources")
    parts = [_resource(r) for r in resources if isinstance(r, dict)] if isinstance(resources, list) else []
    name = records.string(package.get("name")) or records.string(package.get("id")) or ""
    said = _said(package) + place.access(records.string(package.get("access_rights") or more.get("access_rights")))
    return records.Record(name, about, said, parts)


def _resource(resource: dict[str, Any]) -> records.Record:
    about = records.about(
        title=records.string(resource.get("name")),
        item_url=records.string(resource.get("url")),
        kind=records.string(resource.get("format")) or "resource",
    )
    return records.Record(records.string(resource.get("id")) or about.get("item_url", ""), about, _said(resource))


def _said(given: dict[str, Any]) -> list[dict[str, Any]]:
    texts = [t for t in (records.string(given.get(k)) for k in ("license_id", "license_title")) if t]
    link = records.string(given.get("license_url"))
    found = [s for t in place.readable(texts, SOURCE) for s in records.said(t, link, SOURCE)]
    found += records.said(None, link, SOURCE) if not found else []
    for key in ("license", "rights"):
        said = records.string(given.get(key))
        found += [] if place.is_access(said) else records.said(said, None, SOURCE)
    return found
