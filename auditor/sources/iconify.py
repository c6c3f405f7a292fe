"""Icon sets in Iconify's format: every icon and every alias is an item, under the licence that the set's own block of information has.

The format is that of npm `@iconify/types` 2.0.0 (types.d.ts): a set has `prefix`, `icons` by name, `aliases` of them ("allowing to use the
same icon by multiple names", README), and `info` with `author` and `license`; in the packages `@iconify-json/*` that block is
info.json beside icons.json. collections.json lists sets by prefix. The older spellings of the block are those that `@iconify/utils`
3.1.7 takes (convert-info.js).

Iconify is an aggregator: a set's `author.url` is what its icons were taken from. Where a manifest knows that dataset, what is said there of
all its icons binds each (rule 6) until its host speaks of the icon itself; where its icons can be asked for, they are.
"""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.manifests import plain
from auditor.origins import PAGES
from auditor.schema import Page, constant
from auditor.sources._answers import file_page, text
from auditor.stages import STATEMENT
from auditor.target import Target

SUMMARY = "Iconify's icon sets as JSON (icons.json with info.json, @iconify/json), and lists of them (collections.json)"
PREFIX, ICONS = re.compile(rb'"prefix"\s*:\s*"'), re.compile(rb'"icons"\s*:\s*\{')
ICON = re.compile(rb'"body"\s*:\s*"|"icons"\s*:\s*\{\s*\}')  # or none at all
LISTED = re.compile(
    rb'\s*\{\s*"[a-z0-9-]+"\s*:\s*\{[^{}]*"author"\s*:\s*(?:\{[^{}]*\}|"[^"]*")[^{}]*"license"\s*:\s*(?:\{\s*"title"|"[^"]*"[^{}]*"licenseID")'
)


class _Alias(msgspec.Struct):
    parent: str = ""


class _Set(msgspec.Struct):
    """What is read of a set; the drawings are passed over."""

    prefix: str = ""
    icons: dict[str, msgspec.Raw] = {}
    aliases: dict[str, _Alias] = {}
    info: Any = None


def knows(target: Target) -> float:
    """A set or a list of sets by its head; several files of which each is one; Iconify's own repository by URL."""
    if target.url is not None and target.path is None:
        return 0.9 if re.search(r"(?i)/iconify/icon-sets/.+\.json$", target.url.path) else 0.0
    if target.matches:
        return 0.9 if all(_is_set(h) or _is_list(h) for h in (target.at(f).head for f in target.matches)) else 0.0
    return 0.95 if _is_set(target.head) or _is_list(target.head) else 0.0


