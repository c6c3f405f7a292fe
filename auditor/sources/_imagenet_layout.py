"""ImageNet as folders, tars (of tars) and annotations: names only, no picture is opened and nothing is unpacked."""

import hashlib
import re
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc

from auditor.errors import BadInput
from auditor.schema import Page, batch_of, constant
from auditor.sources import _documents
from auditor.sources._documents import Document, documents, is_tar, is_zip
from auditor.sources._imagenet_words import labels, synset_of
from auditor.sources._rdf import check_entities
from auditor.streams import unpacked
from auditor.target import Target

ID = r"n[0-9]{8}_[0-9]+|ILSVRC20[0-9]{2}_(?:train|val|test)_[0-9]{8}"
PICTURE = re.compile(r"\.(?:jpe?g|png|gif|bmp|webp)$", re.IGNORECASE)
NAMED = re.compile(rf"(?:^|/)(?:{ID})\.(?:jpe?g|png|gif|bmp|webp)$", re.IGNORECASE)
ANNOTATION = re.compile(rf"(?:^|/)(?:{ID})\.xml$", re.IGNORECASE)
PACKED = re.compile(r"(?:^|/)(?:n[0-9]{8}|ILSVRC20[0-9]{2}_img_\w+)\.tar(?:\.\w+)?$", re.IGNORECASE)
PACKED_SUFFIX = r"\.tar(?:\.\w+)?$"
IN_HEAD = re.compile(
    rb"(?:^|/)(?:n[0-9]{8}(?:_[0-9]+)?|ILSVRC20[0-9]{2}_[a-z]+_[0-9]{8})\.(?:JPE?G|PNG|TAR)\0", re.IGNORECASE
)
SPLIT = r"(?i:(?:^|/)(?:ILSVRC20[0-9]{2}_)?(?P<split>train|val|test)(?:idation|ing)?(?:/|_[0-9]{8}))"
LISTED = 100_000  # names a page, and rows a batch


def knows(target: Target) -> float:
    """A folder, zip or tar whose names are ImageNet's, or one of its annotations."""
    if target.files:
        fit = sum(
            bool(NAMED.search(f.name) or ANNOTATION.search(f.name) or PACKED.search(f.name)) for f in target.files
        )
        return 0.9 if fit > len(target.files) / 2 else 0.0
    head = target.head
    if is_tar(head):
        return (
            0.95
            if any(IN_HEAD.search(head[place : place + 100]) for place in range(0, min(len(head), 4096), 512))
            else 0.0
        )
    if is_zip(head):
        return 0.9 if _documents.share(target, NAMED) > 0.5 else 0.0
    return 0.9 if is_annotation(head) else 0.0


def is_annotation(head: bytes) -> bool:
    """Say whether an XML file annotates a picture of ImageNet (others use the same elements)."""
    begun = re.match(rb"(?:\xef\xbb\xbf)?\s*(?:<[?!][^>]*>\s*)*<annotation\b", head)
    found = re.search(rb"<filename>\s*([^<]*?)\s*</filename>", head) if begun else None
    return bool(found and re.fullmatch(rf"(?:{ID})(?:\.\w+)?".encode(), found[1]))


def pages(target: Target, context: dict[str, Any]) -> Iterator[Page]:
    """Yield listings of a folder's pictures, its tars, and the annotations of pictures that are not there."""
    if target.path is not None and target.path.is_file():
        kind = "annotations" if is_annotation(target.head) else "archive"
        yield Page.of_file(
            "imagenet", target.path, target.name, context=context | {"kind": kind, "place": target.path.name}
        )
        return
    pictures = [target.place(f) for f in target.files if PICTURE.search(f.name)]
    for row in range(0, len(pictures), LISTED):
        yield _listing(target, pictures[row : row + LISTED], context | {"kind": "listing", "row": row})
    for file in target.files:
        if PACKED.search(file.name):
            place = target.place(file)
            yield Page.of_file(
                "imagenet", file, target.at(file).name, context=context | {"kind": "archive", "place": place}
            )
    seen = {_stem(p) for p in pictures}
    alone = [f for f in target.files if ANNOTATION.search(f.name) and f.stem not in seen]
    yield from _documents.bundles("imagenet", target, alone, context | {"kind": "annotations"})


