"""Frictionless data packages: `datapackage.json` with its resources; rows inside a resource are not its items.

Data Package 1.0 and 2.0 (`licenses`: objects of name, path, title), and what came before (`license` as a string or
object; `id`, `type` and `url` for name and path). A resource's licences stand in place of the package's: "If not
specified the resource inherits from the data package" (https://specs.frictionlessdata.io/data-resource/).
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.licensing import read
from auditor.policy import FORBIDDING
from auditor.schema import Page, claims
from auditor.sources._table_roles import TERMS, is_called_so
from auditor.target import Target

SUMMARY = "Frictionless datapackage.json: one item a resource, each under its own licences or the package's"
NAME, KEYS = "datapackage.json", ("licenses", "license", "licences", "licence")
PROFILE = re.compile(rb'"(?:profile|\$schema)"\s*:\s*"(?:[a-z]+-)*data-package"|datapackage\.org/profiles/')
VAGUE = re.compile(r"(?i)(?:other|custom|proprietary)\b.*")  # says less than the title beside it
MUTE = re.compile(r"(?i)not-?specified|unknown|none|n/?a")  # stands where a name is left out
WEB = re.compile(r"(?i)(?:https?:)?//\S+")
SPEAKS = re.compile(TERMS)  # a description that speaks of terms can only restrict


def knows(target: Target) -> float:
    """A file or URL of that name, or a JSON file that names one of the specification's profiles."""
    if target.filename == NAME and (target.url is not None or target.head.lstrip()[:1] == b"{"):
        return 0.95
    return 0.8 if target.head.lstrip()[:1] == b"{" and PROFILE.search(target.head) else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the descriptor twice: for what it says of the whole, and for its resources."""
    local = target.path and Page.of_file("datapackage", target.path, target.name)
    page = local or get.file(target.name, "datapackage")
    resources = _resources(page, _descriptor(page))
    yield page.with_(level="dataset")
    if resources:
        target.told("datapackage.json: the items are its resources, not the rows inside them.")
        yield page


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Turn the descriptor into claims with vocabulary `opendefinition`; several licences are a claim each."""
    descriptor = _descriptor(page)
    yield from claims(_whole(page, descriptor) if page.level == "dataset" else _items(page, descriptor))


