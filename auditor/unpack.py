"""Archives as data: zip and wheel, tar, .deb. Nothing in them is run, nothing leaves the folder."""

import errno
import os
import shutil
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from auditor.errors import AuditError, BadInput
from auditor.streams import packed, unpacked

SUFFIXES = (
    *(".zip", ".whl", ".deb", ".tar", ".tgz", ".tbz2", ".txz", ".tzst"),
    *(".tar.gz", ".tar.bz2", ".tar.xz", ".tar.lzma", ".tar.zst"),
)
AR, AR_ENTRY = b"!<arch>\n", 60
BLOCK = 1 << 20
LINK, OUTSIDE, TWICE, ODD = "links", "names that lead out of it", "second files of one name", "devices and the like"
UNNAMEABLE = "names that this file system cannot hold"


@dataclass(frozen=True, slots=True)
class Limits:
    """When an archive is taken for a bomb: entries, bytes, and bytes out for one in (beyond `floor` bytes out)."""

    entries: int = 1_000_000
    size: int = 64 << 30
    ratio: int = 1000
    floor: int = 64 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """One entry: a file with what opens it, a folder, or why it is left out; `link`: the entry a hard link repeats."""

    name: str
    open: Callable[[], BinaryIO] | None = None
    link: str | None = None
    left: str | None = None


def unpack(archive: Path, into: Path, limits: Limits = Limits()) -> dict[str, list[str]]:
    """Unpack an archive into the empty folder `into`, files read-only; return what was left out, names by reason.

    BadInput for what is no archive, is damaged, encrypted or unpacks to more than `limits` allow.
    """
    left: dict[str, list[str]] = {}
    budget = _Budget(archive, limits)
    into.mkdir(parents=True, exist_ok=True)
    try:
        for member in members(archive, into.parent):
            budget.entry()
            reason = _write(member, into, budget)
            if reason:
                left.setdefault(reason, []).append(printable(member.name.removeprefix("./")))
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError) as error:
        raise BadInput(f"{archive.name} is damaged or not whole ({_short(error)}): get it again.") from None
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise AuditError(
                f"the disk is full: {archive.name} could not be unpacked; make room and run again."
            ) from None
        raise
    return left


def kind_of(archive: Path) -> str | None:
    """Return zip, deb or tar from the first bytes of a file, or None for what is none of them."""
    with archive.open("rb") as stream:
        head = stream.read(len(AR))
    if head[:4] in (b"PK\3\4", b"PK\5\6"):
        return "zip"
    if head == AR:
        return "deb"
    try:
        with unpacked(archive) as inner:
            tarfile.TarInfo.frombuf(inner.read(tarfile.BLOCKSIZE), "utf-8", "surrogateescape")
    except (tarfile.HeaderError, BadInput):
        return None
    return "tar"


def members(archive: Path, scratch: Path) -> Iterator[Member]:
    """Yield an archive's entries in their order; `scratch` is a folder for what must be laid down on the way."""
    kind = kind_of(archive)
    if kind == "zip":
        yield from _zip(archive)
    elif kind == "deb":
        with tempfile.NamedTemporaryFile(dir=scratch) as held:
            _deb(archive, cast(BinaryIO, held))
            yield from _tar(Path(held.name), archive)
    elif kind == "tar":
        yield from _tar(archive, archive)
    else:
        what = "damaged, or " if packed(archive) else ""
        raise BadInput(
            f"{archive.name} is {what}no archive that can be unpacked (zip, wheel, tar, .deb): check what it is."
        )


def printable(name: str) -> str:
    """Return a file name as valid text: bytes that are none are written as `\\xNN`, control characters escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in _utf8(name))


def _utf8(name: str) -> str:
    """Return a name as valid UTF-8, so that every path can be written down: other bytes become `\\xNN`."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _zip(archive: Path) -> Iterator[Member]:
    with zipfile.ZipFile(archive) as file:
        for info in file.infolist():
            if info.flag_bits & 1:
                raise BadInput(f"{archive.name} is encrypted: give an archive that is not.")
            if info.is_dir():
                yield Member(info.filename)
            elif stat.S_ISLNK(info.external_attr >> 16):
                yield Member(info.filename, left=LINK)
            else:
                yield Member(info.filename, lambda info=info: cast(BinaryIO, file.open(info)))  # type: ignore[misc]  # no type is inferred for a default


def _tar(path: Path, archive: Path) -> Iterator[Member]:
    """Yield the entries of the tar at `path`, which came in `archive`."""
    try:
        yield from _stream(path)
    except BadInput:
        raise BadInput(f"{archive.name} is damaged or ends too early: get it again.") from None