def _stem(place: str) -> str:
    return place.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def _listing(target: Target, places: list[str], context: dict[str, Any]) -> Page:
    body = "\0".join(places).encode("utf-8", "surrogateescape")
    digest = hashlib.sha256(body).hexdigest()
    return Page(
        "imagenet", target.name, body=body, sha256=digest, stamp=digest, media_type="text/plain", context=context
    )


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield a claim a picture, by the names that a listing, an archive or annotations hold."""
    if page.context["kind"] == "annotations":
        yield from _annotated(page)
        return
    row = int(page.context.get("row", 0))
    names = iter(_listed(page)) if page.context["kind"] == "listing" else _archived(page)
    while some := list(islice(names, LISTED)):
        yield _claims(some, row, page)
        row += len(some)


def _listed(page: Page) -> list[str]:
    return page.read().decode("utf-8", "backslashreplace").split("\0")


def _claims(
    names: list[str], row: int, page: Page, synsets: pa.Array | None = None, errors: pa.Array | None = None
) -> pa.RecordBatch:
    array = pa.array([n.encode("utf-8", "backslashreplace").decode() for n in names], pa.string())
    own = pc.struct_field(pc.extract_regex(array, rf"(?i:(?:^|/)(?P<id>{ID})(?:\.\w+)?$)"), [0])
    split = pc.struct_field(pc.extract_regex(array, SPLIT), [0])
    synsets = synset_of(array) if synsets is None else pc.coalesce(synset_of(array), synsets)
    return batch_of(
        [
            ("item_id", pc.coalesce(own, array)),
            ("row", pa.array(range(row, row + len(names)), pa.int64())),
            ("kind", constant("image", len(names))),
            ("split", split),
            ("label", labels(synsets, page.context.get("words") or {})),
            ("error", pa.nulls(len(names), pa.string()) if errors is None else errors),
        ]
    )


def _archived(page: Page) -> Iterator[str]:
    """Yield the names of the pictures in an archive, those in tars inside it with the tar's name before them."""
    path = Path(page.path or page.locator)
    with path.open("rb") as raw:
        head = raw.read(512)
    if is_zip(head):
        with zipfile.ZipFile(path) as archive:
            yield from (n for n in archive.namelist() if PICTURE.search(n))
    elif is_tar(head):
        with path.open("rb") as raw:
            yield from _in_tar(raw, "r:")
    else:
        with unpacked(path) as stream:
            yield from _in_tar(stream, "r|")


def _in_tar(stream: IO[bytes], mode: Any, before: str = "") -> Iterator[str]:
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        while (member := archive.next()) is not None:
            archive.members.clear()  # type: ignore[attr-defined]  # it keeps every member it has read: over 1 GB for ILSVRC
            if member.isfile() and PICTURE.search(member.name):
                yield before + member.name
            elif member.isfile() and PACKED.search(member.name):
                inner = archive.extractfile(member)
                if inner is not None:
                    yield from _in_tar(inner, mode, f"{before}{re.sub(PACKED_SUFFIX, '', member.name)}/")


def _annotated(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield a claim an annotation: of the picture that it names by <folder> and <filename>."""
    found: Iterable[Document] = documents(page, ANNOTATION)
    while some := list(islice(iter(found), LISTED)):
        facts = [_annotation(d) for d in some]
        synsets, errors = (pa.array([f[i] for f in facts], pa.string()) for i in (1, 2))
        yield _claims([f[0] for f in facts], some[0].row, page, synsets, errors)


def _annotation(document: Document) -> tuple[str, str | None, str | None]:
    """Return the picture's name, its synset and what was wrong."""
    from defusedxml.ElementTree import ParseError, fromstring

    stem = document.place.rsplit(".", 1)[0]
    try:
        if document.error:
            raise BadInput(document.error)
        check_entities(document.body, document.place)
        root = fromstring(document.body, forbid_dtd=False)
    except BadInput as broken:
        return stem, None, str(broken)
    except (ParseError, ValueError) as broken:
        return stem, None, f"{document.place} is not well-formed XML ({broken}): get the file again."
    folder, name = (" ".join((root.findtext(tag) or "").split()) for tag in ("folder", "filename"))
    if not re.fullmatch(rf"(?:{ID})(?:\.\w+)?", name):
        name = stem.rsplit("/", 1)[-1]
    above = document.place.rsplit("/", 1)[0] + "/" if "/" in document.place else ""
    return above + name, folder if re.fullmatch(r"n\d{8}", folder) else None, None