def _is_set(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and all(p.search(head) for p in (PREFIX, ICONS, ICON))


def _is_list(head: bytes) -> bool:
    return bool(LISTED.match(head.removeprefix(b"\xef\xbb\xbf")))


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield a page a set, with its block of information; of a list of sets those that are not there themselves."""
    files = [target.at(f) for f in target.matches] or [target]
    prefixes: list[str] = []
    for one in sorted(files, key=lambda f: _is_list(f.head)):
        page = file_page("iconify", one, get)
        if _is_list(one.head or page.read()[: 1 << 16]):
            every = {p: _block(said) for p, said in _decoded(page, dict[str, Any]).items()}
            said = {p: i | {"ancestors": _ancestors(i)} for p, i in every.items() if p not in prefixes}
            if said:
                yield _with(page, {"sets": said})
            continue
        found = _decoded(page, _Set)
        prefixes.append(found.prefix)
        block = _block(found.info if found.info is not None else _beside(page))
        yield _with(page, block | {"ancestors": _ancestors(block), "asked": _asked(block)})


def _with(page: Page, context: dict[str, Any]) -> Page:
    state = sha256(repr(context).encode()).hexdigest()[:20]
    return page.with_(context=context, stamp=f"{page.stamp}:{state}")


def _decoded(page: Page, kind: Any) -> Any:
    try:
        return msgspec.json.decode(page.read().removeprefix(b"\xef\xbb\xbf"), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"{page.locator} is no whole icon set ({error}): get the file again.") from None


def _beside(page: Page) -> Any:
    """Return the info.json beside a set that has no block of its own, as in the packages `@iconify-json/*`."""
    path = Path(str(page.path)).with_name("info.json")
    try:
        return msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _block(info: Any) -> dict[str, Any]:
    """Return what a set's block of information says, in one spelling; nothing where there is none."""
    info = info if isinstance(info, dict) else {}
    author, said = info.get("author"), info.get("license")
    author = author if isinstance(author, dict) else {"name": author}
    said = said if isinstance(said, dict) else {"title": said}
    return {
        "name": text(info.get("name")) or text(info.get("title")),
        "creator": text(author.get("name")),
        "from": text(author.get("url")) or text(info.get("url")) or text(info.get("uri")),
        "title": text(said.get("title")),
        "spdx": text(said.get("spdx")) or text(info.get("licenseID")) or text(info.get("licenseSPDX")),
        "url": text(said.get("url")) or text(info.get("licenseURL")) or text(info.get("licenseURI")),
    }


def _ancestors(block: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what is said of all the icons where they come from, as far as manifests know."""
    from auditor.lineage.trace import ancestors

    every = (c | {"place": name} for name, said in ancestors([block["from"] or ""]) for c in said)
    return [{f: c.get(f) for f in STATEMENT} | {"authority": "dataset", "scope": "part"} for c in every]


def _asked(block: dict[str, Any]) -> str | None:
    """Return what the names of origins begin with at the set's host, where its icons can be asked for."""
    from auditor.lineage.trace import named
    from auditor.reach import served

    known = named(block["from"]) if block["from"] else None
    return next((p for p in served() if known and known.namespace and p.startswith(f"{known.namespace}:")), None)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield the claims of every icon and alias, or of every set of a list."""
    if "sets" in page.context:
        for row, (prefix, block) in enumerate(page.context["sets"].items()):
            titles = pa.array([block["name"]], pa.string())
            yield _claims(block, pa.array([prefix]), titles, pa.array([prefix]), row, kind="icon set")
        return
    found, block = _decoded(page, _Set), page.context
    roots = _roots(found)
    for kind, names, first in (("icon", list(found.icons), 0), ("alias", list(found.aliases), len(found.icons))):
        if names:
            ids = pc.binary_join_element_wise(f"{found.prefix}:", pa.array(names), "")
            at = pa.array([roots[n] or n for n in names])
            yield _claims(block, ids, pa.array(names), at, first, kind=kind, label=block["name"])


def subset(pages: Sequence[Page], kept: Any, out: Path) -> None:
    """Write a set, or a list of sets, anew with only what passes; all else as it stands."""
    page, whole = pages[0], _decoded(pages[0], dict[str, msgspec.Raw])
    rows = frozenset(kept.rows(page).tolist())
    if "sets" in page.context:
        gone = {prefix for row, prefix in enumerate(page.context["sets"]) if row not in rows}
        whole = {prefix: raw for prefix, raw in whole.items() if prefix not in gone}
    else:
        found = _decoded(page, _Set)
        icons = {n: raw for row, (n, raw) in enumerate(found.icons.items()) if row in rows}
        led = {n for n, root in _roots(found).items() if root in icons}  # an alias is nothing without its icon
        whole["icons"] = msgspec.Raw(msgspec.json.encode(icons))
        if "aliases" in whole:
            aliases = msgspec.json.decode(whole["aliases"], type=dict[str, msgspec.Raw])
            whole["aliases"] = msgspec.Raw(msgspec.json.encode({n: raw for n, raw in aliases.items() if n in led}))
    out.write_bytes(msgspec.json.encode(whole) + b"\n")


def _roots(found: _Set) -> dict[str, str | None]:
    """Return what every name stands for: an icon for itself, an alias for one, maybe by way of others, or for nothing."""
    roots: dict[str, str | None] = {name: name for name in found.icons}
    for name in found.aliases:
        way, at = [], name
        while at not in roots and at in found.aliases:
            roots[at] = None  # so that a circle ends
            way.append(at)
            at = found.aliases[at].parent
        roots.update(dict.fromkeys(way, roots.get(at)))
    return roots


def _claims(
    block: dict[str, Any], ids: pa.Array, titles: pa.Array, at: pa.Array, first: int, **same: str | None
) -> pa.RecordBatch:
    """Return the same statements of each item: its set's, and what is said where the set comes from.

    at: the names of the icons at their host; first: the first one's row; same: what is the same of all.
    """
    named, title = block["spdx"] or block["title"], block["title"]
    said = [{"license_text": named, "license_url": block["url"], "authority": "aggregator", "place": "info"}]
    if title and plain(title) != plain(named):
        said.append({"license_text": title, "authority": "mention", "place": "info: title"})
    said += block["ancestors"]
    items, which = np.repeat(np.arange(len(ids)), len(said)), pa.array(np.tile(np.arange(len(said)), len(ids)))
    columns: dict[str, pa.Array] = {"item_id": ids, "title": titles} | _origin(block, at)
    columns = {name: array.take(pa.array(items)) for name, array in columns.items()}
    columns |= {"row": pa.array(items + first)}
    columns |= {f: pa.array([s.get(f) for s in said], pa.string()).take(which) for f in STATEMENT}
    columns |= {f: constant(value, len(items)) for f, value in (same | {"creator": block["creator"]}).items()}
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _origin(block: dict[str, Any], at: pa.Array) -> dict[str, pa.Array]:
    """Return where each icon comes from: the icon at its host, where that can be asked for, else what the set names."""
    if prefix := block.get("asked"):
        before, after = PAGES[prefix].split("{}")
        names = pc.binary_join_element_wise(prefix, at, "")
        return {"item_url": pc.binary_join_element_wise(before, at, after, ""), "was_derived_from": _lists(names)}
    return {"was_derived_from": _lists(pa.array([block["from"]] * len(at)))} if block["from"] else {}


def _lists(values: pa.Array) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array(np.arange(len(values) + 1, dtype=np.int32)), values)
