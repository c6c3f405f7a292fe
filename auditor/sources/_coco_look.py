"""A bounded look at a JSON file: whether it is of COCO's kind, what it says of itself, and what part it lists."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from auditor.sources._table_roles import TERMS
from auditor.streams import encoding_of, head_of, packed

HEAD = 1 << 16
ORDINARY = frozenset({"info", "licenses", "annotations", "categories"})
NAMED = frozenset({"file_name", "coco_url", "flickr_url"})
RESULT = frozenset({"image_id", "category_id", "bbox", "score", "segmentation", "keypoints", "caption", "area", "id"})
SPLIT = re.compile(r"(?i)(?<![a-z])(trainval|train|minival|val(?:id(?:ation)?)?|test(?:[-_]?dev)?|unlabeled)(?![a-z])")
KIND = re.compile(
    r"(?i)(?<![a-z0-9])_?(?:person_keypoints|keypoints|instances|captions|panoptic|stuff|image_info|annotations?|labels|coco)"
    r"(?![a-z0-9])"
)
LICENSE = re.compile(r"(?i)licen[cs]|rights|copyright|terms_of_use|usage_terms")


@dataclass
class Look:
    """What the first bytes of a JSON file show of its top object, or of the list that it is."""

    top: dict[str, Any] = field(default_factory=dict)
    entry: dict[str, Any] | None = None  # the first object, where the file is a list

    @property
    def image(self) -> dict[str, Any] | None:
        """The first of its images."""
        return first(self.top.get("images"))

    @property
    def info(self) -> dict[str, Any]:
        """What the file says of itself."""
        info = self.top.get("info")
        return info if isinstance(info, dict) else {}

    @property
    def result(self) -> bool:
        """Whether it is a list of results: predictions for images that another file lists."""
        return self.entry is not None and {"image_id"} < self.entry.keys() <= RESULT

    def is_coco(self, path: Path) -> bool:
        """Say whether the file lists images as COCO does; keys may come in any order."""
        if "images" in self.top:
            return self._lists_images()
        if self.top.keys() & {"cats", "anns", "imgs", "imgToAnns"}:  # COCO-Text
            return holds(path, b'"imgs"') and holds(path, b'"imgToAnns"')
        note = first(self.top.get("annotations")) or {}
        seen = "image_id" in note and bool(note.keys() & (RESULT | {"segments_info"}) - {"image_id", "id"})
        group = first(self.top.get("categories")) or {}
        return (seen or {"id", "name"} <= group.keys()) and holds(path, b'"images"')

    def _lists_images(self) -> bool:
        image = self.image
        if image is None:
            return self.top["images"] in ([], None) and len(self.top.keys() & ORDINARY) > 1
        has_id, ordinary = bool(image.keys() & {"id", "image_id"}), bool(self.top.keys() & ORDINARY)
        if has_id and image.keys() & NAMED:
            return True
        return ordinary and ("file_name" in image or (has_id and "url" in image))


def first(values: Any) -> dict[str, Any] | None:
    """Return the first object of a list, if it has one."""
    return next((v for v in values if isinstance(v, dict)), None) if isinstance(values, list) else None


def look(head: bytes) -> Look:
    """Read as much of a JSON text as its first bytes give."""
    import ijson

    text = head.decode(encoding_of(head), "replace").removeprefix("\ufeff").lstrip()
    if text[:1] not in ("{", "["):
        return Look()
    builder = ijson.ObjectBuilder()
    try:
        for event, value in ijson.basic_parse(io.BytesIO(text.encode("utf-8", "replace"))):
            builder.event(event, value)
    except (ijson.JSONError, UnicodeDecodeError):
        pass
    seen = getattr(builder, "value", None)
    return Look(top=seen) if isinstance(seen, dict) else Look(entry=first(seen))


def look_at(path: Path) -> Look:
    """Look at a file's first bytes, decompressed."""
    return look(head_of(path, HEAD))


def holds(path: Path, word: bytes) -> bool:
    """Say whether the word stands in a file; a compressed file is not searched, and taken to hold it."""
    import mmap

    if packed(path) is not None:
        return True
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text:
        return text.find(word) >= 0


def part_of(place: str) -> str:
    """Return what a file's place says of the part it lists: `annotations/instances_val2017.json` -> `val2017`.

    Files on the same images differ in the kind of annotation, so the words for kinds are left out.
    """
    path = PurePosixPath(place)
    stem = re.sub(r"(?i)(?:\.(?:json|gz|bz2|xz|zst|zstd|lzma))+$", "", path.name)
    words = [re.sub(r"[_.\s-]+", "_", KIND.sub("_", w)).strip("_") for w in (*path.parent.parts, stem)]
    return "/".join(w for w in words if w)


def split_of(words: str) -> str | None:
    """Return train, val, test and the like, where the words name one; the last counts."""
    found = SPLIT.findall(words)
    if not found:
        return None
    said: str = found[-1].lower().replace("_", "-")
    return {"valid": "val", "validation": "val", "testdev": "test-dev"}.get(said, said)


def stated(info: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the licence statements that a file's `info` makes of the file: license_text and license_url each."""
    said = _pair(info)
    every = [said] if said else []
    for key, value in info.items():
        if not isinstance(value, str) or not value.strip() or value in said.values():
            continue
        if LICENSE.search(key) or (
            key == "description" and (re.search(TERMS, value) or re.search(r"(?i)creative ?commons", value))
        ):
            every.append({"license_url" if value.lower().startswith("http") else "license_text": value})
    return every


def _pair(info: Mapping[str, Any]) -> dict[str, str]:
    """Return the name and the URL of a licence that belong together."""
    own = info.get("license") or info.get("licence")
    own = own if isinstance(own, dict) else {"url" if str(own).lower().startswith("http") else "name": own}
    text = own.get("name") or info.get("license_name")
    url = own.get("url") or info.get("license_url")
    pair = {"license_text": text, "license_url": url}
    return {k: v for k, v in pair.items() if isinstance(v, str) and v.strip()}
