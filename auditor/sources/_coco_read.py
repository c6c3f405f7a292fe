"""COCO-format JSON to typed records: only what is asked for is decoded, straight from the mapped file.

What the strict reader refuses is read again by one that gives way: NaN, bytes that are no UTF-8, an entry that is no
object. Nothing of it is lost: an entry that can't be read keeps its place, with what is wrong.
"""

import mmap
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec

from auditor.errors import BadInput
from auditor.schema import Page
from auditor.streams import encoding_of, head_of, packed, text_of

LOOSE = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b')
SURROGATE = re.compile(rb"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


class Image(msgspec.Struct, gc=False):
    """One of `images`: any value may be of any type, as exporters differ."""

    id: Any = None
    image_id: Any = None
    file_name: Any = None
    coco_url: Any = None
    flickr_url: Any = None
    original_url: Any = None
    url: Any = None
    license: Any = None
    licence: Any = None
    license_id: Any = None
    license_name: Any = None
    license_url: Any = None
    rights_holder: Any = None
    author: Any = None
    copyright: Any = None


class Segment(msgspec.Struct, gc=False):
    """One segment of a panoptic annotation."""

    category_id: Any = None


class Annotation(msgspec.Struct, gc=False):
    """One of `annotations`: what ties a category to an image."""

    image_id: Any = None
    category_id: Any = None
    segments_info: list[Segment] | None = None


class File(msgspec.Struct, gc=False):
    """What a file lists."""

    images: list[Image] | None
    licenses: Any = None
    categories: Any = None
    annotations: list[Annotation] | None = None


class Raw(msgspec.Struct):
    """The same, undecoded."""

    images: msgspec.Raw
    licenses: Any = None
    categories: Any = None
    annotations: msgspec.Raw = msgspec.Raw(b"null")


Pairs = tuple[Any, Any]  # image ids and category ids, as lists or numpy arrays of one length


@dataclass
class Listing:
    """A file's records; `errors`: by place in `images`, what is wrong with an entry."""

    file: File
    errors: dict[int, str] = field(default_factory=dict)
    later: Callable[[], Pairs] | None = None  # where the annotations were not decoded: gives what they tie together

    def pairs(self) -> Pairs:
        """Return image and category of each annotation, or of each segment of a panoptic one."""
        return self.later() if self.later is not None else flat(self.file.annotations or [])


STRICT, GIVING = msgspec.json.Decoder(File), msgspec.json.Decoder(Raw)
ENTRIES = msgspec.json.Decoder(list[msgspec.Raw])
IMAGE, NOTE = msgspec.json.Decoder(Image), msgspec.json.Decoder(Annotation)


def load(page: Page) -> Listing:
    """Return what the file of a page lists; BadInput where it is no whole JSON or lists no images."""
    from auditor.sources._coco_quick import pairs_in, quick

    try:
        with _text(page) as text:
            found = quick(text)
            if found is not None:
                file, (start, end) = found
                return Listing(file, later=lambda: pairs_in(text, start, end) or flat(_notes(text[start:end])))
            return _decode(text, page)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        return _decode(_mended(page), page)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if "truncated" in str(error):
            raise BadInput(f"{page.locator} ends in the middle of its JSON: get the file again.") from None
        raise BadInput(f"{page.locator} is no valid JSON ({error}): get the file again, or mend it.") from None


@contextmanager
def _text(page: Page) -> Iterator[Any]:
    """Give the text as a buffer in UTF-8: the mapped file itself where it is plain."""
    if page.body is not None:
        yield page.body
        return
    assert page.path is not None
    path = Path(page.path)
    head = head_of(path, 1 << 16)
    if not head.strip():
        raise BadInput(f"{page.locator} is empty: there is nothing to audit in it.")
    plain = packed(path) is None and encoding_of(head) == "utf-8" and not head.startswith(b"\xef\xbb\xbf")
    if not plain:
        with text_of(path, encoding_of(head)) as stream:
            yield stream.read()
        return
    with path.open("rb") as stream:
        yield mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)


def _mended(page: Page) -> bytes:
    """Return the text with what strict JSON has no place for made null or U+FFFD: NaN, broken characters."""
    if page.body is not None:
        text = page.body.decode("utf-8", "replace").encode()
    else:
        path = Path(str(page.path))
        with text_of(path, encoding_of(head_of(path, 1 << 16))) as stream:
            text = stream.read()
    text = SURROGATE.sub(lambda m: m[1] or rb"\ufffd", text)
    if b"NaN" in text or b"Infinity" in text:
        text = LOOSE.sub(lambda m: m[0] if m[0][:1] == b'"' else b"null", text)
    return text


def _decode(text: Any, page: Page) -> Listing:
    try:
        return Listing(STRICT.decode(text))
    except msgspec.ValidationError:
        return _giving_way(text, page)


def _giving_way(text: Any, page: Page) -> Listing:
    """Decode entry by entry; one of the wrong shape stays as an empty record, and why is told."""
    try:
        raw = GIVING.decode(text)
        entries = ENTRIES.decode(raw.images)
    except msgspec.ValidationError:
        raise BadInput(f"{page.locator} has no list of `images`: give the annotation file that lists them.") from None
    errors: dict[int, str] = {}
    images = []
    for place, entry in enumerate(entries):
        try:
            images.append(IMAGE.decode(entry))
        except msgspec.ValidationError:
            images.append(Image())
            errors[place] = f"this entry of `images` is no object: {bytes(entry)[:80].decode('utf-8', 'replace')}"
    return Listing(File(images, raw.licenses, raw.categories, list(_notes(raw.annotations))), errors)


def flat(every: Iterable[Annotation]) -> Pairs:
    """Return image and category of each annotation, or of each segment of a panoptic one."""
    notes = list(every)
    if not any(map(attrgetter("segments_info"), notes)):
        return [n.image_id for n in notes], [n.category_id for n in notes]
    pairs = [(n.image_id, s.category_id) for n in notes for s in n.segments_info or ()]
    return [p[0] for p in pairs], [p[1] for p in pairs]


def _notes(raw: msgspec.Raw | bytes) -> Iterator[Annotation]:
    """Yield the annotations that can be read: they only give labels."""
    try:
        entries = ENTRIES.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    for entry in entries:
        try:
            yield NOTE.decode(entry)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
