"""Where ISO base media files (MP4, HEIF, AVIF) hold XMP and EXIF: a box of XMP's own (XMP Part 3, MPEG-4), and items (ISO 23008-12, annex A)."""

import io
import os
from collections.abc import Iterator
from typing import IO

from auditor.sources._media_parts import LARGEST

XMP = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")  # the uuid of its box
SIZES = (0, 4, 8)  # bytes of a number in `iloc`
BOXES = 1 << 17  # of one level that are looked at

Place = tuple[str, int, int]  # a box: its name, and where what it holds begins and ends


def metadata(stream: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield ("xmp" or "exif", its bytes) of a file's own boxes and of the items of its `meta` box; ("meta", b"") where there is one."""
    for name, start, end in list(boxes(stream, 0, stream.seek(0, os.SEEK_END))):
        stream.seek(start)
        if name == "uuid" and stream.read(16) == XMP:
            yield "xmp", _exactly(stream, start + 16, end)
        elif name == "meta":
            yield "meta", b""
            yield from _items(stream, start + 4, end)


def boxes(stream: IO[bytes], at: int, end: int) -> Iterator[Place]:
    """Yield the boxes between two places; ValueError where they don't follow one another."""
    for _ in range(BOXES):
        stream.seek(at)
        if at + 8 > end or len(head := stream.read(8)) < 8:
            return
        length, name, start = int.from_bytes(head[:4], "big"), head[4:].decode("latin-1"), at + 8
        if length == 1:
            length, start = int.from_bytes(stream.read(8), "big"), at + 16
        length = length or end - at
        if not start - at <= length <= end - at:
            raise ValueError("a box that is longer or shorter than what holds it")
        yield name, start, at + length
        at += length
    raise ValueError(f"more than {BOXES} boxes")


def _items(stream: IO[bytes], start: int, end: int) -> Iterator[tuple[str, bytes]]:
    """Yield the metadata items of a `meta` box that are of its primary item; ValueError for one that is not to be had."""
    inner = {name: (at, to) for name, at, to in boxes(stream, start, end)}
    wanted = dict(_wanted(stream, *inner["iinf"])) if "iinf" in inner else {}
    if wanted and {"iref", "pitm"} <= inner.keys():
        primary = _exactly(stream, *inner["pitm"])
        others = _described(stream, *inner["iref"])
        number = int.from_bytes(primary[4:], "big")
        wanted = {n: sort for n, sort in wanted.items() if number in others.get(n, (number,))}
    if not wanted:
        return
    places = _places(_exactly(stream, *inner["iloc"]), wanted)
    for number, sort in wanted.items():
        method, extents = places[number]
        base = {0: 0, 1: inner["idat"][0] if "idat" in inner else -1}.get(method, -1)
        if base < 0 or sort == "packed":
            raise ValueError("metadata that are packed or stand in another item")
        data = b"".join(_exactly(stream, base + at, base + at + length) for at, length in extents)
        if sort == "exif":
            data = data[4 + int.from_bytes(data[:4], "big") :]
        yield sort, data


def _wanted(stream: IO[bytes], start: int, end: int) -> Iterator[tuple[int, str]]:
    """Yield number and sort of each item with XMP or EXIF."""
    stream.seek(start)
    head = 4 + (2 if stream.read(1) == b"\0" else 4)
    for name, at, to in boxes(stream, start + head, end):
        said = _exactly(stream, at, to) if name == "infe" else b""
        if not said or said[0] not in (2, 3):
            continue
        wide = 2 * (said[0] - 1)
        number, kind = int.from_bytes(said[4 : 4 + wide], "big"), said[6 + wide : 10 + wide]
        _, media, coding, *_ = *said[10 + wide :].split(b"\0"), b"", b"", b""
        if kind == b"mime" and media.lower() == b"application/rdf+xml":
            yield number, "packed" if coding else "xmp"
        elif kind == b"Exif":
            yield number, "exif"


def _described(stream: IO[bytes], start: int, end: int) -> dict[int, list[int]]:
    """Return which items each item describes: the `iref` box's references of type `cdsc`."""
    stream.seek(start)
    wide = 4 if stream.read(1) == b"\1" else 2
    found: dict[int, list[int]] = {}
    for name, at, to in boxes(stream, start + 4, end):
        if name == "cdsc":
            said = _exactly(stream, at, to)
            numbers = [int.from_bytes(said[i : i + wide], "big") for i in (0, *range(wide + 2, len(said), wide))]
            found.setdefault(numbers[0], []).extend(numbers[1:])
    return found


def _places(data: bytes, wanted: dict[int, str]) -> dict[int, tuple[int, list[tuple[int, int]]]]:
    """Return how items are placed (0: in the file, 1: in `idat`), and offset and length of their extents: the `iloc` box."""
    stream = io.BytesIO(data)

    def number(size: int) -> int:
        return int.from_bytes(_next(stream, size), "big")

    version = number(4) >> 24
    sizes = number(2)
    offset, length, base, index = (sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15, sizes & 15 if version else 0)
    if version > 2 or {offset, length, base, index} - set(SIZES):
        raise ValueError("places of items that are not as they are specified")
    found = {}
    for _ in range(number(2 if version < 2 else 4)):
        item = number(2 if version < 2 else 4)
        method = number(2) & 15 if version else 0
        method = method if number(2) == 0 else -1  # else it is in another file
        start = number(base)
        extents = []
        for _ in range(number(2)):
            number(index)
            extents.append((start + number(offset), number(length)))
        if item in wanted:
            found[item] = (method, extents)
    return found


def _next(stream: IO[bytes], size: int) -> bytes:
    if len(data := stream.read(size)) != size:
        raise ValueError("a box that ends before its end")
    return data


def _exactly(stream: IO[bytes], start: int, end: int) -> bytes:
    if end - start > LARGEST:
        raise ValueError(f"metadata of more than {LARGEST} bytes")
    stream.seek(start)
    return _next(stream, end - start)
