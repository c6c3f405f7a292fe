"""A folder of files of different kinds, each read by the source that knows it best."""

from collections.abc import Iterator

import pyarrow as pa

from auditor import sources
from auditor.fetch import Get
from auditor.schema import Page, claims
from auditor.sources import _folder_pages as files
from auditor.sources._table_sniff import SUFFIXES, suffix_of
from auditor.target import Target

SUMMARY = "a folder of different kinds of files, each by the source that knows it best"
BESIDE = True
LOOKED_AT = 500  # files, the least deep first: a descriptor lies near the top
TABLE = ("table", "repository", *files.NOT_INSIDE)


def knows(target: Target) -> float:
    """A folder with at least one file that another source than `table` is sure of, or a table that its name does not show.

    So is one whose pictures say something themselves of their licence beside a table of them.
    """
    if target.path is None or not target.path.is_dir():
        return 0.0
    near = sorted(target.files, key=lambda f: (len(f.parts), f))[:LOOKED_AT]
    others = [n for n in sources.names() if n not in TABLE]
    if any(sources.knows(n, target.at(f)) >= files.SURE for f in near for n in others):
        return 0.55
    unnamed = [f for f in near if suffix_of(f.name) not in SUFFIXES]
    if any(sources.knows("table", target.at(f)) for f in unnamed[: files.MANY]):
        return 0.25
    tables = any(suffix_of(f.name) in SUFFIXES for f in target.files)
    return 0.25 if tables and any(files.states(target.at(f)) for f in unnamed) else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the pages of the folder's files, those that speak of the whole first."""
    assert target.path is not None
    some = [files.File(f, f.relative_to(target.path).as_posix()) for f in target.files]
    empty = True
    found = files.Files(target, get, target.path, f"{target.name.rstrip('/')}/")
    for page in files.pages(some, found, last=True):
        empty = False
        yield page
    if empty:
        raise files.nothing(target)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Turn the page of a file that could not be read into its one item, with the error."""
    yield from claims([{"item_id": page.locator, "row": 0, "error": page.context["error"]}])
