"""A dataset known by its manifest alone: an audit of what is said of it as a whole, offline."""

from collections.abc import Iterator

import pyarrow as pa

from auditor.fetch import Get
from auditor.schema import CLAIM, Page
from auditor.target import Target

SUMMARY = "a dataset's name, alias or URL that a manifest knows: what is said of it as a whole, without its items"


def knows(target: Target) -> float:
    """Any target that a manifest knows and that is no file here; whatever can audit the items is better."""
    return 0.1 if target.manifest is not None and target.path is None and not target.matches else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the manifest as the one page that speaks of the dataset."""
    known = target.manifest
    yield Page.of_file(
        "manifest", known.path, f"manifest {known.name}", level="dataset", context={"manifest": known.name}
    )


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield nothing: the flow adds a manifest's claims to every audit of its dataset."""
    yield pa.RecordBatch.from_pylist([], schema=CLAIM)
