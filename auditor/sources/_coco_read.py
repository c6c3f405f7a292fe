"""COCO-format JSON as typed records: only what is asked for is decoded, and an entry of the wrong shape keeps its place."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import msgspec

from auditor.errors import BadInput


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
    rights: Any = None
    usage_terms: Any = None
    terms_of_use: Any = None


class Segment(msgspec.Struct, gc=False):
    """One segment of a panoptic annotation."""

    category_id: Any = None


class Annotation(msgspec.Struct, gc=False):
    """One of `annotations`: what ties a category to an image."""

    image_id: Any = None
    category_id: Any = None
    segments_info: list[Segment] | None = None


class File(msgspec.Struct, gc=False):
    """What a file lists; `imgs` and `anns` where it is the index that COCO's API makes of one (COCO-Text), by id."""

    images: list[Image] | None = None
    licenses: Any = None
    categories: Any = None
    annotations: list[Annotation] | None = None
    imgs: dict[str, Image] | None = None
    anns: dict[str, Annotation] | None = None

    def listed(self) -> "File":
        """Return the same with the images and annotations of an index as lists."""
        if self.images is not None or self.imgs is None:
            return self
        return File([*self.imgs.values()], self.licenses, self.categories, [*(self.anns or {}).values()])


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


def decode(text: Any, locator: str) -> Listing:
    """Return what a text lists, entry by entry where it is not all of the shape it should be."""
    try:
        return Listing(STRICT.decode(text).listed())
    except msgspec.ValidationError:
        return _giving_way(text, locator)


def _giving_way(text: Any, locator: str) -> Listing:
    """Decode entry by entry; one of the wrong shape stays as an empty record, and why is told."""
    try:
        raw = GIVING.decode(text)
        entries = ENTRIES.decode(raw.images)
    except msgspec.ValidationError:
        raise BadInput(f"{locator} has no list of `images`: give the annotation file that lists them.") from None
    errors: dict[int, str] = {}
    images = []
    for place, entry in enumerate(entries):
        try:
            images.append(IMAGE.decode(entry))
        except msgspec.ValidationError:
            images.append(Image())
            errors[place] = f"this entry of `images` is no object: {bytes(entry)[:80].decode('utf-8', 'replace')}"
    return Listing(File(images, raw.licenses, raw.categories, list(notes(raw.annotations))), errors)


def flat(every: Iterable[Annotation]) -> Pairs:
    """Return image and category of each annotation, or of each segment of a panoptic one."""
    notes = list(every)
    if not any(map(attrgetter("segments_info"), notes)):
        return [n.image_id for n in notes], [n.category_id for n in notes]
    pairs = [(n.image_id, s.category_id) for n in notes for s in n.segments_info or ()]
    return [p[0] for p in pairs], [p[1] for p in pairs]


def notes(raw: msgspec.Raw | bytes) -> Iterator[Annotation]:
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
