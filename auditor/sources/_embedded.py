"""What is embedded in a file of its own licence, beside what is said of it elsewhere."""

from collections.abc import Iterator
from typing import Any

from auditor import sources
from auditor.schema import Page

SOURCES = ("media", "svg_rdf")  # those that read what stands inside a file


def of_file(locator: str, root: str | None, name: str) -> Iterator[dict[str, Any]]:
    """Yield the claims that are embedded in a file below `root`, without its id and row; none where it has none."""
    for reader in (sources.source(n) for n in SOURCES):
        if reader.NAME.search(name):
            alone = Page(reader.__name__.rsplit(".", 1)[-1], locator, path=root, slice={"files": [name], "row": 0})
            for batch in reader.parse(alone):
                for said in batch.to_pylist():
                    if said["license_text"] or said["license_url"] or said["signals"]:
                        yield {k: v for k, v in said.items() if v is not None and k not in ("item_id", "row", "kind")}
