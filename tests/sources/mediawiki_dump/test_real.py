"""The same on real dumps: as many claims as `<page>` elements, with what each says of itself; tests/kinds has the licences."""

import collections
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mwparserfromhell
import pytest

from auditor.fetch import Get
from auditor.licensing._wikitext_calls import calls
from auditor.sources import mediawiki_dump
from auditor.target import Target
from tests.kinds.wikimedia import opened

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def dumps(real_data: Path) -> list[Path]:
    """All exports of the real data; one that is none by design is left out."""
    top = real_data / "wikimedia"
    named = {*top.glob("export_xml/**/*.xml*"), *top.glob("dumps/**/*.xml*")}
    return sorted(p for p in named if p.is_file() and "invalid" not in p.name)


def elements(data: bytes) -> Iterator[dict[str, Any]]:
    """Read an export with an XML parser: what a page's claim should hold."""
    root = ET.parse(io.BytesIO(data)).getroot()
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    for page in root.iter(f"{space}page"):
        revisions = page.findall(f"{space}revision")
        last = max(revisions, key=lambda r: r.findtext(f"{space}timestamp") or "")
        who = last.find(f"{space}contributor")
        yield {
            "id": page.findtext(f"{space}id"),
            "title": page.findtext(f"{space}title"),
            "day": (last.findtext(f"{space}timestamp") or "")[:10],
            "creator": None if who is None else who.findtext(f"{space}username") or who.findtext(f"{space}ip"),
            "redirect": page.find(f"{space}redirect") is not None,
            "text": last.findtext(f"{space}text") or "",
        }


def claims(path: Path, tmp_path: Path) -> list[dict[str, Any]]:
    target = Target(str(path), path)
    assert mediawiki_dump.knows(target) == 1
    pages = mediawiki_dump.fetch(target, Get(tmp_path))
    return [row for page in pages for batch in mediawiki_dump.parse(page) for row in batch.to_pylist()]


def test_every_page_element_is_a_claim(real_data: Path, tmp_path: Path) -> None:
    files = dumps(real_data)
    assert len(files) > 100
    for path in files:
        said, found = list(elements(opened(path))), claims(path, tmp_path)
        assert [f["title"] for f in found] == [s["title"] for s in said], path
        assert [f["item_id"].rpartition(":")[2] for f in found] == [s["id"] for s in said], path
        assert [f["creator"] for f in found] == [s["creator"] for s in said], path
        assert [f["as_of"] for f in found] == [s["day"] for s in said], path
        assert [f["kind"] == "redirect" for f in found] == [s["redirect"] for s in said], path
        assert [f["error"] for f in found] == [None] * len(said), path


def test_real_file_pages(real_data: Path, tmp_path: Path) -> None:
    """Neither page has a licence template; one has words of a licence, the other an empty permission."""
    found = claims(real_data / "wikimedia/export_xml/eol_file_pages/commons_file_pages.xml", tmp_path)
    assert [(f["license_text"], f["vocabulary"], f["scope"]) for f in found] == [
        ("/ Creative Commons 2.5 Attribution", None, "media"),
        (None, None, "media"),
    ]


# Parts that the oracle reads otherwise on purpose: it knows no inclusion, and takes a gallery's captions as plain text.
APART = re.compile(r"<(includeonly|gallery)\b.*?(?:</\1>|\Z)", re.IGNORECASE | re.DOTALL)


def test_template_calls_of_real_pages_are_those_of_mwparserfromhell(real_data: Path) -> None:
    pages = 0
    for path in dumps(real_data):
        for page in elements(opened(path)):
            text = APART.sub("", page["text"])
            ours = collections.Counter(text[c.start : c.end] for c in calls(text) if not c.name.startswith("#"))
            oracle = mwparserfromhell.parse(text, skip_style_tags=True).filter_templates()
            theirs = collections.Counter(str(t) for t in oracle if not str(t.name).strip().startswith("#"))
            assert ours == theirs, (path, page["title"], ours - theirs, theirs - ours)
            pages += 1
    assert pages > 1_000