def _stream(path: Path) -> Iterator[Member]:
    with unpacked(path) as stream:
        with tarfile.open(fileobj=stream, mode="r|", encoding="utf-8", errors="surrogateescape") as file:
            for info in file:
                if info.isdir():
                    yield Member(info.name)
                elif info.islnk():
                    yield Member(info.name, link=info.linkname)
                elif info.issym():
                    yield Member(info.name, left=LINK)
                elif info.isfile():
                    yield Member(info.name, lambda info=info: cast(BinaryIO, file.extractfile(info)))  # type: ignore[misc]
                else:
                    yield Member(info.name, left=ODD)
                file.members = []  # type: ignore[attr-defined]  # the stream is read once: keep no list of what went by
        while stream.read(BLOCK):  # to the end, where a compression keeps its checksum
            pass


def _deb(archive: Path, held: BinaryIO) -> None:
    """Copy data.tar.* of a Debian package (an ar archive: deb(5)) into `held`."""
    with archive.open("rb") as stream:
        stream.seek(len(AR))
        while len(entry := stream.read(AR_ENTRY)) == AR_ENTRY:
            name, size = entry[:16].decode("ascii", "replace").strip().rstrip("/"), entry[48:58].strip()
            if entry[58:] != b"`\n" or not size.isdigit():
                break
            if name.startswith("data.tar"):
                _copy(stream, held, int(size), archive)
                return
            stream.seek(int(size) + int(size) % 2, os.SEEK_CUR)
    raise BadInput(f"{archive.name} is no whole Debian package (it has no data.tar): get it again.")


def _copy(stream: BinaryIO, held: BinaryIO, size: int, archive: Path) -> None:
    while size and (block := stream.read(min(size, BLOCK))):
        held.write(block)
        size -= len(block)
    held.flush()
    if size:
        raise BadInput(f"{archive.name} ends too early: get it again.")


@dataclass
class _Budget:
    archive: Path
    limits: Limits
    entries: int = 0
    size: int = 0

    def entry(self) -> None:
        self.entries += 1
        self._check(self.entries > self.limits.entries, f"more than {self.limits.entries:,} entries")

    def bytes(self, count: int) -> None:
        self.size += count
        allowed = max(self.limits.floor, self.archive.stat().st_size * self.limits.ratio)
        self._check(self.size > self.limits.size, f"more than {self.limits.size:,} bytes")
        self._check(self.size > allowed, f"more than {self.limits.ratio:,} times its size")

    def _check(self, over: bool, what: str) -> None:
        if over:
            raise BadInput(
                f"{self.archive.name} unpacks to {what}: that looks like a bomb; unpack it yourself, give the folder."
            )


def _write(member: Member, into: Path, budget: _Budget) -> str | None:
    """Write one entry; return why it was left out, or None."""
    parts = [p for p in member.name.split("/") if p not in ("", ".")]
    if member.left:
        return member.left
    if ".." in parts or member.name.startswith("/") or "\0" in member.name:
        return OUTSIDE
    place = into.joinpath(*map(_utf8, parts))
    try:
        if member.open is None and member.link is None:
            place.mkdir(parents=True, exist_ok=True)
            return None
        place.parent.mkdir(parents=True, exist_ok=True)
        if member.link is not None:
            return _link(member.link, place, into, budget)
        _file(member, place, budget)
        return None
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return TWICE
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL):
            return UNNAMEABLE
        raise


def _file(member: Member, place: Path, budget: _Budget) -> None:
    assert member.open is not None
    with place.open("xb") as out, member.open() as stream:
        while block := _read(stream):
            budget.bytes(len(block))
            out.write(block)
    place.chmod(0o444)
    os.utime(place, (0, 0))  # equal archives give equal files


def _read(stream: BinaryIO) -> bytes:
    try:
        return stream.read(BLOCK)
    except BadInput:
        raise tarfile.ReadError("its compressed data is broken or ends too early") from None


def _link(name: str, place: Path, into: Path, budget: _Budget) -> str | None:
    """Write a hard link as a copy of the entry it repeats, which comes before it; else it is left out."""
    parts = [p for p in name.split("/") if p not in ("", ".")]
    first = into.joinpath(*map(_utf8, parts))
    if ".." in parts or name.startswith("/") or not first.is_file():
        return LINK
    if place.exists():
        return TWICE
    budget.bytes(first.stat().st_size)
    shutil.copy2(first, place)
    return None


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
