"""What is known of a dataset as a whole when its audit begins: its pages' statements, its manifest's, its ancestors'."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from auditor import manifests, sources
from auditor.schema import Page
from auditor.stages import STATEMENT, said
from auditor.statements import Dataset, Said
from auditor.target import Target
from auditor.wholes import by_scope, conclude_dataset


def dataset_of(pages: Iterator[Page], target: Target) -> tuple[list[Page], Dataset, manifests.Manifest | None]:
    """Read the pages that speak of the dataset itself; return the first page of items, and what is known of the whole."""
    first: list[Page] = []
    claims: list[dict[str, Any]] = []
    manifest = target.manifest
    items_from = None
    for page in pages:
        name = page.context.get("manifest")
        manifest = manifest or (manifests.find(name) if name else None)
        items_from = items_from or page.context.get("items_from")
        if page.level != "dataset":
            first = [page]
            break
        for batch in sources.source(page.source).parse(page):
            claims += batch.to_pylist()
    if manifest is not None:
        claims += manifest.claims()
        items_from = manifest.items_from
    every = [replace(said(tuple(c.get(f) for f in STATEMENT)), part=c.get("label")) for c in claims]
    access = tuple(s for s in every if s.authority == "access" or s.scope == "access")
    of_it = tuple(dict.fromkeys(s for s in every if s not in access))
    before = _ancestors(manifest, claims)
    return first, Dataset(items_from or "unknown", of_it, tuple(dict.fromkeys(access)), before), manifest


def _ancestors(manifest: manifests.Manifest | None, claims: Iterable[Mapping[str, Any]]) -> tuple[Said, ...]:
    """Return what is said of the contents of all that a dataset was derived from; of one that nobody knows, NOASSERTION."""
    from auditor.licensing.reading import undetermined
    from auditor.lineage.trace import ancestors

    origins = [*(manifest.origins if manifest else ()), *(o for c in claims for o in c.get("was_derived_from") or ())]
    found: list[Said] = []
    for name, stated in ancestors(origins):
        found += [replace(said(tuple(c.get(f) for f in STATEMENT)), place=name) for c in stated]
        if not stated:
            found.append(Said(undetermined("ancestor", "Nothing is known of it."), None, None, "dataset", None, name))
    return tuple(dict.fromkeys(found))


def described(dataset: Dataset, policy: str, manifest: manifests.Manifest | None) -> dict[str, Any]:
    """Return what is known of the dataset as a whole, for audit.json."""
    parts = by_scope(dataset, policy)
    return {
        "items_from": dataset.items_from,
        "parts": [{"scope": scope, "part": part} | asdict(found) for (scope, part), found in parts.items()],
        "manifest": manifest.told() if manifest else None,
        "statements": [_stated(s) for s in (*dataset.said, *dataset.access)],
        "conclusion": asdict(conclude_dataset(dataset, policy)),
    }


def _stated(one: Said) -> dict[str, Any]:
    reading = {"license": one.reading.license, "category": one.reading.category, "rule": one.reading.rule}
    said = {"text": one.text, "url": one.url, "authority": one.authority, "scope": one.scope}
    return said | {"place": one.place, "as_of": one.as_of, "part": one.part} | reading
