"""Datasets of the Hugging Face Hub: by URL or id, a local clone, a cache folder; no loading script is ever run.

What is said of the whole comes from the card's front matter, the card's own words, dataset_infos.json, licence files
and the Hub's API; items are the rows of data files that are here, or the configs where their licences differ.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.schema import Page, claims
from auditor.sources import _huggingface_card as card
from auditor.sources import _huggingface_hub as hub
from auditor.sources import _huggingface_names as names
from auditor.sources import _repository_inside as inside
from auditor.sources import _repository_said as place
from auditor.target import Target

SUMMARY = (
    "Hugging Face datasets: huggingface.co/datasets/NS/NAME, hf://datasets/..., NS/NAME, a clone or a cache folder"
)
SOURCE = "huggingface"
CARD, INFOS = "README.md", "dataset_infos.json"
LARGEST = 64 << 20  # bytes of one descriptive file
HEAD = 65_536


def knows(target: Target) -> float:
    """A URL of the Hub, a clone or cache folder, a card; `namespace/name` only if nothing else knows it."""
    if target.path is None:
        return 0.9 if names.of(target) else 0.05 if names.bare(target) else 0.0
    if target.path.is_dir():
        return 0.97 if names.snapshot(target.path) else 0.85 if _is_clone(target.path) else 0.0
    if target.filename == INFOS:
        return 0.75 if b'"license"' in target.head or b'"features"' in target.head else 0.0
    return 0.75 if target.filename == CARD.lower() and card.is_card(target.head.decode("utf-8", "replace")) else 0.0


def _is_clone(folder: Path) -> bool:
    infos, readme = folder / INFOS, folder / CARD
    if infos.is_file():
        return True
    if not readme.is_file():
        return False
    try:
        with readme.open("rb") as stream:
            return card.is_card(stream.read(HEAD).decode("utf-8", "replace"))
    except OSError:
        return False


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the pages that speak of the whole, then those of what is inside."""
    name = names.of(target) or names.bare(target)
    if name is not None:
        yield from hub.pages(target, name, get)
    elif target.path is not None and target.path.is_dir():
        yield from _folder(target, get)
    elif target.path is not None:
        kind = "infos" if target.filename == INFOS else "card"
        page = _page(target, target.path, kind, target.name, {"id": target.name, "files": []})
        yield page
        yield from _configs(target.name, page if kind == "card" else None, page if kind == "infos" else None)


def _folder(target: Target, get: Get) -> Iterator[Page]:
    assert target.path is not None
    cached = names.snapshot(target.path)
    root, known = cached or (target.path, target.name.rstrip("/"))
    every = list(names.files(root))
    own = [f for f in every if f.parent == root]
    licenses = [f.name for f in own if place.is_license(f.name)]
    kinds = {CARD: "card", INFOS: "infos"} | dict.fromkeys(licenses, "license")
    prefix = target.name.rstrip("/") + ("/" if root == target.path else f"/{root.relative_to(target.path).as_posix()}/")
    found: dict[str, Page] = {}
    for file in sorted((f for f in own if f.name in kinds), key=lambda f: (list(kinds).index(f.name), f.name)):
        page = _page(target, file, kinds[file.name], prefix + file.name, {"id": known, "files": licenses})
        if kinds[file.name] == "infos" and not hub.readable(page, target):
            continue
        found[file.name] = page
        yield page
    rest = [f for f in every if f.name not in kinds]
    configs = list(_configs(known, found.get(CARD), found.get(INFOS)))
    data = inside.pages(replace(target, path=root), rest, root, prefix, get)
    yield from data if not configs else inside.whole_only(data, target)
    yield from configs


def _page(target: Target, file: Path, kind: str, locator: str, context: dict[str, Any]) -> Page:
    if file.stat().st_size > LARGEST:
        raise BadInput(f"{locator} is larger than {LARGEST >> 20} MB, which no such file is: look at it by hand.")
    return Page.of_file(SOURCE, file, locator, level="dataset", context={"format": kind} | context)


def _configs(name: str, own: Page | None, infos: Page | None) -> Iterator[Page]:
    """Yield the page of the configs as items, where their licences differ."""
    text = [p.read().decode("utf-8-sig", "replace") if p else None for p in (own, infos)]
    found = card.by_config(*text)
    base = own or infos
    if found and base is not None:
        yield base.with_(
            level="items", slice={"configs": len(found)}, context={"id": name, "configs": found, "unique_ids": True}
        )


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Turn a page into claims: on the whole, or on its configs."""
    yield from claims(_configured(page) if page.level == "items" else _whole(page))


def _configured(page: Page) -> Iterator[dict[str, Any]]:
    for row, (config, said) in enumerate(page.context["configs"].items()):
        base = {"item_id": f"{page.context['id']}#{config}", "row": row, "title": config}
        for one in said:
            yield one | base | {"kind": "config"}


def _whole(page: Page) -> Iterator[dict[str, Any]]:
    base, form, files = place.of_whole(page.context["id"]), page.context["format"], page.context.get("files", [])
    text = page.read().decode("utf-8-sig", "replace")
    if form == "api":
        yield from hub.claims(base, json.loads(text), files)
    elif form == "card":
        yield from card.claims(base, text, files)
    elif form == "infos":
        yield from card.info_claims(base, text)
    else:
        yield from (base | one for one in place.license_file(page.locator.rsplit("/", 1)[-1], page.read(), files))
