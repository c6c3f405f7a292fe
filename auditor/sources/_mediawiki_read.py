"""Bytes of a MediaWiki dump, decompressed and in UTF-8, block by block; and where a large one can be cut.

A slice is `{"start": byte, "end": byte}` of the file as it lies there. A page belongs to the slice in which its
`<page>` begins, so the reader of a slice reads on past its end until that page is whole: `blocks` says which blocks
lie beyond. Slices of bz2 begin where a stream begins, found by its magic bytes (no index file is needed).
"""

import codecs
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from auditor import streams
from auditor.errors import BadInput
from auditor.sources import _mediawiki_bz2

PACKED = 1 << 18  # bytes read at a time where only the end of a page is wanted
BLOCK = 1 << 20  # bytes of XML in a block, at most
LARGEST, SMALLEST, SHARES = 64 << 20, 4 << 20, 8  # a slice: 1/8 of the file, 4 to 64 MB
SEVEN = b"7z\xbc\xaf\x27\x1c"
DECLARED = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]+)")

Blocks = Iterator[tuple[bytes, bool]]  # (XML, whether it lies beyond the slice)


def blocks(path: Path, part: dict[str, int] | None) -> Blocks:
    """Yield the XML of a dump, or of one slice of it and what follows; BadInput in one sentence for broken data."""
    kind = kind_of(path)
    if part is not None:
        yield from (_mediawiki_bz2.blocks if kind == "bz2" else _plain)(path, part["start"], part["end"])
        return
    raw = {"7z": _seven, "bz2": _bz2}.get(kind or "", _whole)(path)
    for block in _utf8(raw, path):
        yield block, False


def kind_of(path: Path) -> str | None:
    """Return the compression that the first bytes show, whatever the name says; None for none."""
    with path.open("rb") as stream:
        if stream.read(6) == SEVEN:
            return "7z"
    return streams.packed(path)


def slices(path: Path) -> list[dict[str, int]] | None:
    """Return slices of a file that can be read in parts, in order; None for one that is read as a whole."""
    size = path.stat().st_size
    share = max(SMALLEST, min(LARGEST, -(-size // SHARES)))
    kind = kind_of(path)
    if size <= share or kind not in ("bz2", None) or (kind is None and _utf16(head(path, 4))):
        return None
    cuts = _mediawiki_bz2.starts(path) if kind == "bz2" else range(0, size, share)
    starts: list[int] = []
    for cut in cuts:
        if not starts or cut - starts[-1] >= share:
            starts.append(cut)
    if len(starts) < 2:
        return None
    return [{"start": a, "end": b} for a, b in zip(starts, [*starts[1:], size], strict=True)]


def head(path: Path, size: int) -> bytes:
    """Return the first bytes of the XML, as UTF-8; fewer where the file ends or breaks."""
    got = b""
    try:
        for block, _ in blocks(path, None):
            got += block
            if len(got) >= size:
                break
    except BadInput:
        if not got:
            raise
    return got[:size]


def _whole(path: Path) -> Iterator[bytes]:
    with streams.unpacked(path) as stream:
        yield from _read(stream)


def _read(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(BLOCK):
        yield block


def _plain(path: Path, start: int, end: int) -> Blocks:
    with path.open("rb") as stream:
        stream.seek(start)
        at = start
        while block := stream.read(min(BLOCK, end - at) if at < end else PACKED):
            yield block, at >= end
            at += len(block)


def _bz2(path: Path) -> Iterator[bytes]:
    for block, _ in _mediawiki_bz2.blocks(path, 0, path.stat().st_size, threads=os.cpu_count() or 1):
        yield block


def _seven(path: Path) -> Iterator[bytes]:
    from auditor.sources._mediawiki_seven import members

    return members(path)


def _utf16(first: bytes) -> str | None:
    """Return the UTF-16 that an XML document's first bytes show (XML 1.0, appendix F.1)."""
    if first.startswith((codecs.BOM_UTF16_LE, b"<\0")):
        return "utf-16-le"
    return "utf-16-be" if first.startswith((codecs.BOM_UTF16_BE, b"\0<")) else None


def _utf8(raw: Iterable[bytes], path: Path) -> Iterator[bytes]:
    """Turn blocks of whatever encoding the document shows or declares into blocks of UTF-8."""
    decode: Callable[[bytes], str] | None = None
    for number, block in enumerate(raw):
        if number == 0:
            decode = _decoder(block, path)
        yield decode(block).encode() if decode else block


def _decoder(first: bytes, path: Path) -> Callable[[bytes], str] | None:
    declared = DECLARED.match(first.removeprefix(codecs.BOM_UTF8))
    name = _utf16(first) or (declared[1].decode().lower() if declared else "utf-8")
    if name in ("utf-8", "utf8", "us-ascii"):
        return None
    try:
        return codecs.getincrementaldecoder(name)("replace").decode
    except LookupError:
        raise BadInput(f"{path}: declares the encoding {name}, which is not known: convert it to UTF-8.") from None
