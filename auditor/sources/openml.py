"""OpenML: a dataset's description, as XML or JSON; `licence` is what its uploader said ("Public" is no licence)."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.schema import Page
from auditor.sources import _records as records
from auditor.target import Target

SUMMARY = "OpenML: a dataset's description, XML or JSON; openml.org/d/ID"
SOURCE = "openml"
API = "https://www.openml.org"
PAGE = re.compile(
    r"https?://(?:www\.|api\.)?openml\.org/(?:d|api/v1/(?:json|xml)/data|api/v1/data|search\?type=data.*&id=)/?(\d+)/?"
)
DESCRIPTION = re.compile(rb'<(?:\w+:)?data_set_description\b|"data_set_description"\s*:')


def knows(target: Target) -> float:
    """A description by its root; a dataset's page."""
    if target.path is None:
        return 0.95 if PAGE.fullmatch(target.name) else 0.0
    return 0.9 if DESCRIPTION.search(target.head[:4096]) else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the page of what is said of the whole."""
    match = PAGE.fullmatch(target.name) if target.path is None else None
    if match:
        target = replace(target, name=f"{get.base(SOURCE, API)}/api/v1/json/data/{match[1]}")
    return records.pages(SOURCE, target, get, read)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Turn a description into claims."""
    return records.parse(page, read)


def read(page: Page) -> list[records.Record]:
    """Read the description, XML or JSON."""
    if records.body(page).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        return [_record(dict(_fields(page)))]
    found = [d.get("data_set_description") for d in records.documents(page) if isinstance(d, dict)]
    return [_record(f) for f in found if isinstance(f, dict)]


def _fields(page: Page) -> Iterator[tuple[str, str]]:
    root = records.tree(page)
    if not str(root.tag).endswith("data_set_description"):
        raise BadInput(f"{page.locator} is no description of a dataset of OpenML: its root is {root.tag}.")
    for element in root:
        yield str(element.tag).rsplit("}", 1)[-1], (element.text or "").strip()


def _record(given: dict[str, Any]) -> records.Record:
    about = records.about(
        title=records.string(given.get("name")),
        creator=records.names(given.get("creator"), "name"),
        item_url=records.string(given.get("url")),
        was_derived_from=[o for o in [records.string(given.get("original_data_url"))] if o],
    )
    name = records.string(given.get("id"))
    return records.Record(
        f"openml:{name}" if name else "", about, records.said(given.get("licence") or given.get("license"))
    )
