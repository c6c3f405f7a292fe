"""Licence URLs, read by grammar: the host is checked, the path is parsed; `licenses/urls.tsv` says which hosts mean what."""

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple
from urllib.parse import unquote

from auditor.licensing import tables
from auditor.licensing.cc import Tool, aliases

# A URL in running text: with a scheme or //, or a host name with a path; nothing that can be part of a word before it.
FIND = re.compile(
    r"(?<![\w.@-])(?:[a-z][a-z0-9+.-]{1,15}://|//|www\.)[^\s<>\"'`|\\^{}\[\]]{2,2000}"
    r"|(?<![\w.@/-])(?:[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\.){1,8}[a-z]{2,24}/[^\s<>\"'`|\\^{}\[\]]{0,2000}"
    r"|(?<![\w.@/-])(?:[a-z0-9-]{1,63}\.){1,4}(?:org|net|com|io|dev|eu)\b(?![\w@-])",
    re.IGNORECASE,
)
HOST = re.compile(
    r"\.(?:(?:org|net|com|io|dev|eu)\b|(?<=www\.))", re.IGNORECASE
)  # what `FIND` needs where there is no slash
_PARTS = re.compile(r"(?:(?P<scheme>[a-z][a-z0-9+.-]*):)?(?://)?(?P<host>[^/?#\s]*)(?P<path>[^?#]*)", re.IGNORECASE)
_ARCHIVED = re.compile(r"^/(?:web/)?\d{4,14}[a-z_*]*/(https?:/{1,2}.+)$", re.IGNORECASE)
_PROXY = re.compile(r"i[0-3]\.wp\.com")  # serves other hosts' pictures at their own addresses, here badges of licences
_TRAILING = re.compile(r"[).,;:!?\]>*_~'\"»”]+$")
_TAIL = re.compile(
    r"(?:deed|legalcode|legal-code|rdf|license|licence|index)(?:[._-].*)?|\d+x\d+\.(?:png|svg|gif)|[a-z]{2,3}",
    re.IGNORECASE,
)


_FILE = re.compile(r"\.(?:html?|txt|php|md|json)$")


class Link(NamedTuple):
    """What a URL means."""

    license: str | None  # None: not a licence URL that we know
    tool: Tool | None = None  # for Creative Commons
    rule: str = "url"
    broken: bool = False  # on a licence's own host, of its form, but no such licence exists


UNKNOWN = Link(None)


def split(url: str) -> tuple[str, list[str]]:
    """Return host in lower case without www and port, and the path's segments, percent-decoded, lower case."""
    url = _TRAILING.sub("", url.strip().strip("<>").strip())
    match = _PARTS.match(url)
    assert match is not None
    host = match["host"].rpartition("@")[2].partition(":")[0].lower().rstrip(".").removeprefix("www.")
    path = unquote(match["path"])
    archived = (
        _ARCHIVED.match(path) if host in ("web.archive.org", "archive.org", "archive.today", "archive.is") else None
    )
    if archived:
        return split(archived[1])
    if _PROXY.fullmatch(host):
        return split(path.lstrip("/"))
    return host, [s for s in path.lower().split("/") if s]


@cache
def _hosts() -> dict[str, list[tuple[re.Pattern[str], str, str]]]:
    found: dict[str, list[tuple[re.Pattern[str], str, str]]] = {}
    for number, row in enumerate(tables.rows("urls.tsv"), 2):
        pattern = re.compile(row["path"], re.IGNORECASE)
        for host in row["host"].split():
            found.setdefault(host, []).append((pattern, row["license"], f"url:{host}:{number}"))
    return found


@cache
def _links() -> dict[str, str]:
    """Return host/path -> licence of single pages (`licenses/links.tsv`)."""
    return {row["link"]: row["license"] for row in tables.rows("links.tsv")}


def bare(link: str) -> str:
    """Return host and path of a page without the ending of its file."""
    return _FILE.sub("", link)


def read(url: str, lookup: Callable[[str], str | None]) -> Link:
    """Return what a URL means; `lookup` reads a slug of a path as a licence's id or name."""
    host, segments = split(url)
    path = "/".join(segments)
    listed = _links().get(bare(f"{host}/{path}" if path else host))
    if listed:
        return Link(listed, rule=f"link:{host}/{path}")
    for pattern, license_, rule in _hosts().get(host, ()):
        match = pattern.fullmatch(path)
        if not match:
            continue
        if license_ == "{creative-commons}":
            return creative_commons(segments[1:], rule)
        if license_.startswith("{slug:"):
            found = lookup(_FILE.sub("", match.expand(license_[6:-1])).replace("/", " "))
            return Link(found, rule=rule) if found else UNKNOWN
        return Link(match.expand(license_) if "\\" in license_ else license_, rule=rule)
    return UNKNOWN


def creative_commons(segments: list[str], rule: str) -> Link:
    """Read tool, version, jurisdiction and file of a Creative Commons path, in that order; anything else breaks it."""
    if not segments:
        return UNKNOWN
    tool = re.sub(r"\.(?:png|svg|gif|html?)$", "", segments[0].replace(" ", "+"))
    tool = {"by-nd-nc": "by-nc-nd", "cc0": "zero"}.get(tool, tool)
    rest = segments[1:]
    version = jurisdiction = ""
    known = tables.cc_tools()
    if rest and re.fullmatch(r"\d\.\d", rest[0]):
        version, rest = rest[0], rest[1:]
        if rest and any((name, version, rest[0]) in known for name in aliases(tool)):
            jurisdiction, rest = rest[0], rest[1:]
    if len(rest) > 1 or not all(_TAIL.fullmatch(s) for s in rest):
        return Link(None, rule=rule, broken=True)
    if rest and re.fullmatch("[a-z]{2,3}", rest[0]) and version < "4.0" and rest[0] != "rdf":
        return Link(None, rule=rule, broken=True)  # a jurisdiction that has no such licence
    found = Tool.of(tool, version, jurisdiction)
    return Link(found.license, found, "cc-url") if found else Link(None, rule=rule, broken=True)
