"""SVG files with RDF in their metadata (Creative Commons' cc:Work, as Inkscape and Openclipart write it).

An item is a file. A Work of rdf:about="" speaks of the file itself; others speak of works that it contains. An
empty licence element says nothing; an SPDX tag in a comment is the file's own word (as REUSE has it). Where the file's
own Work says nothing, what is said of others is kept as a claim of scope `part`: it never covers the file. Where several
speak of it, each statement is a claim of its own.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

import pyarrow as pa

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.schema import Page, claims
from auditor.sources import _repository_whole as whole
from auditor.sources._documents import Document, documents, is_tar, one, pages, share
from auditor.sources._rdf import RDF, STATEMENT, dc, first, rdf_roots, resource, words
from auditor.sources._repository_reuse import TAG
from auditor.sources._table_roles import TERMS
from auditor.target import Target

SUMMARY = "SVG pictures with their licence as embedded RDF; files, folders, tar, zip"
BESIDE = True
NAME = re.compile(r"\.svgz?$", re.IGNORECASE)
CC = ("{http://web.resource.org/cc/}", "{http://creativecommons.org/ns#}")
FACTS = ("title", "creator", "copyright_text", "item_url")
COMMENT = re.compile(rb"<!--(.*?)-->", re.DOTALL)
XMP = "{http://ns.adobe.com/xap/1.0/rights/}"


def knows(target: Target) -> float:
    """An SVG file by its root element; a folder, tar or zip that is mostly SVG files by their names."""
    head = target.head
    if target.files or head.startswith(b"PK"):
        return 0.8 if share(target, NAME) >= 0.5 else 0.0
    if is_tar(head):
        return 0.8 if re.search(rb"\.svgz?\0", head, re.IGNORECASE) else 0.0
    if target.url is not None and target.path is None:
        return 0.7 if NAME.search(target.url.path) else 0.0
    if not is_svg(head):
        return 0.5 if NAME.search(target.filename) and head else 0.0
    return 0.9


def is_svg(head: bytes) -> bool:
    """Say whether the root element of what begins so is `svg`."""
    text = re.sub(rb"<!--.*?-->", b"", head.removeprefix(b"\xef\xbb\xbf"), flags=re.DOTALL).lstrip()
    root = re.search(rb"<([A-Za-z][\w:.-]*)", text)
    return text.startswith(b"<") and root is not None and root[1].rsplit(b":", 1)[-1] == b"svg"


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the file or archive as it is, a folder in bundles, after what its README and licence files say of the whole."""
    if target.path is not None and target.path.is_dir():
        yield from whole.beside(target)
        yield from whole.below(target, {folder for f in target.files if NAME.search(f.name) for folder in f.parents})
    yield from pages("svg_rdf", target, get, NAME)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield the claims of each file: one a statement, word for word; a file that says nothing has one without words."""
    return iter(claims(c for document in documents(page, NAME) for c in of_document(document)))


def of_path(path: Path, place: str, row: int) -> list[dict[str, Any]]:
    """Return the claims of one file, or why it can't be read."""
    return of_document(one(path, place, row))


def of_document(document: Document) -> list[dict[str, Any]]:
    """Return the claims of one file: one a statement, word for word."""
    base: dict[str, Any] = {"item_id": document.place, "row": document.row, "kind": "image", "authority": "embedded"}
    try:
        if document.error:
            raise BadInput(document.error)
        works = [w for root in rdf_roots(document.body, document.place) for w in _works(root, document.place)]
    except BadInput as broken:
        return [base | {"error": str(broken)}]
    own = works if len(works) == 1 else [w for w in works if w.own]
    others = [w for w in works if w not in own]
    for fact in FACTS:
        base[fact] = first([w.facts[fact] for w in own or works])
    base["was_derived_from"] = list(dict.fromkeys(u for w in own for u in w.origins)) or None
    comments = [m[1].decode("utf-8", "replace").strip() for m in COMMENT.finditer(document.body)]
    tags = [{"license_text": t, "place": "comment"} for t in dict.fromkeys(comments) if TAG.search(t)]
    said = [*_unique(own), *tags]
    if said or (not own and all(w.said for w in others)):
        found = [base | s for s in (*said, *(s for s in _unique(others) if s not in said))] or [base]
        return [*found, *(base | {"authority": "mention"} | s for s in _beside(comments, own) if s not in tags)]
    return [base, *(base | s | {"scope": "part"} for s in _unique(others))]


def _beside(comments: list[str], own: list["_Work"]) -> Iterator[dict[str, str]]:
    """Yield what descriptions and comments say of terms: beside a licence they can only restrict, alone they show nothing free."""
    said = [("description", t) for w in own for t in w.about] + [("comment", t) for t in comments]
    yield from ({"license_text": t, "place": place} for place, t in dict.fromkeys(said) if re.search(TERMS, t))


def _unique(works: list["_Work"]) -> list[dict[str, str]]:
    return [dict(s) for s in dict.fromkeys(tuple(s.items()) for w in works for s in w.said)]


class _Work:
    """One cc:Work (or rdf:Description) of a file: what it is told to be, and what is said of its licence.

    own: it speaks of the file itself, not of a work that the file contains or comes from.
    """

    def __init__(self, element: Element, place: str, nested: bool) -> None:
        about = (element.get(RDF + "about") or element.get("about") or "").strip()
        self.own = not nested and (not about or _name(about) == _name(place))
        self.said = list(_said(element))
        self.facts = {
            "title": first([words(e) for e in dc(element, "title")]),
            "creator": first([words(e) for e in dc(element, "creator")]),
            "copyright_text": first([words(e) for e in dc(element, "rights")]),
            "item_url": about if _is_url(about) else None,
        }
        self.about = [t for t in map(words, dc(element, "description")) if t]
        self.origins = [u for u in (resource(e) or words(e) for e in dc(element, "source")) if u and _is_url(u)]


def _name(place: str) -> str:
    """Return the last part of a path or URL."""
    return unquote(place.split("?", 1)[0].split("#", 1)[0]).rstrip("/").rsplit("/", 1)[-1]


def _works(root: Element, place: str) -> list[_Work]:
    top, tags = list(root), (*(space + "Work" for space in CC), RDF + "Description")
    found = [_Work(e, place, e not in top) for e in root.iter() if e.tag in tags]
    return [w for w in found if w.said or any(w.facts.values())]


def _said(work: Element) -> Iterator[dict[str, str]]:
    """Yield each statement of one Work: its licence elements, and its rights where they are more than a name."""
    for space in CC:
        for element in work.findall(space + "license"):
            options = list(element.iter(RDF + "li")) or [element]
            yield from (s for s in (_statement(resource(e) or words(e)) for e in options) if s)
        yield from _given(work.get(space + "license"))
    for element in dc(work, "license"):
        yield from _given(resource(element) or words(element))
    for element in dc(work, "rights"):
        pointed, text = element.get(RDF + "resource"), words(element)
        yield from _given(pointed)
        yield from _given(text if text and STATEMENT.search(text) else None)
    for name in ("WebStatement", "UsageTerms"):
        yield from _given(work.get(XMP + name) or words(work.find(XMP + name)))


def _given(value: str | None) -> Iterator[dict[str, str]]:
    statement = _statement(value)
    if statement:
        yield statement


def _statement(value: str | None) -> dict[str, str] | None:
    value = (value or "").strip()
    return ({"license_url": value} if _is_url(value) else {"license_text": value}) if value else None


def _is_url(value: str) -> bool:
    return bool(re.match(r"https?://\S+$", value, re.IGNORECASE))
