"""dataset_info.json: what TensorFlow Datasets and Hugging Face's `datasets` lay beside the data they have prepared.

Fields: `redistributionInfo.license` of TensorFlow Datasets (its DatasetInfo message), `license` of `datasets`.
"""

import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from auditor.fetch import Get
from auditor.schema import Page
from auditor.sources import _records as records
from auditor.target import Target

SUMMARY = "dataset_info.json of TensorFlow Datasets and of Hugging Face's datasets library"
SOURCE = "dataset_info"
NAME = "dataset_info.json"
KEYS = re.compile(
    rb'"(?:redistributionInfo|redistribution_info|moduleName|builder_name|dataset_name|fileFormat|features|license)"\s*:'
)


def knows(target: Target) -> float:
    """A file of that name by its keys."""
    return 0.9 if target.filename == NAME and target.head.lstrip()[:1] == b"{" and KEYS.search(target.head) else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the page of what is said of the whole."""
    return records.pages(SOURCE, target, get, read)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Turn the file into claims."""
    return records.parse(page, read)


def read(page: Page) -> list[records.Record]:
    """Read the file into its one record."""
    return [_record(d) for d in records.documents(page) if isinstance(d, dict)]


def _record(given: dict[str, Any]) -> records.Record:
    terms = given.get("redistributionInfo") or given.get("redistribution_info")
    said = records.said(terms.get("license")) if isinstance(terms, dict) else []
    said += records.said(given.get("license"))
    name = records.string(given.get("name") or given.get("dataset_name") or given.get("builder_name"))
    place = given.get("location")
    link = given.get("homepage") or (place.get("urls") if isinstance(place, dict) else None)
    link = link[0] if isinstance(link, list) and link else link
    return records.Record(name or "", records.about(title=name, item_url=records.string(link)), said)
