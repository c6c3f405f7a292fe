"""The HTML report as a file: whole, small, asking for nothing, and with nothing of the data as markup."""

import base64
import csv
import json
import re
import zlib
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import html5lib
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import auditor
from auditor.report.sections import sections
from auditor.report.table import shared
from tests.conftest import Run
from tests.report.hostile import HOSTILE, dataset


class Seen(HTMLParser):
    """Elements, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.said: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["script"], ["style"]):
            self.said.append(data)

    def every(self, tag: str) -> list[dict[str, str | None]]:
        return [a for name, a in self.tags if name == tag]


def data(page: str) -> dict[str, Any]:
    """Return the findings that a page carries."""
    (found,) = re.findall(r'<script type="text/plain" id="findings-data">([A-Za-z0-9+/=]*)</script>', page)
    return dict(json.loads(zlib.decompress(base64.b64decode(found))))


def column(found: dict[str, Any], name: str) -> list[Any]:
    held = found["columns"][name]
    return [held["values"][i] for i in held["at"]] if "at" in held else list(held["values"])


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    done = auditor.audit(str(dataset(tmp_path / "set.csv")), tmp_path / "audit")
    page = done.report().render("html")
    html5lib.HTMLParser(strict=True).parse(page)
    seen = Seen(page)
    assert seen.open == []
    frame = "html head meta title style script noscript body header main nav section footer div p span a h1 h2 ol ul li dl dt dd"
    held = "strong small code svg g path text figure figcaption table caption thead tbody tr th td label input button"
    known = {*frame.split(), *held.split()}
    assert {name for name, _ in seen.tags} <= known
    assert not [a for _, attributes in seen.tags for a in attributes if a.startswith("on") or a in ("style", "src")]
    assert len(seen.every("script")) == 2 and len(seen.every("style")) == 1
    for link in seen.every("a"):
        assert re.match(r"#|https?://", link["href"] or "")
        assert (link["href"] or "").startswith("#") or link["rel"] == "noopener noreferrer"
    assert {*column(data(page), "title")} >= {h for h in HOSTILE if h.isprintable()}
    assert "\u202e" not in page and not any("\u202e" in str(t) for t in column(data(page), "title"))
    cells = re.findall(r"<td[^>]*>([^<]*)", page)
    assert not [c for c in cells if c.startswith(("=", "+", "@"))]
    small = done._repr_html_()
    assert {name for name, _ in Seen(small).tags} <= known - {"script", "style"}


def test_everything_is_in_the_file_and_only_its_own_script_may_run(tmp_path: Path) -> None:
    done = auditor.audit(str(dataset(tmp_path / "set.csv")), tmp_path / "audit")
    page = done.report().render("html")
    assert len(page.encode()) < 3_000_000
    found = data(page)
    wanted = {r["row"]: r for r in done.findings.to_table().to_pylist()}
    assert found["rows"] == len(wanted) and {*column(found, "row")} == {*wanted}
    for name in (
        "item_id",
        "verdict",
        "category",
        "license_concluded",
        "statement",
        "reason",
        "license_comments",
        "authority",
    ):
        for row, told in zip(column(found, "row"), column(found, name), strict=True):
            said = wanted[row][name]
            assert told == said or (said and not said.isprintable()), name
    for key in column(found, "page_key"):
        locator, _, sha256, source = found["pages"][key]
        assert locator.endswith("set.csv") and len(sha256) == 64 and source == "table"
    policy = next(
        m["content"] or "" for m in Seen(page).every("meta") if m.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy


def test_a_table_too_large_is_a_sample_of_each_category_that_says_so(tmp_path: Path) -> None:
    rows = 30_000
    licenses = ["CC0-1.0"] * (rows - 40) + ["CC BY-NC 4.0"] * 40
    ids, titles = [f"i{i}" for i in range(rows)], [f"{i * 7919:x} {i * 104729:x} {i * i:x}" * 6 for i in range(rows)]
    pq.write_table(pa.table({"id": ids, "title": titles, "license": licenses}), tmp_path / "set.parquet")
    page = auditor.audit(str(tmp_path / "set.parquet"), tmp_path / "audit").report().render("html")
    found = data(page)
    assert len(page.encode()) < 3_000_000
    categories = column(found, "category")
    assert 1000 < len(categories) <= 20_000 and categories.count("non-commercial") == 40
    assert len({*column(found, "item_id")}) == len(categories)
    free = categories.count("free")
    assert f"{free + 40:,} of 30,000 items (all 40 non-commercial; {free:,} of 29,960 free)" in page


@pytest.mark.parametrize("rows", [0, 5, 100, 1000])
def test_shares_are_never_more_than_there_is_and_small_categories_are_whole(rows: int) -> None:
    items = {"a": 3, "b": 40, "c": 900}
    shares = shared(items, rows)
    assert sum(shares.values()) <= rows and all(shares[c] <= n for c, n in items.items())
    assert rows < 1000 or shares == items
    assert rows < 100 or shares["a"] == 3


def test_no_items_and_no_item_level_are_pages_too(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    (tmp_path / "set.csv").write_text("id,license\n")
    for target, more in ((tmp_path / "set.csv", ()), ("imagenet-1k", ("--offline",))):
        auditor("audit", target, *more, "-o", tmp_path / "audit")
        done = auditor("report", tmp_path / "audit", "--format", "html", "-o", tmp_path / "report.html")
        assert done.code == 0, done.err
        seen = Seen((tmp_path / "report.html").read_text())
        assert seen.open == [] and "FREE" in " ".join(seen.said)
        __import__("shutil").rmtree(tmp_path / "audit")


def test_pictures_and_the_lineage_are_told_in_words_too(tmp_path: Path) -> None:
    with (tmp_path / "set.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "url", "license", "split"])
        writer.writerows(
            [i, f"https://host{i % 3}.example/{i}", ["CC0", "CC BY-NC 4.0"][i % 2], ["train", "test"][i % 2]]
            for i in range(30)
        )
    report = auditor.audit(str(tmp_path / "set.csv"), tmp_path / "audit").report()
    assert report.by["host"] == [(f"host{i}.example", 10, 5) for i in range(3)]
    assert sum(n for _, n in report.retrieved["Items"]) == 30
    pictures = [s["aria-label"] or "" for s in Seen(report.render("html")).every("svg")]
    assert "Items by verdict. free: 15 items; not free: 15 items; undetermined: 0 items." in pictures
    assert any("train: 15 · 50 %; " in p or "test: 15 · 50 %; " in p for p in pictures)
    assert any(p.startswith("By host. host0.example: 10") for p in pictures)


def test_markdown_links_addresses_and_shows_the_rest_as_it_is(tmp_path: Path) -> None:
    from auditor.report.md import prose

    assert (
        prose("see https://a.example/x_y(z), or http://b.example.")
        == "see <https://a.example/x_y(z)>, or <http://b.example>."
    )
    assert prose("https://a.example/cut…") == "https://a.example/cut…"
    assert prose("<b> &lt; a_b `auditor audit x` `<i>`") == "\\<b\\> \\&lt; a\\_b `auditor audit x` \\`\\<i\\>\\`"
    page = auditor.audit(str(dataset(tmp_path / "set.csv")), tmp_path / "audit").report().render("md")
    assert not [
        line
        for line in page.splitlines()
        if "<" in re.sub(r"\\.|`[\w. -]+`|</?(details|summary)>|<https?://[^\s<>]+>", "", line)
    ]
    assert "\n\n\n" not in page


def test_the_lineage_is_drawn_with_the_places_items_come_from(tmp_path: Path) -> None:
    with (tmp_path / "imagenet_urls.txt").open("w") as out:
        out.writelines(f"n0000000{i % 9 + 1}_{i}\thttp://host{i % 9}.example/{i}.jpg\n" for i in range(45))
    done = auditor.audit(str(tmp_path / "imagenet_urls.txt"), tmp_path / "audit")
    assert done.report().origins["named"] == 45
    page = done.report().render("html")
    texts = [t for t in Seen(page).said if "origins, each its own licence" in t or "other places" in t]
    assert texts.count("5 origins, each its own licence") == 6 and "3 other places" in texts


def test_times_are_counted_by_a_span_that_fits(tmp_path: Path) -> None:
    from datetime import datetime

    from auditor.report.charts import times

    rows = [(datetime(2026, 11, 25, hour), 100 + hour) for hour in (1, 2, 3, 7)]
    drawing = times(rows, "Items, by time", "of them")
    assert drawing.count("<title>") == 4 and "2026-11-25 07:00 UTC: 107 of them" in drawing
    assert "Items, by time. From 2026-11-25 01:00 to 2026-11-25 07:00 UTC, 413 of them." in drawing


@pytest.mark.parametrize("words", [HOSTILE[i : i + 16] for i in range(0, len(HOSTILE), 16)], ids=lambda w: w[0][:9])
def test_markdown_is_read_as_it_was_meant_by_another_reader(tmp_path: Path, words: tuple[str, ...]) -> None:
    from markdown_it import MarkdownIt

    report = auditor.audit(str(dataset(tmp_path / "set.csv", words)), tmp_path / "audit").report()
    reader = MarkdownIt("gfm-like", {"linkify": False})
    page = reader.render(report.render("md"))
    assert page.count("<table>") == sum(bool(s.rows) for s in sections(report))
    assert page.count("<h2>") == len(sections(report)) and "<strong>NOT FREE as a whole" in page
    seen = Seen(page)
    assert {name for name, _ in seen.tags} <= {
        *[
            "h1",
            "h2",
            "p",
            "strong",
            "code",
            "ul",
            "li",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "a",
            "details",
            "summary",
        ]
    }
    said = " ".join(seen.said)
    assert not [w for w in words if w.isprintable() and len(w) < 40 and " ".join(w.split()) not in said]
