"""Opt-outs from mining and training: what headers, pages, robots.txt, tdmrep.json, ai.txt and metadata say, as one small JSON object.

They are no licence and never change one; the absence of an opt-out is no permission. Pure functions of what was received. Names and values
are those of their makers, in lower case where case does not count there:

    x-robots-tag, meta robots   noai, noimageai (DeviantArt's), and noindex and noimageindex as they stand
    content-signal              Cloudflare's: ai-train, ai-input, search → yes | no
    content-usage               IETF AIPREF: train-ai, search … → y | n; in robots.txt the rule of the longest path (draft-ietf-aipref-attach)
    tdm-reservation, tdm-policy W3C TDMRep: header, meta, tdmrep.json; 1 reserves
    rsl                         address of an RSL licence (Link header, robots.txt's License line, link element); `in the page`
    robots.txt                  AI agents that may not fetch the address; see manifests/hosts/ai_agents.tsv
    ai.txt                      Spawning's: disallow
    plus:DataMining             IPTC and PLUS: a term such as DMI-PROHIBITED
    c2pa                        present: there is a manifest (its signature is not checked); training-mining by its entries
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any
from urllib.parse import urlsplit

Signals = dict[str, Any]
ROBOTS = frozenset(("noai", "noimageai", "noindex", "noimageindex"))
USAGES = ("content-signal", "content-usage")  # names of headers, of meta elements, and of lines in a robots.txt
MOST_RULES = 1000  # of a robots.txt that are looked at for each address
TRAINING = re.compile(r"(?:c2pa|cawg)\.training-mining")


def as_json(signals: Signals) -> str | None:
    """Return signals as the JSON of a claim's column; None where there are none."""
    return json.dumps(signals, sort_keys=True, ensure_ascii=False) if signals else None


def of_headers(headers: Mapping[str, str]) -> Signals:
    """Return what an answer's headers say; names in lower case."""
    found: Signals = {}
    if robots := _directives(headers.get("x-robots-tag", "")):
        found["x-robots-tag"] = robots
    for name in USAGES:
        if said := _pairs(headers.get(name, "")):
            found[name] = said
    found |= _tdm(headers.get("tdm-reservation"), headers.get("tdm-policy"))
    for link in links(headers.get("link", "")):
        if "license" in link["rel"].split() and "rsl" in link.get("type", "").lower():
            found["rsl"] = link["url"]
    return found


def links(header: str) -> Iterator[dict[str, str]]:
    """Yield the links of a `Link` header (RFC 8288): `url` and parameters, their names (and `rel`) in lower case."""
    for url, parameters in re.findall(
        r"<([^<>]*)>((?:\s*;\s*[^\s;,=]+\s*(?:=\s*(?:\"[^\"]*\"|[^\s;,\"]*))?)*)", header
    ):
        said = re.findall(r";\s*([^\s;,=]+)\s*(?:=\s*(?:\"([^\"]*)\"|([^\s;,\"]*)))?", parameters)
        found = {name.lower(): quoted or bare for name, quoted, bare in reversed(said)}
        yield {**found, "url": url.strip(), "rel": found.get("rel", "").lower()}


def of_html(root: Any) -> Signals:
    """Return what a page's meta and link elements say (an lxml tree)."""
    found: Signals = {}
    reservation, policy = None, None
    for node in root.iter("meta"):
        name, value = (node.get("name") or "").strip().lower(), (node.get("content") or "").strip()
        if name == "robots" and (robots := _directives(value)):
            found["meta robots"] = sorted({*found.get("meta robots", []), *robots})
        elif name == "tdm-reservation":
            reservation = value
        elif name == "tdm-policy":
            policy = value
        elif name in USAGES and (said := _pairs(value)):
            found[name] = said
    for node in root.iter("link"):
        if "license" in (node.get("rel") or "").lower().split() and "rsl" in (node.get("type") or "").lower():
            found["rsl"] = node.get("href")
    for node in root.iter("script"):  # https://rslstandard.org/guide/file-format, "Embedded Licenses"
        if "rsl" in (node.get("type") or "").lower():
            found.setdefault("rsl", "in the page")
    return found | _tdm(reservation, policy)


