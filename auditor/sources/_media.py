"""What is embedded in media files, field by field.

Pictures are read by Pillow (EXIF, IPTC, PNG text), XMP by the RDF reader, sound by mutagen, PDF by pypdf; WebP's chunks are walked
(`_media_parts`), and the boxes of MP4 and HEIF (`_media_iso`). Nothing is decoded: only headers, and of a cut file what its first bytes hold.
"""

import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import IO, Any

from auditor.sources import _media_iso
from auditor.sources._media_parts import LARGEST, PNG_END, chunks, jpeg, kind, png
from auditor.sources._media_xmp import Xmp, read_xmp

OPENED, CLOSED = (
    re.compile(rb"<(?:\w{1,20}:)?xmpmeta\b|<rdf:RDF\b"),
    re.compile(rb"</(?:\w{1,20}:)?xmpmeta>|</rdf:RDF>"),
)
COPYRIGHT, ARTIST, EXIF_XMP, EXIF_IPTC = 0x8298, 0x013B, 0x02BC, 0x83BB  # tags of EXIF 2.32 and TIFF
BYLINE, NOTICE, CREDIT, TITLE = (2, 80), (2, 116), (2, 110), (2, 5)  # datasets of IPTC-IIM 4.2
TEXTS = ("license", "licence", "copyright", "rights", "usage terms")  # names of text fields, in lower case


@dataclass
class Found:
    """What the segments of one file hold: XMP as its own, other fields by the names they have."""

    xmp: list[Xmp] = field(default_factory=list)
    notices: list[tuple[str, str]] = field(default_factory=list)  # where, what: of the copyright
    licenses: list[tuple[str, str]] = field(default_factory=list)  # where, what: of the licence, by the field's name
    creator: str | None = None
    title: str | None = None
    boxes: bytes = b""  # JUMBF, of C2PA
    broken: str | None = None


@cache
def _quiet() -> None:
    """Let Pillow and pypdf keep to themselves what they find odd in a file: its finding says what could not be read."""
    import logging
    import warnings

    warnings.filterwarnings("ignore", module=r"PIL\.")
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def look(stream: IO[bytes]) -> Found:
    """Read the metadata of an open media file; what breaks its reader is said in `broken`."""
    _quiet()
    found = Found()
    try:
        sort = kind(stream.read(32))
        stream.seek(0)
        READERS.get(sort or "", _of_picture)(stream, found, sort)
    except Exception as error:  # these readers raise what they like on hostile bytes; one file must not stop an audit
        found.broken = f"{type(error).__name__}: {error}"[:200]
    return found


def _of_webp(stream: IO[bytes], found: Found, _: str | None) -> None:
    stream.seek(12)
    for name, _length, data in chunks(stream):
        if name == b"XMP ":
            _xmp(data, found)
        elif name == b"EXIF":
            _exif_of(data, found)
        elif name == b"C2PA":
            found.boxes = data


def _of_tiff(stream: IO[bytes], found: Found, _: str | None) -> None:
    """Read the first directory: also of raw files and others whose picture Pillow does not know."""
    from PIL import IptcImagePlugin, TiffImagePlugin

    directory: Any = TiffImagePlugin.ImageFileDirectory_v2(stream.read(8))
    stream.seek(directory.next)
    directory.load(stream)
    _exif(directory, found)
    if EXIF_XMP in directory:
        _xmp(bytes(directory[EXIF_XMP]), found)
    if EXIF_IPTC in directory:
        stream.seek(0)
        with TiffImagePlugin.TiffImageFile(stream) as image:
            _iptc(IptcImagePlugin.getiptcinfo(image) or {}, found)


def _packet(data: bytes) -> bytes | None:
    """Return the first XMP packet in some bytes, of whatever format; None where there is none whole."""
    start = OPENED.search(data)
    whole = start and b"xmpmeta" in start[0]
    end = start and next((m for m in CLOSED.finditer(data, start.end()) if (b"xmpmeta" in m[0]) == whole), None)
    return data[start.start() : end.end()] if start and end else None


def _of_heif(stream: IO[bytes], found: Found, _: str | None) -> None:
    """Read the items with XMP and EXIF: no kept reader of these is light. In a file without a list of items, look for a packet."""
    if not _iso(stream, found):
        stream.seek(0)
        if packet := _packet(stream.read(LARGEST)):
            _xmp(packet, found)


