"""The bytes of an audit against the hashes that were written down with them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from auditor.errors import BadInput
from auditor.schema import PAGE, Page
from auditor.store import Hashes, batches_of, bundled, hash_file, page_of, registered

ASIDE = [n for n in PAGE.names if n != "body"]


@dataclass(slots=True)
class Hashed:
    """How many things have the hash they had, and which have another, or are no longer there."""

    of: int = 0
    same: int = 0
    without: int = 0  # pages that have no bytes of their own: what a manifest says
    changed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing changed and nothing is gone."""
        return not self.changed and not self.gone


def parts(folder: Path) -> tuple[Hashed, list[Path]]:
    """Hash the parts of the findings; return what was found, and the files that can be read at all."""
    found, readable = Hashed(), []
    for part in registered(folder):
        path, name = folder / "findings" / part.name, f"findings/{part.name}"
        found.of += 1
        if not path.exists():
            found.gone.append(f"{name} ({part.rows} findings)")
        elif hash_file(path) == part.sha256:
            found.same += 1
            readable.append(path)
        elif _reads(path):
            found.changed.append(name)
            readable.append(path)
        else:
            found.changed.append(f"{name} (it cannot be read)")
    named = {p.name for p in registered(folder)}
    found.changed += [
        f"findings/{f.name} (no line of parts.jsonl names it)"
        for f in sorted((folder / "findings").glob("*.parquet"))
        if f.name not in named
    ]
    return found, readable


def _reads(path: Path) -> bool:
    try:
        for _ in batches_of(path):
            pass
    except (pa.ArrowException, OSError):
        return False
    return True


def pages(folder: Path) -> tuple[Hashed, list[Page | str]]:
    """Hash the evidence; return what was found, and the pages in their order: of one that is gone its key."""
    files = sorted((folder / "pages").glob("pages-*.parquet"))
    if not files:
        raise BadInput(f"{folder} has no pages: there is nothing to verify it against; audit the dataset again.")
    found, hashes, there = Hashed(), Hashes(), list[Page | str]()
    seen: set[str] = set()
    for row in _rows(files):
        page = page_of(row, folder)
        state = _state(page, hashes)
        there.append(page if state in ("same", "changed", "without") else page.key)
        _count(found, state, page.locator, seen)
    for row in _rows(sorted((folder / "pages").glob("asked-*.parquet"))):
        page = page_of(row | {"number": 0}, folder)
        _count(found, _state(page, hashes), page.locator, seen)
    return found, there


def _rows(files: list[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        try:
            for batch in pq.ParquetFile(file).iter_batches(256, columns=PAGE.names):
                yield from batch.to_pylist()
        except (pa.ArrowException, OSError) as broken:
            what = " ".join(str(broken).split())[:120]
            raise BadInput(f"{file} cannot be read ({what}): the evidence is lost; audit the dataset again.") from None


def _state(page: Page, hashes: Hashes) -> str:
    if page.body is None and page.path is None:
        return "without"
    base = Path(page.path or ".")
    if page.body is None and not (base.exists() and all((base / f).exists() for f in bundled(page))):
        return "gone"
    if page.sha256 is None:
        return "without"
    taken = hashes.taken(page)
    return "gone" if taken is None else "same" if taken == page.sha256 else "changed"


def _count(found: Hashed, state: str, name: str, seen: set[str]) -> None:
    found.of += state != "without"
    found.same += state == "same"
    found.without += state == "without"
    if state in ("changed", "gone") and name not in seen:
        seen.add(name)
        (found.changed if state == "changed" else found.gone).append(name)
