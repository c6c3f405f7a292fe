"""Small documents, many of them: one file, a folder or glob, or a tar or zip of them (also a tar in a zip).

Files of a folder are read in bundles, so that a page is neither one small file nor all of them; an archive is one
page, read as a stream and never unpacked to disk.
"""

import hashlib
import io
import os.path
import re
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.schema import Page
from auditor.streams import unpacked
from auditor.target import Target

BUNDLE_FILES, BUNDLE_BYTES = 500, 16 << 20
LARGEST = 64 << 20  # bytes of one document; a larger one is an item with an error
TAR = re.compile(r"\.(tar(\.\w+)?|tgz|tbz2?|txz)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Document:
    """One document: its place inside the target, its bytes, or why they could not be read."""

    row: int
    place: str
    body: bytes = b""
    error: str | None = None


def is_zip(head: bytes) -> bool:
    """Say whether a file that begins so is a zip."""
    return head.startswith(b"PK\x03\x04")


def is_tar(head: bytes) -> bool:
    """Say whether what begins so, decompressed, is a tar."""
    return head[257:262] == b"ustar"


def share(target: Target, fits: re.Pattern[str]) -> float:
    """Return which part of a folder's files, or of a zip's members, have a name that fits; 0 where there are none."""
    if target.files:
        return sum(bool(fits.search(f.name)) for f in target.files) / len(target.files)
    if target.path is None or not is_zip(target.head):
        return 0.0
    try:
        with zipfile.ZipFile(target.path) as archive:
            names = [n for n in archive.namelist() if not n.endswith("/")]
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        return 0.0
    return sum(bool(fits.search(n)) for n in names) / len(names) if names else 0.0


def pages(source: str, target: Target, get: Get, fits: re.Pattern[str], **context: Any) -> Iterator[Page]:
    """Yield the pages of a target: the file or archive as it is, a folder in bundles of the files that fit."""
    if target.url is not None and target.path is None:
        page = get.file(target.name, source)
        yield page.with_(context={"place": target.filename, **context})
    elif target.path is not None and target.path.is_file():
        yield Page.of_file(source, target.path, target.name, context={"place": target.path.name, **context})
    else:
        yield from bundles(source, target, [f for f in target.files if fits.search(f.name)], context)


def bundles(source: str, target: Target, files: list[Path], context: dict[str, Any]) -> Iterator[Page]:
    """Yield pages of at most BUNDLE_FILES files or BUNDLE_BYTES each; their rows count through."""
    if not files:
        return
    base = target.path or Path(os.path.commonpath([f.parent for f in files]))
    row = 0
    for some in _grouped(files):
        places = [f.relative_to(base).as_posix() for f in some]
        states = [(f.stat().st_size, f.stat().st_mtime_ns) for f in some]
        yield Page(
            source,
            target.name,
            path=str(base),
            slice={"files": places, "row": row},
            context=context,
            stamp=hashlib.sha256(repr(states).encode()).hexdigest()[:20],
        )
        row += len(some)


def _grouped(files: Iterable[Path]) -> Iterator[list[Path]]:
    some: list[Path] = []
    size = 0
    for file in files:
        some.append(file)
        size += file.stat().st_size
        if len(some) >= BUNDLE_FILES or size >= BUNDLE_BYTES:
            yield some
            some, size = [], 0
    if some:
        yield some


def documents(page: Page, fits: re.Pattern[str]) -> Iterator[Document]:
    """Yield a page's documents in their order; of an archive, the members whose name fits."""
    if page.slice is not None:
        yield from _of_bundle(Path(page.path or "."), page.slice)
        return
    place = place_of(page)
    with _opened(page) as stream:
        head = stream.read(512)
    if is_zip(head) or is_tar(head):
        members = _of_zip(page, fits) if is_zip(head) else _of_tar(_opened(page), fits)
        for row, (name, body, error) in enumerate(members):
            yield Document(row, name, body, error)
        return
    with _opened(page) as stream:
        body, error = _bounded(stream, place)
    yield Document(0, place, body, error)


def place_of(page: Page) -> str:
    """Return the id of a page's one document: where it lies among others of its kind, else its name."""
    return str(page.context.get("namespace") or page.context.get("place") or Path(page.path or page.locator).name)


def _opened(page: Page) -> IO[bytes]:
    return io.BytesIO(page.body) if page.body is not None else unpacked(Path(page.path or page.locator))


def _of_bundle(base: Path, what: dict[str, Any]) -> Iterator[Document]:
    for row, place in enumerate(what["files"], start=what["row"]):
        yield one(base / place, place, row)


def one(path: Path, place: str, row: int) -> Document:
    """Return one file as a document, or why it can't be read."""
    try:
        with unpacked(path) as stream:
            return Document(row, place, *_bounded(stream, place))
    except BadInput as broken:
        return Document(row, place, error=str(broken))
    except OSError as denied:
        return Document(row, place, error=f"{place} cannot be read ({denied.strerror}): check its permissions.")


def _bounded(stream: IO[bytes], place: str) -> tuple[bytes, str | None]:
    body = stream.read(LARGEST + 1)
    if len(body) > LARGEST:
        return b"", f"{place} is larger than {LARGEST >> 20} MB, which no document of this kind is: look at it by hand."
    return body, None


Member = tuple[str, bytes, str | None]


def _of_tar(packed: IO[bytes], fits: re.Pattern[str], prefix: str = "") -> Iterator[Member]:
    with packed, tarfile.open(fileobj=packed, mode="r|") as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() and fits.search(member.name) else None
            if stream is not None:
                yield (prefix + member.name, *_bounded(stream, member.name))


def _of_zip(page: Page, fits: re.Pattern[str]) -> Iterator[Member]:
    with zipfile.ZipFile(io.BytesIO(page.body) if page.body is not None else str(page.path)) as archive:
        for member in archive.infolist():
            if fits.search(member.filename):
                yield _zipped(archive, member)
            elif TAR.search(member.filename):
                with archive.open(member) as inner:
                    yield from _of_tar(_whole(inner, member.filename), fits, f"{member.filename}/")


def _zipped(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Member:
    try:
        with archive.open(member) as stream:
            return (member.filename, *_bounded(stream, member.filename))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        return member.filename, b"", f"{member.filename} cannot be read ({error}): get the archive again."


def _whole(inner: IO[bytes], name: str) -> IO[bytes]:
    """Decompress a packed tar inside a zip, by its name."""
    import bz2
    import gzip
    import lzma

    opener: Any = {"gz": gzip.open, "tgz": gzip.open, "bz2": bz2.open, "xz": lzma.open}.get(
        name.lower().rsplit(".", 1)[-1]
    )
    opened: IO[bytes] = opener(inner) if opener else inner
    return opened