def _descriptor(page: Page) -> dict[str, Any]:
    try:
        said = json.loads(page.read().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{page.locator} is no whole JSON file ({_short(error)}): get it again.") from None
    if not isinstance(said, dict):
        raise BadInput(f"{page.locator} is no data package: it should be a JSON object with `resources`.")
    return said


def _resources(page: Page, descriptor: dict[str, Any]) -> list[Any]:
    resources = descriptor.get("resources", [])
    if not isinstance(resources, list):
        raise BadInput(f"{page.locator} is no data package: its `resources` is not a list.")
    return resources


def _whole(page: Page, descriptor: dict[str, Any]) -> Iterator[dict[str, Any]]:
    row = {"item_id": page.locator, "row": 0, "title": _title(descriptor), "creator": _creators(descriptor)}
    for said in licenses(descriptor):
        yield row | {"authority": "dataset", "item_url": _web(descriptor.get("homepage"))} | said
    for key, more in _beside(descriptor):
        yield row | {"authority": "mention", "place": f"{key} of the package"} | more


def _items(page: Page, descriptor: dict[str, Any]) -> Iterator[dict[str, Any]]:
    space = page.context.get("namespace")
    whole, creator = licenses(descriptor), _creators(descriptor)
    for row, resource in enumerate(_resources(page, descriptor)):
        if not isinstance(resource, dict):
            yield {"item_id": f"{page.locator}#{row}", "row": row, "error": f"resource {row} is not a JSON object"}
            continue
        name = _text(resource.get("name")) or _path(resource) or f"{NAME}#{row}"
        item = {"item_id": f"{space}:{name}" if space else name, "row": row, "title": _title(resource)}
        item |= {"item_url": _web(_path(resource)), "kind": _text(resource.get("format")) or "resource"}
        item |= {"creator": _creators(resource) or creator, "was_derived_from": _sources(resource) or None}
        own = any(resource.get(key) is not None for key in KEYS)
        authority = "uploader" if own else "dataset"
        stated = licenses(resource) if own else whole
        for said in stated or [{}]:
            yield item | {"authority": authority} | said
        for place, told in (("resource", resource), ("package", descriptor)) if stated else ():
            for key, more in _beside(told):
                yield item | {"authority": "mention", "place": f"{key} of the {place}"} | more


def _beside(told: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what else may restrict: a description that speaks of terms, fields called like a statement, sources' licences."""
    for key, value in told.items():
        text = _text(value)
        if text and (SPEAKS.search(text) if key == "description" else key not in KEYS and is_called_so(key)):
            yield key, {"license_text": text}
    sources = told.get("sources")
    for source in sources if isinstance(sources, list) else ():
        if isinstance(source, dict):
            yield from (("source", s | {"authority": "mention"}) for s in licenses(source))


def licenses(descriptor: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the statements of a package or resource as claims' fields, those of both spellings of the key."""
    found: list[dict[str, Any]] = []
    for key in KEYS:
        said = descriptor.get(key)
        for one in said if isinstance(said, list) else [said]:
            found += [s for s in _statements(one) if s not in found]
    return [{"vocabulary": "opendefinition"} | s for s in found]


def _statements(said: Any) -> Iterator[dict[str, Any]]:
    """Return what one licence says: its name and link; its title too, which beside a name that says which can only restrict."""
    if not isinstance(said, dict):
        text = _text(said)
        if text:
            yield {"license_url": text} if WEB.fullmatch(text) else {"license_text": text}
        return
    names = [t for t in (_text(said.get(k)) for k in ("id", "type", "name", "title")) if t]
    if len(names) > 1 and MUTE.fullmatch(names[0]):
        names = names[1:]
    name, title = (names[0], names[-1]) if names else (None, None)
    link = next((t for t in (_text(said.get(k)) for k in ("path", "url", "web")) if t), None)
    url = link if link and WEB.fullmatch(link) else None
    if not name and not url:
        yield {"license_text": link or json.dumps(said, ensure_ascii=False)}
    else:
        yield {"license_text": name, "license_url": url}
    if name and title != name and VAGUE.fullmatch(name):
        yield {"license_text": title, "license_url": url}
    elif name and title != name and FORBIDDING.intersection(read(title).restrictions):
        beside = {"authority": "mention", "place": "title of the licence", "vocabulary": None}
        yield beside | {"license_text": title}


def _text(said: Any) -> str | None:
    """Return a string, the first of a dict of languages, or None for anything else and for nothing."""
    if isinstance(said, dict):
        said = next(iter(said.values()), None)
    return said.strip() or None if isinstance(said, str) else None


def _path(resource: dict[str, Any]) -> str | None:
    said = resource.get("path", resource.get("url"))
    return _text(said[0] if isinstance(said, list) and said else said)


def _title(descriptor: dict[str, Any]) -> str | None:
    return _text(descriptor.get("title")) or _text(descriptor.get("name"))


def _web(text: Any) -> str | None:
    return text if isinstance(text, str) and WEB.fullmatch(text) else None


def _creators(descriptor: dict[str, Any]) -> str | None:
    said = descriptor.get("contributors") or descriptor.get("author")
    every = said if isinstance(said, list) else [said]
    names = [_text(c.get("title") or c.get("name")) if isinstance(c, dict) else _text(c) for c in every]
    return ", ".join(n for n in names if n) or None


def _sources(resource: dict[str, Any]) -> list[str]:
    said = resource.get("sources")
    found = [s for s in said if isinstance(s, dict)] if isinstance(said, list) else []
    texts = [_text(s.get("path") or s.get("web") or s.get("url")) or _title(s) for s in found]
    return [t for t in texts if t]


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:120]
