"""The dataset's own metadata with only the items that pass: COCO stays COCO, a table stays that table."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from auditor import sources
from auditor.errors import BadInput, BadOption
from auditor.schema import Page

if TYPE_CHECKING:
    import duckdb

    from auditor.auditing import Audit


@dataclass(frozen=True)
class Kept:
    """Which items pass: by their row on a page, or by id where one item stands on several pages."""

    db: "duckdb.DuckDBPyConnection"

    def rows(self, page: Page) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        """Return the rows of a page that pass, ascending."""
        query = "SELECT row FROM f WHERE passes AND page_key = ? ORDER BY row"
        found = self.db.execute(query, [page.key]).fetchnumpy()["row"]
        return np.asarray(found, dtype=np.int64)

    def ids(self) -> pa.Array:
        """Return the ids of all items that pass."""
        return self.db.sql("SELECT item_id FROM f WHERE passes").to_arrow_table().column(0).combine_chunks()


def write(db: "duckdb.DuckDBPyConnection", audit: "Audit", out: Path) -> None:
    """Write each metadata file anew; into one file, or a folder where the dataset has several."""
    from auditor.trail import pages_of

    files: dict[str, list[Page]] = {}
    for page in pages_of(audit.folder):
        if page.level == "items":
            files.setdefault(str(page.path), []).append(page)
    _able(page for pages in files.values() for page in pages)
    kept = Kept(db)
    partial = out.with_name(out.name + ".tmp")
    if len(files) == 1:
        ((_, pages),) = files.items()
        sources.source(pages[0].source).subset(pages, kept, partial)
        os.replace(partial, out)
        return
    if out.exists() and any(out.iterdir() if out.is_dir() else [out]):
        raise BadOption(
            f"{out} exists: the dataset has {len(files)} files, so give -o a folder that does not exist yet."
        )
    shutil.rmtree(partial, ignore_errors=True)
    for pages in files.values():
        place = partial / str(pages[0].context.get("place") or Path(str(pages[0].path)).name)
        if not place.resolve().is_relative_to(partial.resolve()):
            raise BadInput(f"{place.name} lies outside the dataset: audit the folder that holds all of its files.")
        place.parent.mkdir(parents=True, exist_ok=True)
        sources.source(pages[0].source).subset(pages, kept, place)
    if out.is_dir():
        out.rmdir()
    os.replace(partial, out)


def _able(pages: Iterable[Page]) -> None:
    for page in pages:
        if not hasattr(sources.source(page.source), "subset"):
            raise BadOption(
                f"the metadata of the source `{page.source}` cannot be written anew: use --format parquet, csv, jsonl or urls."
            )
        if page.path is None or not Path(page.path).exists():
            raise BadInput(f"{page.locator} is no longer at {page.path}: put it back, or use --format parquet.")
