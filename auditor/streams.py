"""Streams of large files: decompressed by what their first bytes say, and in UTF-8 whatever they were in."""

import bz2
import codecs
import gzip
import io
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, cast

from auditor.errors import BadInput

MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\xfd7zXZ": "xz", b"\x5d\x00\x00": "lzma", b"\x28\xb5\x2f\xfd": "zstd"}
BLOCK = 1 << 20


def packed(path: Path) -> str | None:
    """Return the compression that a file's first bytes show, or None."""
    with path.open("rb") as stream:
        head = stream.read(6)
    return next((name for magic, name in MAGIC.items() if head.startswith(magic)), None)


def unpacked(path: Path) -> BinaryIO:
    """Return a stream of a file's content, decompressed; reading a broken one raises BadInput in one sentence."""
    kind = packed(path)
    if kind is None:
        return path.open("rb")
    if kind == "zstd":
        import pyarrow as pa

        raw: BinaryIO = cast(BinaryIO, pa.CompressedInputStream(str(path), "zstd"))
    else:
        opened: dict[str, Callable[..., Any]] = {"gzip": gzip.open, "bz2": bz2.open, "xz": lzma.open, "lzma": lzma.open}
        raw = cast(BinaryIO, opened[kind](path, "rb"))
    return cast(BinaryIO, io.BufferedReader(_Guarded(raw, path, kind), BLOCK))


class _Guarded(io.RawIOBase):
    """Turns what a decompressor raises on broken data into one sentence."""

    def __init__(self, raw: BinaryIO, path: Path, kind: str) -> None:
        self.raw, self.path, self.kind = raw, path, kind

    def readable(self) -> bool:
        return True

    def readinto(self, into: "memoryview") -> int:  # type: ignore[override]  # io declares a wider buffer type
        try:
            got = self.raw.read(len(into))
        except (EOFError, OSError, lzma.LZMAError, ValueError) as error:
            said = (
                "ends too early"
                if isinstance(error, EOFError) or "truncated" in str(error).lower()
                else f"is damaged ({error})"
            )
            raise BadInput(f"{self.path}: its {self.kind} data {said}: get the file again.") from None
        into[: len(got)] = got
        return len(got)

    def close(self) -> None:
        self.raw.close()
        super().close()


def encoding_of(head: bytes) -> str:
    """Return `utf-8`, `utf-16` or, for anything else, `windows-1252`, from a file's first bytes."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


class Utf8(io.RawIOBase):
    """Gives a stream's text as UTF-8; bytes that are not in the stated encoding become U+FFFD and are counted."""

    def __init__(self, raw: BinaryIO, encoding: str) -> None:
        self.raw, self.plain = raw, encoding == "utf-8"
        self.decoder = codecs.getincrementaldecoder(encoding)("strict" if self.plain else "replace")
        self.held, self.first, self.replaced = b"", True, 0

    def readable(self) -> bool:
        return True

    def readinto(self, into: "memoryview") -> int:  # type: ignore[override]  # io declares a wider buffer type
        while not self.held:
            block = self.raw.read(BLOCK)
            self.held = self._text(block)
            if not block:
                break
        size = min(len(into), len(self.held))
        into[:size], self.held = self.held[:size], self.held[size:]
        return size

    def _text(self, block: bytes) -> bytes:
        state = self.decoder.getstate()
        try:
            text = self.decoder.decode(block, not block)
        except UnicodeDecodeError:
            loose = codecs.getincrementaldecoder("utf-8")("replace")
            text = loose.decode(state[0] + block, not block)
            self.replaced += text.count("\ufffd")
            self.decoder.setstate((loose.getstate()[0], 0))
        if self.first and text:
            text, self.first = text.removeprefix("\ufeff"), False
        return text.encode("utf-8", "replace")

    def close(self) -> None:
        self.raw.close()
        super().close()


def text_of(path: Path, encoding: str) -> BinaryIO:
    """Return a stream of a file's text: decompressed, in UTF-8, without a byte order mark."""
    return cast(BinaryIO, io.BufferedReader(Utf8(unpacked(path), encoding), BLOCK))


def head_of(path: Path, size: int, opened: Callable[[Path], BinaryIO] = unpacked) -> bytes:
    """Return the first bytes of a file's content, decompressed."""
    with opened(path) as stream:
        got = b""
        while len(got) < size:
            block = stream.read(size - len(got))
            if not block:
                break
            got += block
        return got
