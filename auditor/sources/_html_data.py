"""What a page's JSON-LD says of the page itself: schema.org's `license`, `usageInfo`, `acquireLicensePage`, `copyrightNotice`.

Only the page's own work counts: a node that names the page as its `url`, `@id` or `mainEntityOfPage`, or a page's `mainEntity`; else the only
top-level work of the page that is no picture. A picture, video or comment on a page is not the page. `sdLicense` is of the description.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from auditor.sources._html_links import Node, same

WORKS = re.compile(
    r"(?:^|[/#:])(?:Dataset|DataCatalog|DataFeed|CreativeWork|WebPage|\w*Page|\w*Article|BlogPosting|Book|Report|ScholarlyArticle|SoftwareSourceCode"
    r"|Course|LearningResource|Collection|Map|Thesis|MusicRecording|Recipe|WebSite)$"
)
MEDIA = re.compile(
    r"(?:^|[/#:])(?:ImageObject|Photograph|VideoObject|AudioObject|MediaObject|\w*VisualArtwork|3DModel)$"
)
DEEPEST = 12
WRAPPERS = (("<!--", "-->"), ("//<![CDATA[", "//]]>"), ("/*<![CDATA[*/", "/*]]>*/"), ("<![CDATA[", "]]>"))
Row = dict[str, Any]


def statements(root: Node, url: str) -> Iterator[Row]:
    """Yield the claims of a page's JSON-LD that are of the page."""
    nodes = [n for script in root.iter("script") if _is_data(script) for n in _top(_loaded(script.text))]
    for node in _own(nodes, url):
        yield from _said(node)


def _is_data(script: Node) -> bool:
    return (script.get("type") or "").split(";")[0].strip().lower() == "application/ld+json"


def _loaded(text: str | None) -> Any:
    """Decode a script's JSON, out of the comment or CDATA section that some pages put around it."""
    inner = (text or "").strip()
    for start, end in WRAPPERS:
        if inner.startswith(start) and inner.endswith(end):
            inner = inner[len(start) : -len(end)].strip()
    try:
        return json.loads(inner, strict=False)
    except (ValueError, RecursionError):
        return None


def _top(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the top-level nodes of a document: those of lists and graphs, and of pages their main entity."""
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        for one in value:
            yield from _top(one, depth + 1)
    elif isinstance(value, dict):
        if "@graph" in value:
            yield from _top(value["@graph"], depth + 1)
        if "@type" in value or "license" in value:
            yield value
        main = value.get("mainEntity")
        if isinstance(main, dict) and "@type" in main:
            yield main | {"mainEntityOfPage": value.get("url") or ""}


def _own(nodes: list[dict[str, Any]], url: str) -> list[dict[str, Any]]:
    named = [n for n in nodes if _names(n, url) and not _is(n, re.compile(r"Comment|Review|Person|Organization"))]
    if named:
        return named
    works = [n for n in nodes if _is(n, WORKS)]
    specific = [n for n in works if not _is(n, re.compile(r"(?:WebPage|WebSite)$"))] or works
    return specific if len(specific) == 1 and not _elsewhere(specific[0], url) else []


def _is(node: dict[str, Any], types: re.Pattern[str]) -> bool:
    said = node.get("@type")
    return any(isinstance(t, str) and types.search(t) for t in (said if isinstance(said, list) else [said]))


def _names(node: dict[str, Any], url: str) -> bool:
    """Say whether a node names the page; a picture by a part of it (`#primaryimage`) is one on the page, not the page."""
    parts = _is(node, MEDIA)
    return any(same(u, url) for u in _urls(node, url) if u and not (parts and "#" in u))


def _elsewhere(node: dict[str, Any], url: str) -> bool:
    """Say whether a node names a page of its own that is another one (a DOI or an id without a host is none)."""
    own = [u for u in _urls(node, url) if u.startswith("http") and "doi.org" not in u]
    return bool(own) and not any(same(u, url) for u in own)


def _urls(node: dict[str, Any], url: str) -> list[str]:
    found = []
    for name in ("url", "@id", "mainEntityOfPage", "contentUrl"):
        for value in _listed(node.get(name)):
            if isinstance(value, dict):
                value = value.get("@id") or value.get("url")
            if isinstance(value, str) and (value or name == "mainEntityOfPage"):
                found.append(value or url)
    return found


def _said(node: dict[str, Any]) -> Iterator[Row]:
    base = {
        "title": _text(node.get("name") or node.get("headline")),
        "creator": _name(node.get("creator") or node.get("author")),
        "copyright_text": _text(node.get("copyrightNotice")),
        "place": "json-ld",
    }
    found = list(_values(node.get("license")))
    for part in _listed(node.get("distribution")):
        found += [] if found or not isinstance(part, dict) else _values(part.get("license"))
    found += _values(node.get("usageInfo"))
    found = found or list(_values(node.get("acquireLicensePage")))
    for statement in dict.fromkeys(found):
        yield base | _statement(statement)
    for statement in dict.fromkeys(_values(node.get("sdLicense"))):
        yield base | _statement(statement) | {"scope": "metadata"}
    if not found and base["copyright_text"]:
        yield base


def _statement(value: str) -> Row:
    return {"license_url": value} if re.match(r"(?:https?:)?//\S+$", value) else {"license_text": value}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _values(value: Any) -> Iterator[str]:
    """Yield the words or URLs that a value of a licence property gives."""
    for one in _listed(value):
        if isinstance(one, dict):
            one = next((one[n] for n in ("url", "@id", "@value", "name", "text") if isinstance(one.get(n), str)), None)
        if isinstance(one, str) and one.strip():
            yield " ".join(one.split())


def _text(value: Any) -> str | None:
    return next(_values(value), None)


def _name(value: Any) -> str | None:
    names = [v.get("name") if isinstance(v, dict) else v for v in _listed(value)]
    return "; ".join(n for n in names if isinstance(n, str) and n.strip()) or None
