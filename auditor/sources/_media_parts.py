"""The parts of media files that hold metadata: which kind a file is, and its segments without the picture or the sound.

JPEG: markers up to the first scan (ITU T.81, annex B); PNG: chunks; WebP: RIFF chunks.
"""

import io
import re
import struct
import zlib
from collections.abc import Iterator
from typing import IO

NAME = re.compile(
    r"\.(?:jpe?g|jpe|jfif|png|gif|webp|tiff?|hei[cf]|avif|mp3|ogg|oga|opus|flac|wav|aiff?|m4a|mp4|m4v|mov|pdf)$",
    re.IGNORECASE,
)
HEAD = 256 << 10  # bytes of a remote file that are asked for: most metadata stand at its front
AT_FRONT = ("jpeg", "sound")  # kinds whose metadata stand there, if they have any
TAIL = 64 << 10  # bytes of one that are asked for where nothing stands at its front
BEHIND = (
    "png",
    "webp",
)  # kinds whose metadata are known for such in a file's last bytes, without what lies before them
PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
LARGEST = 16 << 20  # bytes of one segment that are read
KINDS: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("jpeg", re.compile(rb"\xff\xd8\xff")),
    ("png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("gif", re.compile(rb"GIF8[79]a")),
    ("webp", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    ("tiff", re.compile(rb"II\*\0|MM\0\*")),
    ("pdf", re.compile(rb"%PDF-")),
    (
        "sound",
        re.compile(rb"ID3|OggS|fLaC|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]|RIFF....WAVE|FORM....AIF|....ftypM4A", re.DOTALL),
    ),
    ("heif", re.compile(rb"....ftyp(?:heic|heix|heim|mif1|msf1|avif|avis)", re.DOTALL)),
    ("video", re.compile(rb"....ftyp(?:mp4|isom|iso2|avc1|MSNV|M4V|qt  )", re.DOTALL)),
)
ANY = re.compile(b"|".join(b"(?s:%b)" % sign.pattern for _, sign in KINDS))


def kind(head: bytes) -> str | None:
    """Return which kind of media begins so; None for none that is known."""
    return next((name for name, sign in KINDS if sign.match(head)), None) if ANY.match(head) else None


def segments(body: bytes) -> bytes:
    """Return a JPEG, PNG or WebP with its metadata segments only; anything else as it is."""
    cut = {"jpeg": jpeg, "png": png, "webp": _webp}.get(kind(body) or "")
    return body if cut is None else b"".join(cut(io.BytesIO(body)))


def jpeg(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the segments before the first scan that hold metadata or the frame; the rest is let go."""
    yield stream.read(2)
    while len(head := stream.read(4)) == 4 and head[0] == 0xFF:
        if head[1] == 0xFF:  # a fill byte
            stream.seek(-3, io.SEEK_CUR)
            continue
        length = struct.unpack(">H", head[2:])[0] - 2
        if head[1] in (0xE1, 0xED, 0xEB, 0xFE) or (0xC0 <= head[1] <= 0xCF and head[1] not in (0xC4, 0xC8, 0xCC)):
            yield head + stream.read(length)
        elif head[1] == 0xDA:
            yield head + stream.read(length)
            return
        else:
            stream.seek(length, io.SEEK_CUR)


def png(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the chunks that hold metadata, and those that a reader needs around them."""
    yield stream.read(8)
    while len(head := stream.read(8)) == 8:
        length, name = struct.unpack(">I", head[:4])[0], head[4:]
        if name in (b"IHDR", b"tEXt", b"iTXt", b"zTXt", b"eXIf", b"caBX", b"IEND") and length <= LARGEST:
            yield head + stream.read(length + 4)
        else:
            stream.seek(length + 4, io.SEEK_CUR)


def _webp(stream: IO[bytes]) -> Iterator[bytes]:
    yield stream.read(12)
    for name, length, data in chunks(stream):
        if name in (b"VP8X", b"EXIF", b"XMP ", b"C2PA"):
            yield name + struct.pack("<I", length) + data + b"\0" * (length % 2)


def chunks(stream: IO[bytes]) -> Iterator[tuple[bytes, int, bytes]]:
    """Yield the chunks of a RIFF file; the picture's own are passed over."""
    while len(head := stream.read(8)) == 8:
        name, length = head[:4], struct.unpack("<I", head[4:])[0]
        wanted = name in (b"VP8X", b"EXIF", b"XMP ", b"C2PA") and length <= LARGEST
        data = stream.read(length) if wanted else b""
        if wanted:
            yield name, length, data
        stream.seek((0 if wanted else length) + length % 2, io.SEEK_CUR)


def tail(sort: str, end: bytes) -> bytes:
    """Return a file of this kind that holds the metadata which the last bytes of one hold; nothing where there are none."""
    if sort == "webp":
        found = _webp_tail(end)
        size = _riff(b"VP8X", bytes(10))
        return b"RIFF" + struct.pack("<I", 4 + len(size) + len(found)) + b"WEBP" + size + found if found else b""
    found = _png_tail(end)
    size = _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + size + found + PNG_END if found else b""


def _png_tail(end: bytes) -> bytes:
    """Return the chunks of metadata whose sums are right: what looks like one in a picture's bytes has another."""
    found = []
    for name in re.finditer(rb"tEXt|iTXt|zTXt|eXIf|caBX", end):
        at = name.start()
        data = end[at + 4 : at + 4 + int.from_bytes(end[max(0, at - 4) : at], "big")]
        made = _chunk(name[0], data)
        if at >= 4 and end.startswith(made, at - 4):
            found.append(made)
    return b"".join(found)


def _webp_tail(end: bytes) -> bytes:
    """Return the last chunks, from the first one of metadata from which chunk follows chunk to the file's end."""
    for name in re.finditer(b"EXIF|XMP |C2PA", end):
        at = name.start()
        while at + 8 <= len(end):
            length = int.from_bytes(end[at + 4 : at + 8], "little")
            at += 8 + length + length % 2
        if at == len(end):
            return end[name.start() :]
    return b""


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _riff(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data
