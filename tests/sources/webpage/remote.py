"""Makes long PDF, TIFF, MP4 and HEIF files with their metadata at their front, in their middle or at their end; and a host that has them."""

import io
import random
import struct
from collections.abc import Callable
from typing import Any

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from tests.replica.server import SITE, Asked, Reply
from tests.sources.media.pictures import packet

LONG = random.Random(5).randbytes(400_000)
XMP_BOX = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")


def host(file: bytes, etag: str = '"1"') -> Callable[[Asked], Reply | None]:
    """Answer with the range that is asked for."""

    def answer(asked: Asked) -> Reply | None:
        if asked.path in SITE:
            return None
        first, last = map(int, asked.headers["range"].removeprefix("bytes=").split("-"))
        part = file[first : last + 1]
        said = f"bytes {first}-{first + len(part) - 1}/{len(file)}"
        return Reply(206, part, {"Content-Range": said, "ETag": etag})

    return answer


def stream(data: bytes, **entries: str) -> DecodedStreamObject:
    made = DecodedStreamObject()
    made.set_data(data)
    made.update({NameObject(f"/{k}"): NameObject(f"/{v}") for k, v in entries.items()})
    return made


def pdf(xmp: str = "", info: dict[str, str] | None = None, picture: str = "", front: int = 0, behind: int = 0) -> bytes:
    """Return a PDF with `front` long streams before its metadata, and `behind` of them after."""
    writer = PdfWriter()
    for _ in range(front):
        writer._add_object(stream(LONG))
    if picture:
        image = stream(LONG[:50], Type="XObject", Subtype="Image")
        image[NameObject("/Metadata")] = writer._add_object(stream(packet(picture), Type="Metadata", Subtype="XML"))
        writer._add_object(image)
    if xmp:
        held = writer._add_object(stream(packet(xmp), Type="Metadata", Subtype="XML"))
        writer._root_object[NameObject("/Metadata")] = held
    writer.add_metadata(info or {})
    for _ in range(behind):
        writer._add_object(stream(LONG))
    writer.add_blank_page(9, 9)
    writer.write(out := io.BytesIO())
    return out.getvalue()


def enlarged(real: bytes) -> dict[str, bytes]:
    """Return a PDF with a long comment behind it, and written anew with long streams behind what it has."""
    start = real[real.rindex(b"startxref") :]
    writer = PdfWriter(clone_from=io.BytesIO(real))
    writer._add_object(stream(LONG))
    writer.write(out := io.BytesIO())
    return {
        "comment": real + b"\n%" + LONG.replace(b"\n", b"").replace(b"\r", b"") + b"\n" + start,
        "anew": out.getvalue(),
    }


def tiff(notice: str, xmp: str = "", place: str = "end") -> bytes:
    """Return a TIFF whose directory stands at the front, in the middle or at the end; its values behind the picture but at the front."""
    picture = LONG + (LONG if place == "middle" else b"")
    values = [notice.encode() + b"\0", packet(xmp) if xmp else b""]
    size = 2 + 12 * 2 + 4
    directory_at = {"front": 8, "middle": 8 + len(LONG), "end": 8 + len(picture)}[place]
    values_at = 8 + size + len(picture) if place == "front" else directory_at + size
    entries = struct.pack("<HHII", 0x02BC, 1, len(values[1]), values_at + len(values[0]))
    entries += struct.pack("<HHII", 0x8298, 2, len(values[0]), values_at)
    directory = struct.pack("<H", 2) + entries + bytes(4)
    head = b"II*\0" + struct.pack("<I", directory_at)
    if place == "front":
        return head + directory + picture + b"".join(values)
    return head + picture[: directory_at - 8] + directory + b"".join(values) + picture[directory_at - 8 :]


def box(name: bytes, *parts: bytes) -> bytes:
    data = b"".join(parts)
    return struct.pack(">I", len(data) + 8) + name + data


def mp4(tags: dict[bytes, str], xmp: str = "", front: int = 1, behind: int = 0, brand: bytes = b"isom") -> bytes:
    """Return an MP4 with `front` long boxes before its `moov`, and `behind` of them after."""
    texts = [box(name, box(b"data", struct.pack(">II", 1, 0), said.encode())) for name, said in tags.items()]
    handler = box(b"hdlr", bytes(8), b"mdirappl", bytes(9))
    listed = box(b"udta", box(b"meta", bytes(4), handler, box(b"ilst", *texts)))
    sound = box(b"mdhd", bytes(12), struct.pack(">II", 1000, 9000), bytes(4))
    track = box(b"trak", box(b"mdia", sound, box(b"hdlr", bytes(8), b"soun", bytes(13))))
    moov = box(b"moov", box(b"mvhd", bytes(100)), track, listed)
    said = box(b"uuid", XMP_BOX, packet(xmp)) if xmp else b""
    long = box(b"mdat", LONG)
    return box(b"ftyp", brand, bytes(4)) + long * front + moov + long * behind + said


def heif(xmp: str, front: bool = False, coding: bytes = b"", of: int = 0) -> bytes:
    """Return a HEIF whose XMP stands behind a long picture, and its list of items, too, unless it is at the front.

    of: the item that it describes, of which 1 is the primary one; none is named for 0.
    """
    data = packet(xmp)
    kinds = [box(b"infe", b"\2\0\0\0", struct.pack(">HH", 1, 0), b"hvc1\0")]
    named = b"mime\0application/rdf+xml\0" + (coding + b"\0" if coding else b"")
    kinds.append(box(b"infe", b"\2\0\0\0", struct.pack(">HH", 2, 0), named))
    head = box(b"ftyp", b"heic", bytes(4), b"heic")

    def meta(at: int) -> bytes:
        places = b"".join(struct.pack(">HHHII", n, 0, 1, a, s) for n, a, s in ((1, 0, 8), (2, at, len(data))))
        place = box(b"iloc", bytes(4), b"\x44\0", struct.pack(">H", 2), places)
        primary = box(b"pitm", bytes(4), struct.pack(">H", 1))
        of_ = box(b"iref", bytes(4), box(b"cdsc", struct.pack(">HHH", 2, 1, of))) if of else b""
        return box(b"meta", bytes(4), primary, box(b"iinf", bytes(4), struct.pack(">H", 2), *kinds), of_, place)

    if front:
        at = len(head) + len(meta(0)) + 8 + len(LONG)
        return head + meta(at) + box(b"mdat", LONG, data)
    return head + box(b"mdat", LONG, data) + meta(len(head) + 8 + len(LONG))


def avif(xmp: str, **tags: Any) -> bytes:
    """Return an AVIF as Pillow writes it."""
    picture = Image.frombytes("RGB", (600, 600), random.Random(6).randbytes(1_080_000))
    exif = Image.Exif()
    exif[0x8298] = tags.get("notice", "")
    picture.save(out := io.BytesIO(), "AVIF", quality=95, speed=10, xmp=packet(xmp), exif=exif)
    return out.getvalue()