def _directives(value: str) -> list[str]:
    """Return the directives of X-Robots-Tag or meta robots that matter here; `agent: noai` is for that agent, and kept so."""
    said, agent = [], ""
    for part in value.lower().split(","):
        head, colon, rest = part.partition(":")
        if colon and head.strip() != "unavailable_after":
            agent, part = f"{head.strip()}: ", rest
        if part.strip() in ROBOTS:
            said.append(agent + part.strip())
    return sorted(set(said))


def _pairs(value: str) -> dict[str, str]:
    """Return `ai-train=no, search=yes` as a mapping; a preference without a value is yes."""
    parts = (p.partition("=") for p in re.split(r"[,;]", value.lower()) if p.strip())
    return {k.strip(): v.strip() or "y" for k, _, v in parts}


def _tdm(reservation: object, policy: object) -> Signals:
    said = str(reservation).strip() if reservation is not None else ""
    if said not in ("0", "1"):
        return {}
    return {"tdm-reservation": int(said)} | ({"tdm-policy": str(policy)} if policy else {})


class Site:
    """What a host says for all its addresses: robots.txt (text, and as Protego parsed it), tdmrep.json, ai.txt.

    Made once a host, asked for each address: cheap where nothing is said.
    """

    def __init__(self, robots: str = "", rules: Any = None) -> None:
        groups = {a.strip().lower() for a in re.findall(r"(?im)^[ \t]*user-agent[ \t]*:[ \t]*([^#\n\r]+)", robots)}
        self.named = tuple(a for a in agents() if a.lower() in groups) if rules is not None else ()
        self.rules = rules
        self.tdmrep: Any = None
        self.ai_txt = ""
        self.said, self.usages = _robots_rsl(robots), _robots_usages(robots)

    def with_files(self, tdmrep: str, ai_txt: str) -> "Site":
        """Return the same site with the texts of its tdmrep.json and ai.txt; a page that stands in their place says nothing."""
        made = Site("")
        made.named, made.rules, made.said, made.usages = self.named, self.rules, self.said, self.usages
        with suppress(ValueError, RecursionError):
            made.tdmrep = json.loads(tdmrep)
        made.ai_txt = "" if "<html" in ai_txt.lower() else ai_txt
        return made

    def of(self, url: str) -> Signals:
        """Return what the host says for one address; AI agents that may not fetch it are those that robots.txt names."""
        barred = [a for a in self.named if not self.rules.can_fetch(url, a)]
        found = self.said | _usages(self.usages, url) | ({"robots.txt": barred} if barred else {})
        if self.tdmrep is not None:
            found |= of_tdmrep(self.tdmrep, url)
        return found | (of_ai_txt(self.ai_txt, url) if self.ai_txt else {})


def of_robots(text: str, url: str) -> Signals:
    """Return what a robots.txt says for an address."""
    from protego import Protego

    return Site(text, Protego.parse(text)).of(url)


def _robots_rsl(text: str) -> Signals:
    """Return the address of an RSL licence that a robots.txt names."""
    licence = re.search(r"(?im)^[ \t]*license[ \t]*:[ \t]*(https?://\S+)", text)
    return {"rsl": licence[1]} if licence else {}


def _robots_usages(text: str) -> list[tuple[str, str, dict[str, str]]]:
    """Return name, path and preferences of each Content-Signal and Content-Usage line, whatever agents it is for: the longest path last.

    Of the same path what refuses comes last, so that it counts.
    """
    lines = re.findall(r"(?im)^[ \t]*(content-signal|content-usage)[ \t]*:[ \t]*(?:(/\S*)[ \t]+)?([^#\n]+)", text)
    rules = [(name.lower(), path, {k: v}) for name, path, said in lines[:MOST_RULES] for k, v in _pairs(said).items()]
    return sorted(rules, key=lambda rule: (len(rule[1]), *(v in ("n", "no") for v in rule[2].values())))


def _usages(rules: list[tuple[str, str, dict[str, str]]], url: str) -> Signals:
    """Return the preferences that these rules have for an address."""
    found: dict[str, dict[str, str]] = {}
    if rules:
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        for name, pattern, said in rules:
            if not pattern or _fits(pattern, path):
                found.setdefault(name, {}).update(said)
    return dict(found)


@cache
def agents() -> tuple[str, ...]:
    """Return the names of AI agents in robots.txt files, of manifests/hosts/ai_agents.tsv."""
    from auditor.licensing import tables

    return tuple(row["agent"] for row in tables.rows("hosts/ai_agents.tsv", "manifests"))


