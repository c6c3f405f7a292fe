"""Makes small media files with metadata in them, in their real forms."""

import struct
import zlib

XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:cc="http://creativecommons.org/ns#" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/">{}</rdf:Description>
</rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def packet(properties: str) -> bytes:
    return XMP.format(properties).encode()


def _segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def exif(**tags: str) -> bytes:
    """Return a little-endian TIFF directory of ASCII tags: copyright, artist, description."""
    numbers = {"description": 0x010E, "artist": 0x013B, "copyright": 0x8298}
    entries = sorted((numbers[name], value.encode() + b"\0") for name, value in tags.items())
    at, directory, values = 8 + 2 + 12 * len(entries) + 4, b"", b""
    for number, value in entries:
        place = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack("<I", at + len(values))
        values += b"" if len(value) <= 4 else value
        directory += struct.pack("<HHI", number, 2, len(value)) + place
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(entries)) + directory + b"\0\0\0\0" + values


def iptc(**fields: str) -> bytes:
    """Return Photoshop's resource with IPTC-IIM datasets: notice, byline, credit."""
    numbers = {"byline": 80, "credit": 110, "notice": 116}
    sets = b"".join(
        b"\x1c\x02" + bytes((numbers[n],)) + struct.pack(">H", len(v.encode())) + v.encode() for n, v in fields.items()
    )
    return b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(sets)) + sets + b"\0" * (len(sets) % 2)


def jpeg(
    xmp: str = "",
    tags: dict[str, str] | None = None,
    fields: dict[str, str] | None = None,
    comment: str = "",
    pixels: int = 100,
) -> bytes:
    parts = [b"\xff\xd8", _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")]
    if tags:
        parts.append(_segment(0xE1, b"Exif\0\0" + exif(**tags)))
    if xmp:
        parts.append(_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet(xmp)))
    if fields:
        parts.append(_segment(0xED, iptc(**fields)))
    if comment:
        parts.append(_segment(0xFE, comment.encode()))
    parts += [
        _segment(0xDB, bytes(65)),
        _segment(0xC0, b"\x08\0\x08\0\x08\x01\x01\x11\0"),
        _segment(0xDA, b"\x01\x01\0\0\x3f\0"),
    ]
    return b"".join([*parts, b"\x55" * pixels, b"\xff\xd9"])


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(
    texts: dict[str, str] | None = None, xmp: str = "", late: bool = False, pixels: int = 0, noise: bytes = b""
) -> bytes:
    """Return a picture of one pixel; late: its texts stand behind the picture, and `pixels` more bytes and `noise` in it."""
    said = [
        _chunk(b"tEXt", name.encode("latin-1") + b"\0" + value.encode("latin-1"))
        for name, value in (texts or {}).items()
    ]
    if xmp:
        said.append(_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet(xmp)))
    data = [_chunk(b"IDAT", zlib.compress(b"\0\0")), *([_chunk(b"IDAT", bytes(pixels) + noise)] if pixels else [])]
    head = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"".join([head, *(data + said if late else said + data), _chunk(b"IEND", b"")])


def webp(xmp: str, pixels: int = 4) -> bytes:
    data = packet(xmp)
    flags = b"\x04" if xmp else b"\0"
    body = b"WEBPVP8X" + struct.pack("<I", 10) + flags + bytes(9) + b"VP8 " + struct.pack("<I", pixels) + bytes(pixels)
    body += b"\0" * (pixels % 2)
    if xmp:
        body += b"XMP " + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def mp3(**frames: str) -> bytes:
    """Return an ID3v2.3 tag of text frames (TCOP …) and links (WCOP), and a frame's head."""
    body = b""
    for name, value in frames.items():
        data = value.encode("latin-1") if name.startswith("W") else b"\0" + value.encode("latin-1")
        body += name.encode() + struct.pack(">I", len(data)) + b"\0\0" + data
    size = len(body)
    head = b"ID3\x03\0\0" + bytes((size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127))
    return head + body + (b"\xff\xfb\x90\x00" + bytes(413)) * 4
