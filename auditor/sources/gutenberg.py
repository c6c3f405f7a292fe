"""Project Gutenberg's catalogue: RDF/XML, a file a book (pg84.rdf), loose, in folders, or in the daily tar or zip.

A book's licence statement is `dcterms:rights`. The `cc:license` of every file (CC0) is that of the RDF itself: its
own words are that the Work is rdf:about="", the document. It is kept as a claim of scope `metadata`.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

import pyarrow as pa

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.schema import Page, claims
from auditor.sources._documents import Document, documents, is_tar, is_zip, pages, share
from auditor.sources._rdf import RDF, dc, first, rdf_roots, resource, words
from auditor.target import Target

SUMMARY = "Project Gutenberg's RDF catalogue: pgN.rdf, a folder of them, rdf-files.tar.zip or .tar.bz2"
MANIFEST = "project-gutenberg"
NAME = re.compile(r"(^|/)pg\d+\.rdf(\.\w+)?$", re.IGNORECASE)
NESTED = re.compile(r"(^|/)rdf-files\.tar$", re.IGNORECASE)
PG = "{http://www.gutenberg.org/2009/pgterms/}"
CC = ("{http://web.resource.org/cc/}", "{http://creativecommons.org/ns#}")
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"


def knows(target: Target) -> float:
    """A book's RDF by its namespace; a folder, tar or zip of them by their names."""
    head = target.head
    if is_zip(head) or target.files:
        return 0.9 if share(target, NAME) > 0.5 or (is_zip(head) and share(target, NESTED)) else 0.0
    if is_tar(head):
        return 0.9 if re.search(rb"pg\d+\.rdf\0", head) else 0.0
    if target.url is not None and target.path is None:
        return 0.8 if NAME.search(target.url.path) and (target.url.hostname or "").endswith("gutenberg.org") else 0.0
    return 0.95 if b"<rdf:RDF" in head and b"www.gutenberg.org/2009/pgterms" in head else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the file or archive as it is, a folder in bundles."""
    return pages("gutenberg", target, get, NAME, manifest=MANIFEST)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield the claims of each book: its rights, word for word, and apart from them the licence of the RDF."""
    return iter(claims(_rows(page)))


def _rows(page: Page) -> Iterator[dict[str, Any]]:
    more = 0  # books beyond the first of each file so far
    for document in documents(page, NAME):
        found = _claims(document, document.row + more)
        more = found[-1]["row"] - document.row
        yield from found


def _claims(document: Document, row: int) -> list[dict[str, Any]]:
    """Return the claims of all books of one file, from a row on; one with an error where it can't be read or holds none."""
    found: list[dict[str, Any]] = []
    error = document.error
    try:
        for root in () if error else rdf_roots(document.body, document.place):
            for book in root.iter(PG + "ebook"):
                found += _book(root, book, found[-1]["row"] + 1 if found else row)
    except BadInput as broken:
        error = str(broken)
    if not error and not found:
        error = f"{document.place} describes no book (no pgterms:ebook): it is no Project Gutenberg RDF."
    return [{"item_id": document.place, "row": row, "error": error}] if error else found


def _book(root: Element, book: Element, row: int) -> list[dict[str, Any]]:
    about = (book.get(RDF + "about") or "").strip()
    number = about.rstrip("/").rsplit("/", 1)[-1]
    base = {
        "item_id": f"gutenberg:{number}",
        "row": row,
        "item_url": urljoin(root.get(XML_BASE) or "", about) or None,
        "title": first([words(e) for e in dc(book, "title")]),
        "creator": "; ".join(n for n in (words(e.find(f"{PG}agent/{PG}name")) for e in dc(book, "creator")) if n)
        or None,
        "kind": first([words(e.find(f".//{RDF}value")) for e in dc(book, "type")]),
        "language": first([words(e.find(f".//{RDF}value")) for e in dc(book, "language")]),
    }
    rights = [r for r in (words(e) for e in dc(book, "rights")) if r]
    said = [base | {"license_text": r, "vocabulary": "gutenberg", "authority": "host"} for r in rights]
    return (said or [base]) + [
        base | {"license_url": url, "scope": "metadata", "authority": "host"} for url in _of_the_rdf(root)
    ]


def _of_the_rdf(root: Element) -> list[str]:
    """Return the licences that the file states of itself, not of the book."""
    found = [resource(e) for space in CC for work in root.iter(space + "Work") for e in work.iter(space + "license")]
    return [url for url in found if url]