def _of_video(stream: IO[bytes], found: Found, sort: str | None) -> None:
    _of_sound(stream, found, sort)
    _iso(stream, found)


def _iso(stream: IO[bytes], found: Found) -> bool:
    """Read the XMP and EXIF of an ISO base media file; say whether it lists any metadata."""
    listed = False
    for sort, data in _media_iso.metadata(stream):
        listed = True
        if sort == "xmp":
            _xmp(data, found)
        elif sort == "exif":
            _exif_of(data, found)
    return listed


def _of_picture(stream: IO[bytes], found: Found, sort: str | None) -> None:
    from PIL import GifImagePlugin, IptcImagePlugin, JpegImagePlugin, PngImagePlugin

    if sort in ("jpeg", "png"):
        parts = b"".join({"jpeg": jpeg, "png": png}[sort](stream))
        cut = sort == "png" and not parts.endswith(PNG_END)  # Pillow would give back nothing of it
        stream = io.BytesIO(parts + PNG_END if cut else parts)
        found.broken = "the file ends before its end" if cut else None
    opener: Any = {
        "jpeg": JpegImagePlugin.JpegImageFile,
        "png": PngImagePlugin.PngImageFile,
        "gif": GifImagePlugin.GifImageFile,
    }.get(sort or "")
    if opener is None:
        return
    # The plug-ins themselves: Image.open would judge the picture's size, which is never decoded here.
    with opener(stream) as image:
        if sort != "png" or "exif" in image.info:  # else Pillow would decode the picture to look behind it
            _exif(image.getexif(), found)
        for where, value in _texts(image, sort):
            _field(where, value, found)
        for packet in _packets(image, sort):
            _xmp(packet, found)
        if sort == "jpeg":
            _iptc(IptcImagePlugin.getiptcinfo(image) or {}, found)
        found.boxes = _boxes(image, sort)


def _texts(image: Any, sort: str | None) -> Iterator[tuple[str, str]]:
    if sort == "png":
        yield from (
            (f"PNG {k}", str(v)) for k, v in image.info.items() if isinstance(v, str) and "xmp" not in k.lower()
        )
    elif "comment" in image.info:
        comment = image.info["comment"]
        yield "comment", _decoded(comment) if isinstance(comment, bytes) else str(comment)


def _packets(image: Any, sort: str | None) -> Iterator[bytes]:
    """Yield the XMP packets of a picture; of a JPEG the extended one too, put together."""
    said = image.info.get("XML:com.adobe.xmp") or image.info.get("xmp")
    if said:
        yield said.encode() if isinstance(said, str) else said
    if sort == "jpeg":
        start = b"http://ns.adobe.com/xmp/extension/\0"
        parts = sorted((data[71:75], data[75:]) for _, data in image.applist if data.startswith(start))
        if parts:
            yield b"".join(data for _, data in parts)


def _boxes(image: Any, sort: str | None) -> bytes:
    """Return the JUMBF boxes of a picture: APP11 segments put together (C2PA 2.1, embedding in JPEG), or PNG's caBX."""
    if sort == "png":
        return b"".join(chunk[1] for chunk in image.private_chunks if chunk[0] == b"caBX")
    if sort != "jpeg":
        return b""
    parts = [
        (d[2:4], struct.unpack(">I", d[4:8])[0], d[8:])
        for n, d in image.applist
        if n == "APP11" and d[:2] == b"JP" and len(d) > 16
    ]
    seen: set[bytes] = set()
    joined = b""
    for instance, _, data in sorted(parts, key=lambda p: p[:2]):
        joined += data[8:] if instance in seen else data  # a box's header stands again in each of its segments
        seen.add(instance)
    return joined


def _exif_of(data: bytes, found: Found) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif.load(data if data.startswith(b"Exif\0\0") else b"Exif\0\0" + data)
    _exif(exif, found)


def _exif(exif: Any, found: Found) -> None:
    value = exif.get(COPYRIGHT)
    if isinstance(value, str):  # photographer and editor, parted by NUL
        for said in value.split("\0"):
            _notice("EXIF Copyright", said, found)
    artist = exif.get(ARTIST)
    if isinstance(artist, str):
        found.creator = found.creator or _line(artist)


