"""A COCO-format file written anew with some of its images, and the annotations of those."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec

from auditor.schema import Page
from auditor.sources._coco_text import plain_text

BY_ID = dict[str, msgspec.Raw]
LIST = msgspec.json.Decoder(list[msgspec.Raw])


def write(page: Page, rows: Collection[int], out: Path) -> None:
    """Write the images in these places of `images`, the annotations that refer to them, and all else as it stands."""
    document = msgspec.json.decode(plain_text(page), type=dict[str, msgspec.Raw])
    kept = set(rows)
    if "images" not in document:
        out.write_bytes(msgspec.json.encode(_index(document, kept)) + b"\n")
        return
    images = [raw for place, raw in enumerate(LIST.decode(document["images"])) if place in kept]
    ids = {_key(_of(raw)) for raw in images}
    document["images"] = msgspec.Raw(b"[" + b",\n".join(map(bytes, images)) + b"]")
    if bytes(document.get("annotations", b"null")).lstrip()[:1] == b"[":
        notes = [n for n in LIST.decode(document["annotations"]) if _key(_image_of(n)) in ids]
        document["annotations"] = msgspec.Raw(b"[" + b",\n".join(map(bytes, notes)) + b"]")
    out.write_bytes(msgspec.json.encode(document) + b"\n")


def _index(document: dict[str, msgspec.Raw], kept: set[int]) -> dict[str, Any]:
    """Return an index of images and annotations by id (COCO-Text) with only the images in these places."""
    imgs, anns, of = (msgspec.json.decode(document.get(k, b"{}"), type=BY_ID) for k in ("imgs", "anns", "imgToAnns"))
    imgs = {k: raw for place, (k, raw) in enumerate(imgs.items()) if place in kept}
    ids = {_key(_of(raw)) for raw in imgs.values()} | imgs.keys()
    anns = {k: raw for k, raw in anns.items() if _key(_image_of(raw)) in ids}
    return document | {"imgs": imgs, "anns": anns, "imgToAnns": {k: raw for k, raw in of.items() if k in ids}}


def _of(raw: msgspec.Raw) -> Any:
    image = msgspec.json.decode(raw)
    return image.get("id", image.get("image_id")) if isinstance(image, dict) else None


def _image_of(raw: msgspec.Raw) -> Any:
    note = msgspec.json.decode(raw)
    return note.get("image_id") if isinstance(note, dict) else None


def _key(value: Any) -> str:
    """Return an id as text: 7 and "7" are one."""
    return str(value)