def of_tdmrep(value: Any, url: str) -> Signals:
    """Return what a host's /.well-known/tdmrep.json reserves for an address (TDMRep 4.1: the first location that fits); None is nothing."""
    path = urlsplit(url).path or "/"
    for rule in value if isinstance(value, list) else []:
        if isinstance(rule, dict) and _fits(str(rule.get("location", "")), path):
            return _tdm(rule.get("tdm-reservation"), rule.get("tdm-policy"))
    return {}


def _fits(pattern: str, path: str) -> bool:
    """Match as robots.txt does: from the start, `*` for anything, `$` for the end; in one pass, whatever the pattern."""
    first, *others = pattern.removesuffix("$").split("*")
    if not pattern or not path.startswith(first):
        return False
    at = len(first)
    for place, part in enumerate(others, 1):
        if place == len(others) and pattern.endswith("$"):
            return len(path) - len(part) >= at and path.endswith(part)
        at = path.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return at == len(path) if pattern.endswith("$") else True


def of_ai_txt(text: str, url: str) -> Signals:
    """Return whether a host's ai.txt disallows an address: `Disallow: *.jpg`, `Disallow: /`; a longer Allow wins."""
    path = urlsplit(url).path or "/"
    best, said = -1, ""
    for rule, pattern in re.findall(r"(?im)^[ \t]*(allow|disallow)[ \t]*:[ \t]*(\S+)", text):
        if _fits(pattern if pattern.startswith(("/", "*")) else f"/{pattern}", path) and len(pattern) > best:
            best, said = len(pattern), rule.lower()
    return {"ai.txt": "disallow"} if said == "disallow" else {}


def of_metadata(properties: Mapping[str, str], boxes: bytes = b"") -> Signals:
    """Return what XMP properties (`plus:DataMining`, `tdm:reservation`) and C2PA boxes of a media file say."""
    found = _tdm(properties.get("tdm:reservation"), properties.get("tdm:policy"))
    if mining := properties.get("plus:DataMining"):
        found["plus:DataMining"] = mining.rstrip("/").rsplit("/", 1)[-1]
    if any(label == "c2pa" for label in _labels(boxes)):
        found["c2pa"] = "present"
        uses = {
            str(k): str(v.get("use")) for entries in training(boxes) for k, v in entries.items() if isinstance(v, dict)
        }
        if uses:
            found["training-mining"] = uses
    return found


def training(boxes: bytes) -> Iterator[dict[str, Any]]:
    """Yield the entries of each training-mining assertion in JUMBF boxes (ISO 19566-5; CBOR or JSON content)."""
    for label, form, content in _assertions(boxes):
        if not TRAINING.match(label):
            continue
        value = _content(form, content)
        entries = value.get("entries") if isinstance(value, dict) else None
        if isinstance(entries, dict):
            yield entries


def _content(form: bytes, content: bytes) -> Any:
    try:
        if form == b"json":
            return json.loads(content)
        import cbor2

        return cbor2.loads(content)
    except (ValueError, EOFError, RecursionError):
        return None


def _labels(data: bytes) -> Iterator[str]:
    """Yield the labels of the outermost superboxes."""
    for form, content in _boxes(data):
        if form == b"jumb":
            yield from (_label(inner) for kind, inner in _boxes(content) if kind == b"jumd")


def _label(description: bytes) -> str:
    """Return the label in a description box: after its type's UUID and the toggles, up to NUL."""
    return (
        description[17:].split(b"\0", 1)[0].decode("utf-8", "replace")
        if description[16:17] and description[16] & 2
        else ""
    )


def _assertions(data: bytes, depth: int = 0) -> Iterator[tuple[str, bytes, bytes]]:
    """Yield label, type and content of each labelled superbox."""
    label = ""
    for form, content in _boxes(data):
        if form == b"jumb" and depth < 8:
            yield from _assertions(content, depth + 1)
        elif form == b"jumd":
            label = _label(content)
        elif form in (b"cbor", b"json"):
            yield label, form, content


def _boxes(data: bytes) -> Iterable[tuple[bytes, bytes]]:
    """Yield type and content of the boxes that stand one after another."""
    at = 0
    while at + 8 <= len(data):
        length, form = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        length = length or len(data) - at
        if length < 8:
            return
        yield form, data[at + 8 : at + length]
        at += length
