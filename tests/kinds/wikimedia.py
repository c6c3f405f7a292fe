"""Wikimedia: exports of wikis, a `<page>` an item; dumps of structured data, an entity an item.

No export states a licence. Of a text it is the wiki's (Terms of Use): GFDL to 14 June 2009 (what was there then is
CC BY-SA 3.0 in any later dump), CC BY-SA 3.0 to 6 June 2023, CC BY-SA 4.0 since; of Wikidata's entities CC0. What a File: page
shows has the licence that its page states. A file of Commons' structured data states it in P275, by an item of Wikidata.
"""

import bz2
import gzip
import io
import json
import lzma
import re
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import Any

import mwparserfromhell

MAGIC = {b"BZh": bz2.decompress, b"\x1f\x8b": gzip.decompress, b"\xfd7z": lzma.decompress, b"]\0\0": lzma.decompress}
ENTITIES = ("0", "120", "146", "640")  # items, properties, lexemes, entity schemas
RELICENSED, UPGRADED = "2009-06-15", "2023-06-07"
NOT_BEFORE = {(1, 18): "2011"}  # MediaWiki 1.18 is of November 2011: what it wrote is of no earlier year
DEEDS = {  # as Wikidata's labels have it
    "Q30942811": "CC-BY-1.0",
    "Q20007257": "CC-BY-4.0",
    "Q18199165": "CC-BY-SA-4.0",
    "Q6938433": "CC0-1.0",
}
WIKIS = re.compile(
    r"https?://(?:[a-z-]+\.(?:wikipedia|wiktionary|wikibooks|wikiquote|wikiversity)"
    r"|www\.wikidata|(?:commons|meta|species|incubator)\.wikimedia)\.org/"
)
BY = re.compile(r"Creative Commons (\d\.\d) Attribution|Creative Commons Attribution (\d\.\d)")
TAG = re.compile(r"(?i)cc-(by(?:-sa)?)-(\d\.\d)")


def reading(path: Path) -> Counter[str] | None:
    data = opened(path)
    first = data[:4096].replace(b"\0", b"").decode("utf-8", "replace").lstrip("\ufeff\ufffd \n")  # of UTF-16 its ASCII
    if first.startswith("<mediawiki") or (first.startswith("<?xml") and "<mediawiki" in first):
        return export(data, path.name)
    if re.match(r'[\[{]\s*(\{"type":|"pageid":)', first):
        said = json.loads(data)
        return Counter(map(entity, said if isinstance(said, list) else [said]))
    return None  # pages, answers and statements of hosts as recorded, and papers of dumps


def opened(path: Path) -> bytes:
    raw = path.read_bytes()
    if raw.startswith(b"7z\xbc\xaf\x27\x1c"):
        import py7zr

        sink = py7zr.io.BytesIOFactory(1 << 28)
        with py7zr.SevenZipFile(path) as archive:
            archive.extractall(factory=sink)
        return b"".join(part.read() for part in sink.products.values())
    return next((unpack(raw) for magic, unpack in MAGIC.items() if raw.startswith(magic)), raw)


def export(data: bytes, name: str) -> Counter[str]:
    root = ET.parse(io.BytesIO(data)).getroot()
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    base = root.findtext("siteinfo/base") or ""
    pages = [(page, max(page.findall("revision"), key=lambda r: r.findtext("timestamp"))) for page in root.iter("page")]
    dumped = max([written(root, name), *(r.findtext("timestamp") for _, r in pages)])
    return Counter(licence(page, last, base, dumped) for page, last in pages)


def written(root: ET.Element, name: str) -> str:
    """A day that the dump cannot be of before: in its name, or when that version of MediaWiki came out."""
    if day := re.search(r"-(20\d\d)(\d\d)(\d\d)-", name):
        return "-".join(day.groups())
    version = re.search(r"MediaWiki (\d+)\.(\d+)", root.findtext("siteinfo/generator") or "")
    return max((day for v, day in NOT_BEFORE.items() if version and tuple(map(int, version.groups())) >= v), default="")


def licence(page: ET.Element, last: ET.Element, base: str, dumped: str) -> str:
    number = page.findtext("ns") or ("6" if page.findtext("title").startswith("File:") else "0")
    if number == "6":
        return of_file(last.findtext("text") or "")
    if not WIKIS.match(base):
        return "NOASSERTION"
    if "wikidata" in base and number in ENTITIES:
        return "CC0-1.0"
    day = last.findtext("timestamp")
    return "CC-BY-SA-4.0" if day >= UPGRADED else "CC-BY-SA-3.0" if dumped >= RELICENSED else "GFDL-1.2-or-later"


def of_file(text: str) -> str:
    """By its templates, those to choose from in `{{self}}` too; else by the words of its permission."""
    tags: list[str] = []
    for template in mwparserfromhell.parse(text).filter_templates():
        said = [template.name, *(p.value for p in template.params if not p.showkey)]
        tags += [f"CC-{t[1].upper()}-{t[2]}" for s in said if (t := TAG.fullmatch(str(s).strip()))]
    words = BY.search(text)
    return " OR ".join(tags) or (f"CC-BY-{words[1] or words[2]}" if words else "NOASSERTION")


def entity(said: dict[str, Any]) -> str:
    statements = said.get("statements") or {}
    items = [s["mainsnak"]["datavalue"]["value"]["id"] for s in statements.get("P275", ())]
    return " OR ".join(DEEDS[i] for i in items) if items and DEEDS.keys() >= {*items} else "NOASSERTION"
