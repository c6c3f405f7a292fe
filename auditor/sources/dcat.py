"""DCAT: datasets and catalogues in JSON-LD, Turtle and RDF/XML, and Project Open Data's data.json.

Licences stand on the dataset or, as DCAT-AP asks for, on each distribution; `rights` and `accessRights` beside them;
`accessLevel` is Project Open Data's (real data: dcat/ckanext-dcat). A catalogue's own licence is of its records.
"""

import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from auditor.fetch import Get
from auditor.schema import Page
from auditor.sources import _croissant_claims as said
from auditor.sources import _croissant_read as ld
from auditor.sources import _linked as linked
from auditor.sources import _records as records
from auditor.sources import _repository_said as place
from auditor.target import Target

SUMMARY = "DCAT descriptions of datasets and catalogues: JSON-LD, Turtle, RDF/XML, data.json"
SOURCE = "dcat"
NAMESPACE = re.compile(rb"www\.w3\.org/ns/dcat#")
SCHEMA = re.compile(rb"schema\.org/?>")
TURTLE = re.compile(r"(?i)\.(?:ttl|turtle|nt|n3)(?:\.\w+)?$")
PLAIN = (re.compile(rb'"distribution"\s*:'), re.compile(rb'"(?:accessURL|downloadURL|accessLevel)"\s*:'))
LISTED = ("dataset", "record", "seriesMember")
TYPE = re.compile(r"(?i)(?:.*[:/#])?dataset(?:series)?")
OF_DATASETS = ("distribution", "accessLevel", "landingPage")
DEEPEST = 8


def knows(target: Target) -> float:
    """RDF or JSON-LD that uses DCAT's namespace; JSON with its plain keys; Turtle of schema.org's datasets."""
    if target.path is None:
        if target.url is None:
            return 0.0
        return 0.6 if TURTLE.search(target.filename) or target.url.path == "/data.json" else 0.0
    head = target.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] in (b"{", b"["):
        named = NAMESPACE.search(head) and b"@context" in head
        return 0.9 if named else 0.85 if all(key.search(head) for key in PLAIN) else 0.0
    if head[:1] == b"<" and b"rdf:RDF" in head[:4096]:
        return 0.9 if NAMESPACE.search(head) else 0.0
    if TURTLE.search(target.filename) or b"@prefix" in head[:4096]:
        return 0.9 if NAMESPACE.search(head) else 0.6 if SCHEMA.search(head) else 0.0
    return 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the page of a dataset for the whole, of many as items."""
    return records.pages(SOURCE, target, get, read)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Turn datasets into claims."""
    return records.parse(page, read)


def read(page: Page) -> list[records.Record]:
    """Read the datasets of a page, in any of the forms."""
    body = records.body(page).removeprefix(b"\xef\xbb\xbf").lstrip()
    if body[:1] in (b"{", b"["):
        found = [n for document in records.documents(page) for n in _of_json(document)]
    else:
        form = "xml" if body[:1] == b"<" and b"rdf:RDF" in body[:4096] else "turtle"
        found = linked.of_rdf(body, form, page.locator, _is_dataset)
    return [_record(n) for n in found]


def _is_dataset(node: ld.Node) -> bool:
    kinds = node.get("@type") or node.get("type")
    return any(isinstance(k, str) and TYPE.fullmatch(k) for k in (kinds if isinstance(kinds, list) else [kinds]))


def _of_json(document: Any) -> list[ld.Node]:
    """Return the datasets of a JSON document: typed so, listed by a catalogue, or the document itself; each once."""
    by_id = linked.of_graph(document)
    found = list(_walked(document, False, 0))
    if not found and isinstance(document, dict) and ld.values(document, "distribution"):
        found = [document]
    whole = {ld.identity(n) or repr(n): linked.nested(n, by_id) for n in found if n.keys() - {"@id", "@type", "id"}}
    return list(whole.values())


def _walked(value: Any, listed: bool, depth: int) -> Iterator[ld.Node]:
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        for one in value:
            yield from _walked(one, listed or depth == 0, depth + 1)
    elif isinstance(value, dict):
        if _is_dataset(value) or (listed and any(ld.values(value, key) for key in OF_DATASETS)):
            yield value
            return
        for key in ("@graph", *LISTED):
            for one in ld.values(value, key):
                yield from _walked(one, key in LISTED, depth + 1)


def _record(node: ld.Node) -> records.Record:
    stated = [*said.licenses(node, node), *_level(node)]
    about = said.about(node) | records.about(item_url=_page(node))
    about |= records.about(creator=about.get("creator") or ld.first(node, "publisher"))
    name = ld.identity(node) or ld.first(node, "identifier") or ""
    return records.Record(
        name, about, stated, [_part(d) for d in ld.values(node, "distribution") if isinstance(d, dict)]
    )


def _page(node: ld.Node) -> str | None:
    pages = [ld.address(v) for key in ("landingPage", "url") for v in ld.values(node, key)]
    return next((p for p in pages if p and records.WEB.fullmatch(p)), None)


def _level(node: ld.Node) -> list[dict[str, Any]]:
    return [claim for value in ld.values(node, "accessLevel") for claim in place.access(ld.text(value))]


def _part(node: ld.Node) -> records.Record:
    places = [ld.address(v) for key in ("downloadURL", "accessURL") for v in ld.values(node, key)]
    where = next((p for p in places if p), None)
    about = said.about(node) | records.about(item_url=where, kind=ld.first(node, "format") or "distribution")
    name = ld.identity(node) or ld.first(node, "identifier") or where or ""
    return records.Record(name, about, list(said.licenses(node, node)))
