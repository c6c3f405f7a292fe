"""Croissant 0.8, 1.0, 1.1 and schema.org Dataset descriptions in JSON-LD, also inside a web page.

The licence of a description's dataset is what its publisher's metadata say (`uploader`); `sdLicense` is of the
description itself and stays apart. Items are the records of files that lie beside it and have a licence field, the
files that state a licence of their own, or the datasets, where one file describes several
(https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html).
"""

import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.schema import Page, claims
from auditor.sources import _croissant_claims as said
from auditor.sources import _croissant_read as ld
from auditor.sources import _croissant_records as records
from auditor.sources import _repository_said as place
from auditor.target import Target

SUMMARY = "Croissant metadata.json (0.8 to 1.1) and schema.org Dataset JSON-LD: a file, a web page or a URL"
SOURCE = "croissant"
LARGEST = 64 << 20  # bytes
CROISSANT = re.compile(rb"mlcommons\.org/(?:schema|croissant)/?")
TYPED = re.compile(rb'(?i)"@?type"\s*:\s*(?:\[[^\]]*)?"(?:[^"]*[:/#])?dataset"')
NAMED = re.compile(r"(?i)(?:.*[-_.])?croissant(?:[-_.].*)?|.*\.jsonld")


PARTS = ("recordSet", "hasPart")  # of a dataset, whose licences bind the whole


def knows(target: Target) -> float:
    """JSON-LD that names Croissant or describes a schema.org Dataset; a web page with some; a URL so named."""
    if target.path is None:
        if target.url is None or target.matches:
            return 0.0
        return 0.95 if target.filename == "croissant" else 0.7 if NAMED.fullmatch(target.filename) else 0.0
    head = target.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] == b"<":
        return 0.6 if b"application/ld+json" in head and TYPED.search(head) else 0.0
    if head[:1] not in (b"{", b"[") or b"@context" not in head:
        return 0.0
    if CROISSANT.search(head):
        return 0.95
    if b"spdx" in head[:2048].lower():
        return 0.0
    return 0.82 if b"schema.org" in head and TYPED.search(head) and b"ro-crate" not in target.filename.encode() else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the page of what is said of the whole, then those of its parts."""
    page = Page.of_file(SOURCE, target.path, target.name) if target.path else get.file(target.name, SOURCE)
    found = _datasets(page)
    if len(found) > 1:
        target.told(f"{target.name} describes {len(found)} datasets: they are the items.")
        yield page.with_(context={"of": "datasets"})
        return
    node = found[0][0]
    yield page.with_(level="dataset")
    yield from records.pages(target, node, get)
    if any(_states(r) for r in ld.values(node, "distribution")):
        target.told("its files state licences of their own: the files are items.")
        yield page.with_(context={"of": "files"})


def _states(resource: Any) -> bool:
    return isinstance(resource, dict) and any(
        ld.values(resource, n) for n in ("license", "licence", "rights", "usageInfo")
    )


def _datasets(page: Page) -> list[tuple[ld.Node, Any]]:
    """Return the datasets with the documents they stand in; BadInput where there is none."""
    body = page.read()
    if len(body) > LARGEST:
        raise BadInput(
            f"{page.locator} is larger than {LARGEST >> 20} MB, which no description is: look at it by hand."
        )
    try:
        documents = ld.documents(body.decode("utf-8-sig", "replace"))
    except ValueError as error:
        short = " ".join(str(error).split())[:120]
        raise BadInput(f"{page.locator} is no whole JSON file ({short}): get it again.") from None
    found = [(node, document) for document in documents for node in ld.datasets(document)]
    if not found:
        raise BadInput(f"{page.locator} describes no dataset: it should be JSON-LD of a schema.org Dataset.")
    return found


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Turn a description into claims: on the dataset, its files, or each of several datasets."""
    yield from claims(_rows(page))


def _rows(page: Page) -> Iterator[dict[str, Any]]:
    found = _datasets(page)
    if page.level == "dataset":
        node, document = found[0]
        base = place.of_whole(ld.identity(node) or page.locator, item_url=ld.first(node, "url"))
        yield from _of(node, document, base)
        for part in (p for name in PARTS for p in ld.values(node, name) if isinstance(p, dict)):
            label = {"label": ld.text(part) or ld.identity(part) or None}
            yield from (base | label | one for one in said.licenses(ld.resolved(part, document), document))
        return
    if page.context.get("of") == "files":
        node, document = found[0]
        nodes = [(r, document) for r in ld.values(node, "distribution") if isinstance(r, dict)]
    else:
        nodes = found
    kind = "file" if page.context.get("of") == "files" else "dataset"
    for row, (one, document) in enumerate(nodes):
        name = ld.identity(one) or ld.first(one, "url", "contentUrl", "name") or f"{page.locator}#{row}"
        item = {"item_id": name, "row": row, "item_url": ld.first(one, "url", "contentUrl")}
        yield from _of(one, document, item, kind)


def _of(node: ld.Node, document: Any, base: dict[str, Any], kind: str | None = None) -> Iterator[dict[str, Any]]:
    base = base | said.about(node)
    found = list(said.licenses(node, document))
    if kind:
        found = [f | {"kind": kind} for f in found if f.get("scope") != "access"] or [{"kind": kind}]
    for one in found:
        yield base | one
    if not found and base.get("was_derived_from"):
        yield base