def _iptc(sets: Any, found: Found) -> None:
    def of(which: tuple[int, int]) -> str | None:
        value = sets.get(which)
        return _line("; ".join(_decoded(v) for v in (value if isinstance(value, list) else [value] if value else [])))

    _notice("IPTC CopyrightNotice", of(NOTICE), found)
    found.creator = found.creator or of(BYLINE) or of(CREDIT)
    found.title = found.title or of(TITLE)


def _decoded(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def _line(value: object) -> str | None:
    return " ".join(str(value or "").replace("\0", " ").split()) or None


def _field(where: str, value: str, found: Found) -> None:
    """Sort a named text field."""
    name = where.lower().removeprefix("png ")
    if name in ("license", "licence", "usage terms", "usageterms", "rights.usageterms"):
        found.licenses.append((where, value))
    elif name in TEXTS or name == "comment":
        _notice(where, value, found)
    elif name in ("author", "artist", "creator"):
        found.creator = found.creator or _line(value)
    elif name == "title":
        found.title = found.title or _line(value)


def _notice(where: str, value: object, found: Found) -> None:
    said = _line(value)
    if said:
        found.notices.append((where, said))


def _xmp(packet: bytes, found: Found) -> None:
    said = read_xmp(packet)
    if said is not None:
        found.xmp.append(said)


def _of_sound(stream: IO[bytes], found: Found, _: str | None) -> None:
    import mutagen

    file = mutagen.File(stream)
    for name, value in dict(getattr(file, "tags", None) or {}).items() if file is not None else ():
        _tag(name, value, found)


def _tag(name: str, value: Any, found: Found) -> None:
    """Sort one tag: ID3's TCOP, WCOP, TIT2, TPE1, TXXX; Vorbis comments; MP4's atoms."""
    key = name.split(":", 1)[0] if name[:4] in ("TCOP", "TPE1", "TIT2", "WCOP", "COMM") else name.lower()
    key = key.removeprefix("txxx:").removeprefix("wxxx:").removeprefix("----:com.apple.itunes:")
    said = getattr(value, "url", None) or getattr(value, "text", None) or value
    for one in said if isinstance(said, list) else [said]:
        words = _line(_decoded(one) if isinstance(one, bytes) else one)
        if words is None:
            continue
        if key in ("license", "licence", "WCOP"):
            found.licenses.append((name, words))
        elif key in ("copyright", "TCOP", "cprt", "\xa9cpy", "rights"):
            found.notices.append((name, words))
        elif key in ("artist", "TPE1", "\xa9art"):
            found.creator = found.creator or words
        elif key in ("title", "TIT2", "\xa9nam"):
            found.title = found.title or words


def _of_pdf(stream: IO[bytes], found: Found, _: str | None) -> None:
    try:
        info, packet = _pdf(stream, strict=True)  # without a look at every object of the file
    except Exception:  # pypdf raises what it likes; `look` says of what is left that it is broken
        try:
            info, packet = _pdf(stream, strict=False)
        except Exception:  # as above
            # Its packet may stand open in an encrypted file; in another it may be a picture's, or an earlier state's.
            stream.seek(0)
            data = stream.read(LARGEST + 1)
            info, packet = {}, _packet(data) if b"/Encrypt" in data and len(data) <= LARGEST else None
            if packet is None or data.count(b"<rdf:RDF") != 1:
                raise
    found.title, found.creator = _line(info.get("/Title")), _line(info.get("/Author"))
    for name in ("/License", "/Copyright", "/Rights"):
        if name in info:
            _field(name[1:], info[name], found)
    if packet is not None:
        _xmp(packet, found)


def _pdf(stream: IO[bytes], strict: bool) -> tuple[dict[str, str], bytes | None]:
    """Return the texts of a document's information dictionary, and its own XMP packet."""
    from pypdf import PdfReader

    reader = PdfReader(stream, strict=strict)
    info: dict[str, Any] = reader.metadata or {}
    metadata = reader.root_object.get("/Metadata")
    texts = {name: _decoded(value) if isinstance(value := info[name], bytes) else value for name in info}
    said = {name: str(text) for name, text in texts.items() if isinstance(text, str)}
    return said, None if metadata is None else metadata.get_object().get_data()


READERS = {
    "pdf": _of_pdf,
    "sound": _of_sound,
    "video": _of_video,
    "webp": _of_webp,
    "tiff": _of_tiff,
    "heif": _of_heif,
}
