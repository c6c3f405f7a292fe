"""Streams of a bz2 file: where they begin, and their content, by lbzip2 where it is installed, else by Python's own.

lbzip2 unpacks twice as fast on one core and uses several within one stream. What it gives is the same; where it fails,
Python's decompressor goes on from there, so that a damaged file gives the same on every machine.
"""

import bz2
import mmap
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from auditor.errors import BadInput

PACKED = 1 << 18  # bytes of packed data handed to a decompressor at a time
BLOCK = 1 << 20  # bytes of content in a block, at most
LEAST = 1 << 20  # packed bytes below which starting a process does not pay
STREAM = re.compile(rb"BZh[1-9]1AY&SY")  # the header and the first block's magic (pi in BCD)
MAGIC = b"1AY&SY"


def starts(path: Path) -> list[int]:
    """Return the places where streams begin."""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return [m.start() for m in STREAM.finditer(data)]


def blocks(path: Path, start: int, end: int, threads: int = 1) -> Iterator[tuple[bytes, bool]]:
    """Yield the content of the streams from `start`, and whether it lies beyond: in one that begins at `end` or later."""
    tool = shutil.which("lbzip2") if end - start >= LEAST else None
    if tool is None:
        yield from _streams(path, start, end)
        return
    given, whole = 0, False
    command = [tool, "-dc", "-n", str(threads)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None and process.stdout is not None
        feeder = threading.Thread(target=_feed, args=(path, start, end, process.stdin), daemon=True)
        feeder.start()
        try:
            while block := process.stdout.read(BLOCK):
                given += len(block)
                yield block, False
            whole = process.wait() == 0
        finally:
            process.kill()
            feeder.join()
    yield from _rest(path, start, end, given, whole)


def _rest(path: Path, start: int, end: int, given: int, whole: bool) -> Iterator[tuple[bytes, bool]]:
    """Yield what follows `given` bytes of a slice: what lies beyond, or first what the tool could not unpack."""
    if whole:
        yield b"", True  # the reader may need no more: nothing is unpacked for it in vain
        yield from _streams(path, end, end)
        return
    for block, beyond in _streams(path, start, end):
        if len(block) > given or beyond:
            yield block[given:], beyond
        given = max(0, given - len(block))


def _feed(path: Path, start: int, end: int, into: BinaryIO) -> None:
    try:
        with path.open("rb") as packed, into:
            packed.seek(start)
            while start < end and (data := packed.read(min(PACKED, end - start))):
                start += len(data)
                into.write(data)
    except (BrokenPipeError, ValueError):
        return  # the reader has stopped, or the tool has


def _streams(path: Path, start: int, end: int) -> Iterator[tuple[bytes, bool]]:
    with path.open("rb") as packed:
        packed.seek(start)
        decoder, data, beyond, fresh = bz2.BZ2Decompressor(), b"", start >= end, True
        while True:
            if decoder.needs_input and not data and not (data := packed.read(PACKED)):
                if fresh:
                    return
                raise BadInput(f"{path}: its bz2 data ends too early: get the file again.")
            if fresh and start != packed.tell() - len(data) and _garbage(data, packed):
                return
            try:
                block = decoder.decompress(data, BLOCK)
            except (OSError, ValueError):
                at = packed.tell()
                raise BadInput(f"{path}: its bz2 data is damaged near byte {at}: get the file again.") from None
            data, fresh = b"", False
            if block:
                yield block, beyond
            if decoder.eof:
                data = decoder.unused_data
                decoder, fresh = bz2.BZ2Decompressor(), True
                if not beyond and packed.tell() - len(data) >= end:
                    beyond = True
                    yield b"", True


def _garbage(data: bytes, packed: BinaryIO) -> bool:
    """Return whether what follows a stream is no damaged one: bytes without any block's beginning (bzip2 ignores them)."""
    if data.startswith(b"BZh"):
        return False
    at = packed.tell()
    following = data + packed.read(1 << 21)
    packed.seek(at)
    return MAGIC not in following
