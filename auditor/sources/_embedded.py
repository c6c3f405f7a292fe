"""What is embedded in a file of its own licence, beside what is said of it elsewhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from auditor.sources import media, svg_rdf

SOURCES = ("media", "svg_rdf")  # those that read what stands inside a file


def of_file(root: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the claims that are embedded in a file below `root`, without its id and row; none where it has none."""
    reader = next((m for m in (media, svg_rdf) if m.NAME.search(name)), None)
    for said in reader.of_path(root / name, name, 0) if reader else ():
        if any(said.get(n) for n in ("license_text", "license_url", "signals")):
            yield {k: v for k, v in said.items() if v is not None and k not in ("item_id", "row", "kind")}
