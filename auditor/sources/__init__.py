"""One module per source; being there is its registration.

A source module has, and nothing else is asked of it:

    SUMMARY: str                                  one line for `auditor sources`
    def knows(target: Target) -> float            0 does not know it ... 1 certain; looks at name, head and files only
    def fetch(target: Target, get: Get) -> Iterator[Page]     these two: unless items are only followed to it
    def parse(page: Page) -> Iterator[RecordBatch]      CLAIM batches (`schema.claims` makes them of dicts)
    def speaks(path: Path) -> bool                optional: whether a file that is mostly no item (a picture in a package) states a licence
    HOLDS: str                                    optional: what its items are, in a sentence of the report's head
    MERGE: bool                                   optional: the same item_id on several pages is one item (COCO)
    HOSTED: bool                                  optional: was_derived_from is where the item itself stands, not what it was made from
    PYTHON_BOUND: bool                            optional: parse is Python's own work, so several pages go to processes
    BESIDE: bool                                  optional: README, licence files and notes beside a file given alone, or in a folder, are heard as mentions
    ORIGINS: tuple[str, ...]                      optional, with items: the prefixes of origins that it can be asked for
    def items(keys, get) -> Iterator[Page]        optional: the answers for origins; page.context["keys"] names those of each
    def subset(pages, kept, out) -> None          optional: writes the file of these pages anew with the items kept

Pages of `level="dataset"` come first and give the dataset's own claims (authority `dataset` or `access`).
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.schema import Page
    from auditor.target import Target


@cache
def names() -> tuple[str, ...]:
    """Return the names of all sources, sorted; no source is imported."""
    return tuple(sorted(m.name for m in iter_modules(__path__) if not m.name.startswith("_")))


@cache
def source(name: str) -> ModuleType:
    """Return a source's module."""
    return import_module(f"{__name__}.{name}")


def merges(page: "Page") -> bool:
    """Say whether an id that stands on this page and on another is one item: by its source, or by its dataset's manifest."""
    return getattr(source(page.source), "MERGE", False) or bool(page.context.get("merge"))


def knows(name: str, target: "Target") -> float:
    """Return how sure a source is of a target: 0 for one that items are only followed to."""
    judge = getattr(source(name), "knows", None)
    return 0.0 if judge is None else float(judge(target))
