"""A dataset known by its manifest alone: an audit of what is said of it as a whole, offline."""

from collections.abc import Iterator

import pyarrow as pa

from auditor.errors import NotReachable
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


def instead(target: Target, get: Get, what: str, error: NotReachable) -> Iterator[Page]:
    """Yield what a manifest says of a target that could not be reached; NotReachable where none knows it."""
    if target.manifest is None:
        raise error
    target.told(f"{what} could not be asked, so only what the manifest says is audited: {error}")
    yield from fetch(target, get)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield nothing: the flow adds a manifest's claims to every audit of its dataset."""
    yield pa.RecordBatch.from_pylist([], schema=CLAIM)
