"""Pictures, sound, video and PDF with the statements embedded in them: a file, a folder, a glob, or a URL of one.

An item is a file. Statements are of authority `embedded`: XMP (also in a sidecar `NAME.xmp`), IPTC, EXIF, PNG text, ID3, Vorbis comments,
MP4 atoms, PDF; opt-outs from mining and training and C2PA's presence are signals. Files stay in place; only their metadata are read.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from auditor.errors import BadInput
from auditor.fetch import Ask, Get
from auditor.schema import Page, claims
from auditor.sources import _documents, _media_ranges, svg_rdf
from auditor.sources._media_parts import HEAD, NAME, kind
from auditor.target import Target

SUMMARY = "pictures, sound, video and PDF with embedded statements (XMP, IPTC, EXIF, ID3 …): files, folders, URLs"
BESIDE = True
PYTHON_BOUND = True
FILES = re.compile(
    rf"{NAME.pattern}|\.svgz?$", re.IGNORECASE
)  # of a folder: its SVG pictures too, as svg_rdf reads them
SIDECAR = 1 << 20  # bytes of a sidecar that are read


def knows(target: Target) -> float:
    """A media file by its first bytes; a folder or glob that is mostly media by their names, less sure where a table lies beside them."""
    if target.files:
        return _of_folder(target)
    if target.url is not None and target.path is None:
        return 0.5 if NAME.search(target.url.path) else 0.0
    return 0.75 if kind(target.head[:32]) else 0.0


def speaks(path: Path) -> bool:
    """Say whether something of a licence is embedded in a file; one that can't be read says nothing."""
    return any(row.keys() & {"license_text", "license_url"} for row in of_path(path, path.name, 0))


def _of_folder(target: Target) -> float:
    from auditor.sources._table_sniff import SUFFIXES, suffix_of

    if _documents.share(target, FILES) < 0.5 or not any(NAME.search(f.name) for f in target.files):
        return 0.0
    return 0.1 if any(SUFFIXES.get(suffix_of(f.name)) for f in target.files) else 0.57


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the file, or a folder in bundles; of a URL the metadata of its first bytes, or of the ranges that hold them."""
    if target.url is not None and target.path is None:
        yield from _media_ranges.whole([Ask(target.name, "media", {"place": target.filename}, first=HEAD)], get)
    else:
        _tell(target)
        yield from _documents.pages("media", target, get, FILES)


def _tell(target: Target) -> None:
    """Say which files of a folder are not examined."""
    others = Counter(f.suffix.lower() or "no suffix" for f in target.files if not FILES.search(f.name))
    others.pop(".xmp", None)
    if others:
        kinds = ", ".join(f"{n} {suffix}" for suffix, n in sorted(others.items(), key=lambda o: (-o[1], o[0]))[:12])
        target.told(f"{others.total()} other files are no media that is read here: {kinds}")


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield the claims of each file: one a statement; a file that says nothing has one without words."""
    return iter(claims(_rows(page)))


def _rows(page: Page) -> Iterator[dict[str, Any]]:
    if page.slice is not None and "files" in page.slice:
        base = Path(page.path or ".")
        for row, place in enumerate(page.slice["files"], start=page.slice["row"]):
            yield from (of_path if NAME.search(place) else svg_rdf.of_path)(base / place, place, row)
        return
    place = _documents.place_of(page)
    rows = list(_of_answer(page, place) if page.path is None else of_path(Path(page.path), place, 0))
    if "error" in rows[0]:  # one file was asked for, and it is none that can be read
        raise BadInput(rows[0]["error"])
    yield from rows


def _of_answer(page: Page, place: str) -> Iterator[dict[str, Any]]:
    from auditor.sources._replies import why as failing

    if reason := failing(page):
        yield {"item_id": place, "row": 0, "item_url": page.locator, "error": reason}
        return
    stream = _media_ranges.opened(page)
    rows: list[dict[str, Any]] = []
    with suppress(_media_ranges.Missing):
        rows = list(_claims(stream, place, 0))
    if _media_ranges.missed(stream):
        why = (
            f"{place} could not be read to its metadata (only parts of it were asked for): get the file and audit that."
        )
        rows = [{"item_id": place, "row": 0, "error": why}]
    yield from (row | {"item_url": page.locator} for row in rows)


def of_path(path: Path, place: str, row: int) -> Iterator[dict[str, Any]]:
    """Yield the claims of one file, or why it can't be read."""
    try:
        with path.open("rb") as stream:
            yield from _claims(stream, place, row, _sidecar(path))
    except OSError as denied:
        why = f"{place} cannot be read ({denied.strerror}): check its permissions."
        yield {"item_id": place, "row": row, "error": why}


def _sidecar(path: Path) -> bytes | None:
    """Return the XMP that lies beside a file: `NAME.jpg.xmp` or `NAME.xmp`."""
    for beside in (path.with_name(path.name + ".xmp"), path.with_suffix(".xmp")):
        if beside.is_file():
            with beside.open("rb") as stream:
                return stream.read(SIDECAR)
    return None


def _claims(stream: IO[bytes], place: str, row: int, sidecar: bytes | None = None) -> Iterator[dict[str, Any]]:
    from auditor.signals import as_json
    from auditor.sources import _media_said

    sort = kind(stream.read(32))
    stream.seek(0)
    said, signals, broken = _media_said.of_stream(stream, sidecar)
    base = {"item_id": place, "row": row, "kind": sort, "authority": "embedded", "signals": as_json(signals)}
    if sort is None:
        broken = "its first bytes are of no media that is known"
    if broken and not said:
        yield base | {"error": f"{place} could not be read as media ({broken}): get the file again."}
        return
    yield from (base | {k: v for k, v in one.items() if v} for one in said or [{}])
