"""RO-Crate: the licence of a crate, those of its files and folders, and what they were made from.

The root is what the metadata descriptor is `about` (https://www.researchobject.org/ro-crate/specification/1.1/root-data-entity);
data entities are what it has as parts, at any depth. A crate's licence is not taken to be its parts': they may differ.
An action's results were derived from its objects; PROV's and schema.org's own words for it count too.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.schema import Page
from auditor.sources import _croissant_claims as said
from auditor.sources import _croissant_read as ld
from auditor.sources import _linked as linked
from auditor.sources import _records as records
from auditor.sources import _repository_said as place
from auditor.target import Target

SUMMARY = "RO-Crate: ro-crate-metadata.json, or the folder it lies in: the crate, and the files that state licences"
SOURCE = "rocrate"
NAMES = ("ro-crate-metadata.json", "ro-crate-metadata.jsonld")
NAMED = re.compile(r"(?:.*-)?ro-crate-metadata\.json(?:ld)?")
PROFILE = re.compile(r"https?://w3id\.org/ro/crate\b.*")
CONTEXT = re.compile(rb'w3id\.org/ro/crate|github\.io/ro-crate|"ro-crate-metadata\.json')
ACTION = re.compile(r"(?i)(?:.*[:/#])?\w*action")
ABSOLUTE = re.compile(r"[a-z][\w+.-]*:|/|#|_:")


def knows(target: Target) -> float:
    """A file so named or of that context; a folder with one at its top."""
    if target.path is not None and target.path.is_dir():
        return 0.9 if any((target.path / name).is_file() for name in NAMES) else 0.0
    if NAMED.fullmatch(target.filename):
        return 0.96 if target.path is None or target.head.lstrip()[:1] == b"{" else 0.0
    return 0.92 if target.head.lstrip()[:1] == b"{" and CONTEXT.search(target.head) else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the page of the crate for the whole, and once more for its parts where they state licences."""
    if target.path is not None and target.path.is_dir():
        name = next(name for name in NAMES if (target.path / name).is_file())
        told = [f.relative_to(target.path).as_posix() for f in target.files if f.name not in NAMES]
        file = replace(target, name=f"{target.name.rstrip('/')}/{name}", path=target.path / name, matches=())
        pages = list(records.pages(SOURCE, file, get, read))
        known = {unquote(p.id).removeprefix("./") for p in read(pages[0])[0].parts}
        rest = sum(not any(f == k or (k.endswith("/") and f.startswith(k)) for k in known) for f in told)
        if rest:
            target.told(f"{rest} files are not among the crate's parts: not examined.")
        yield from pages
    else:
        yield from records.pages(SOURCE, target, get, read)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Turn a crate into claims on the whole, or on its parts."""
    return records.parse(page, read)


def read(page: Page) -> list[records.Record]:
    """Read the crate of a page; BadInput where it has no root."""
    (document,) = records.documents(page)
    by_id = linked.of_graph(document)
    root = _root(by_id)
    if root is None:
        raise BadInput(f"{page.locator} is no RO-Crate: no metadata descriptor in its @graph says what it is about.")
    folder = Path(page.path).parent if page.path and page.locator.rsplit("/", 1)[-1] == Path(page.path).name else None
    made = _made(by_id)
    parts = [_record(n, by_id, made, folder) for n in _parts(root, by_id)]
    return [replace(_record(root, by_id, made, folder), parts=parts)]


def _root(by_id: Mapping[str, ld.Node]) -> ld.Node | None:
    """Return what the descriptor is about: by its name, else by the profile that it conforms to."""
    named = [n for i, n in by_id.items() if NAMED.fullmatch(i.rsplit("/", 1)[-1])]
    conforming = [
        n for n in by_id.values() if any(PROFILE.fullmatch(str(ld.address(v))) for v in ld.values(n, "conformsTo"))
    ]
    for descriptor in named + conforming:
        for about in ld.values(descriptor, "about"):
            if isinstance(about, dict) and ld.identity(about) in by_id:
                return by_id[ld.identity(about)]
    return by_id.get("./")


def _parts(root: ld.Node, by_id: Mapping[str, ld.Node]) -> list[ld.Node]:
    found: dict[str, ld.Node] = {}
    waiting = [root]
    while waiting:
        for part in ld.values(waiting.pop(), "hasPart"):
            name = ld.identity(part) if isinstance(part, dict) else str(part)
            if name in by_id and name not in found and by_id[name] is not root:
                found[name] = by_id[name]
                waiting.append(by_id[name])
    return list(found.values())


def _made(by_id: Mapping[str, ld.Node]) -> dict[str, list[str]]:
    """Return result -> objects of the actions that made them."""
    made: dict[str, list[str]] = {}
    for node in by_id.values():
        kinds = node.get("@type")
        if not any(isinstance(k, str) and ACTION.fullmatch(k) for k in (kinds if isinstance(kinds, list) else [kinds])):
            continue
        objects = [
            o for v in ld.values(node, "object") for o in [ld.identity(v) if isinstance(v, dict) else ld.text(v)] if o
        ]
        for result in ld.values(node, "result"):
            if isinstance(result, dict):
                made.setdefault(ld.identity(result), []).extend(objects)
    return made


def _record(
    node: ld.Node, by_id: Mapping[str, ld.Node], made: Mapping[str, list[str]], folder: Path | None
) -> records.Record:
    whole = linked.nested(node, by_id, 2)
    about = said.about(whole)
    derived = [*said.origins(node), *made.get(ld.identity(node), [])]
    about |= records.about(
        item_url=ld.first(whole, "url", "contentUrl"),
        kind=_kind(node),
        was_derived_from=list(dict.fromkeys(d for d in derived if d != ld.identity(node))),
    )
    stated = [_with_text(c, folder) for c in said.licenses(whole, whole)]
    return records.Record(ld.identity(node), about, stated)


def _kind(node: ld.Node) -> str | None:
    kinds = node.get("@type")
    names = [k.lower() for k in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(k, str)]
    return "file" if "file" in names else "folder" if "dataset" in names else names[0] if names else None


def _with_text(claim: dict[str, Any], folder: Path | None) -> dict[str, Any]:
    """Return a claim with the words of the licence file that it names, where that lies in the crate."""
    name = claim.get("license_text") or ""
    if folder is None or claim.get("license_url") or not name or ABSOLUTE.match(name):
        return claim
    file = folder / unquote(name)
    inside = place.is_license(file.name) and file.resolve().is_relative_to(folder.resolve()) and file.is_file()
    found = next(iter(place.license_file(file.name, file.read_bytes()[: 1 << 20])), None) if inside else None
    return claim | {"license_text": found["license_text"], "place": found["place"]} if found else claim
