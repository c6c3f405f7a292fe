"""Made-up pictures with the metadata that drawing programs write, and the real folder."""

import gzip
import io
import json
import tarfile
import xml.dom.minidom
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import auditor
from auditor.fetch import Get
from auditor.sources import _documents, svg_rdf
from auditor.target import Target

BY = "http://creativecommons.org/licenses/by/3.0/"
NC = "http://creativecommons.org/licenses/by-nc/3.0/"


def svg(*works: str, head: str = "", tail: str = "</svg>") -> bytes:
    return f"""<?xml version="1.0"?>{head}
<svg xmlns="http://www.w3.org/2000/svg" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:cc="http://web.resource.org/cc/" xmlns:n="http://creativecommons.org/ns#" xmlns:dc="http://purl.org/dc/elements/1.1/">
<metadata><rdf:RDF>{"".join(works)}</rdf:RDF></metadata><path d="M 0 0"/>{tail}""".encode()


def work(licence: str = "", about: str = "", more: str = "", space: str = "cc") -> str:
    return f'<{space}:Work rdf:about="{about}">{more}{licence}</{space}:Work>'


def licensed(url: str, space: str = "cc") -> str:
    return f'<{space}:license rdf:resource="{url}"/>'


def run(path: Path) -> list[dict[str, Any]]:
    target = Target(str(path), path)
    assert svg_rdf.knows(target) >= 0.5
    pages = list(svg_rdf.fetch(target, Get(path)))
    assert len({p.key for p in pages}) == len(pages)
    return [row for page in pages for batch in svg_rdf.parse(page) for row in batch.to_pylist()]


def said(path: Path, body: bytes) -> list[tuple[Any, ...]]:
    file = path / "a.svg"
    file.write_bytes(body)
    return [(r["license_text"], r["license_url"], r["scope"]) for r in run(file)]


def test_a_work_is_read_word_for_word(tmp_path: Path) -> None:
    facts = (
        "<dc:title>A  kettle</dc:title><dc:creator><cc:Agent><dc:title>Ann Example</dc:title></cc:Agent></dc:creator>"
        "<dc:rights><cc:Agent><dc:title>Ben Example</dc:title></cc:Agent></dc:rights><dc:source>http://b.example/1</dc:source>"
    )
    (tmp_path / "kettle.svg").write_bytes(svg(work(licensed(BY), more=facts)))
    (row,) = run(tmp_path / "kettle.svg")
    assert {k: v for k, v in row.items() if v is not None} == {
        "item_id": "kettle.svg",
        "row": 0,
        "title": "A kettle",
        "creator": "Ann Example",
        "copyright_text": "Ben Example",
        "kind": "image",
        "license_url": BY,
        "authority": "embedded",
        "was_derived_from": ["http://b.example/1"],
    }


@pytest.mark.parametrize(
    ("works", "expected"),
    [
        ([work(licensed(""))], [(None, None, None)]),
        ([], [(None, None, None)]),
        ([work(licensed(BY, "n"), space="n")], [(None, BY, None)]),
        ([work(licensed("Public Domain"))], [("Public Domain", None, None)]),
        ([work(f"<cc:license>{BY}</cc:license>")], [(None, BY, None)]),
        ([work(f'<cc:license><cc:License rdf:about="{BY}"/></cc:license>')], [(None, BY, None)]),
        ([work(licensed(BY), about="http://a.example/whatever")], [(None, BY, None)]),
        ([work(licensed(BY)), work(licensed(NC), about="#part")], [(None, BY, None), (None, NC, None)]),
        ([work(licensed(BY)), work(licensed(BY))], [(None, BY, None)]),
        ([work(licensed(BY) + licensed(NC))], [(None, BY, None), (None, NC, None)]),
        ([work(more="<dc:rights>Jane Example</dc:rights>", licence=licensed(BY))], [(None, BY, None)]),
        (
            [work(more="<dc:rights>Not for commercial use</dc:rights>", licence=licensed(BY))],
            [(None, BY, None), ("Not for commercial use", None, None)],
        ),
        ([f'<cc:License rdf:about="{BY}"><cc:permits rdf:resource="x"/></cc:License>'], [(None, None, None)]),
    ],
)
def test_what_is_said(tmp_path: Path, works: list[str], expected: list[tuple[Any, ...]]) -> None:
    assert said(tmp_path, svg(*works)) == expected


@pytest.mark.parametrize(
    "works",
    [
        [work(more="<dc:title>mine</dc:title>"), work(licensed(BY), about="http://b.example/other.svg")],
        [work(licensed(BY), about="#one"), work(more="<dc:title>b</dc:title>", about="#two")],
        [work(more=f"<dc:source>{work(licensed(BY))}</dc:source><dc:title>mine</dc:title>")],
    ],
)
def test_the_licence_of_another_work_in_the_file_is_never_the_files(tmp_path: Path, works: list[str]) -> None:
    assert said(tmp_path, svg(*works)) == [(None, None, None), (None, BY, "part")]


def test_two_works_that_differ_both_count(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_bytes(svg(work(licensed(BY), about="#one"), work(licensed(NC), about="#two")))
    rows = run(tmp_path / "a.svg")
    assert [(r["license_url"], r["scope"], r["row"]) for r in rows] == [(BY, None, 0), (NC, None, 0)]


DTD = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"{}>'


@pytest.mark.parametrize("inside", ["", ' [<!ENTITY ns "http://www.w3.org/2000/svg"> <!ENTITY who "Ann and Ben">]'])
def test_a_doctype_and_short_hands_are_read(tmp_path: Path, inside: str) -> None:
    more = "<dc:title>&who;</dc:title>" if inside else ""
    assert said(tmp_path, svg(work(licensed(BY), more=more), head=DTD.format(inside))) == [(None, BY, None)]


@pytest.mark.parametrize(
    "inside",
    [
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;">',
        '<!ENTITY a "ha"><!ENTITY b "&#38;a;&#38;a;">',
        '<!ENTITY a SYSTEM "file:///etc/hostname">',
        '<!ENTITY % p SYSTEM "http://a.example/x.dtd"> %p;',
        f'<!ENTITY a "{"x" * 1_000_000}"><!ENTITY b "y">',
    ],
)
def test_entities_that_expand_or_reach_out_are_refused(tmp_path: Path, inside: str) -> None:
    more = f"<dc:title>{'&a;' * 100}</dc:title>"
    (tmp_path / "a.svg").write_bytes(svg(work(licensed(BY), more=more), head=DTD.format(f" [{inside}]")))
    (row,) = run(tmp_path / "a.svg")
    assert "for safety" in row["error"]
    assert row["license_url"] is None


def test_a_broken_file_is_an_item_with_an_error_and_takes_no_other_with_it(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_bytes(svg(work(licensed(BY)), tail=""))
    (tmp_path / "b.svg").write_bytes(b"")
    (tmp_path / "c.svg").write_bytes(svg(work(licensed(BY))))
    rows = run(tmp_path)
    assert [(r["item_id"], r["row"], r["license_url"], bool(r["error"])) for r in rows] == [
        ("a.svg", 0, None, True),
        ("b.svg", 1, None, True),
        ("c.svg", 2, BY, False),
    ]


def test_folders_in_bundles_archives_and_packed_files_give_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "f"
    bodies = {f"d/{n}.svg": svg(work(licensed(BY if n % 2 else ""))) for n in range(5)}
    (folder / "d").mkdir(parents=True)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped, tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tarred:
        for name, body in bodies.items():
            (folder / name).write_bytes(body)
            zipped.writestr(name, body)
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tarred.addfile(info, io.BytesIO(body))
    monkeypatch.setattr(_documents, "BUNDLE_FILES", 2)
    rows = run(folder)
    assert [r["item_id"] for r in rows] == list(bodies)
    assert [r["row"] for r in rows] == [0, 1, 2, 3, 4]
    assert run(tmp_path / "a.zip") == run(tmp_path / "a.tar.gz") == rows
    (tmp_path / "one.svgz").write_bytes(gzip.compress(bodies["d/1.svg"]))
    assert run(tmp_path / "one.svgz")[0]["license_url"] == BY


@pytest.mark.parametrize("body", [b"<html><svg></svg></html>", b"<!-- <svg> --><math/>", b"text <svg>", b"{}"])
def test_what_is_no_svg_is_left_to_others(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "a.xml").write_bytes(body)
    assert svg_rdf.knows(Target("a.xml", tmp_path / "a.xml")) == 0


def _independently(path: Path) -> list[str]:
    """Return the licences of a file's Works as another parser reads them: every element named `license`."""
    document = xml.dom.minidom.parse(str(path))
    found = [e for e in document.getElementsByTagName("*") if e.localName == "license"]
    return [e.getAttribute("rdf:resource") for e in found if e.getAttribute("rdf:resource")]


def test_real_folder(real_data: Path) -> None:
    folder = real_data / "svg_rdf" / "openclipart"
    rows = run(folder)
    files = sorted(folder.glob("**/*.svg"))
    assert sorted({r["item_id"] for r in rows}) == sorted(f.relative_to(folder).as_posix() for f in files)
    assert [r["error"] for r in rows if r["error"]] == []
    expected = Counter((f.name, url) for f in files for url in _independently(f))
    assert expected.total() >= 30
    beside = [r for r in rows if r["authority"] == "mention"]
    stated = [r for r in rows if r not in beside and (r["license_url"] or r["license_text"])]
    assert Counter((r["item_id"], r["license_url"] or r["license_text"]) for r in stated) == expected
    assert {r["place"] for r in beside} == {"comment"}  # one of them dedicates its flag to the public domain in words


def test_real_folder_agrees_with_the_metadata_beside_it(real_data: Path) -> None:
    """The list beside the pictures was made by someone else's reading of the same files."""
    folder = real_data / "svg_rdf"
    listed = [json.loads(line) for line in (folder / "openclipart_metadata.jsonl").read_text().splitlines()]
    theirs = {one["path"].replace("/", "__"): {u for u in one["cc_license"] if u} for one in listed}
    ours: dict[str, set[str]] = {}
    for row in (r for r in run(folder / "openclipart") if r["authority"] == "embedded"):
        ours.setdefault(row["item_id"], set()).update(u for u in (row["license_url"], row["license_text"]) if u)
    both = ours.keys() & theirs.keys()
    assert len(both) >= 50
    assert {n: ours[n] for n in both} == {n: theirs[n] for n in both}


@pytest.mark.parametrize(
    ("more", "head", "expected"),
    [
        ("<dc:description>Not for commercial use</dc:description>", "", [("Not for commercial use", "description")]),
        ("", "<!-- Ada. All rights reserved. -->", [("Ada. All rights reserved.", "comment")]),
        ("<dc:description>A kettle</dc:description>", "<!-- Created with Inkscape -->", []),
    ],
)
def test_terms_beside_the_licence_can_only_restrict(
    tmp_path: Path, more: str, head: str, expected: list[tuple[str, str]]
) -> None:
    (tmp_path / "a.svg").write_bytes(svg(work(licensed(BY), more=more), head=head))
    first, *others = run(tmp_path / "a.svg")
    assert (first["license_url"], first["authority"]) == (BY, "embedded")
    assert [(r["license_text"], r["place"]) for r in others] == expected
    assert {r["authority"] for r in others} <= {"mention"}


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (
            "<!-- @license kettle-icons 1.0 - ISC -->\n",
            [(None, "embedded"), ("@license kettle-icons 1.0 - ISC", "mention")],
        ),
        ("<!-- SPDX-License-Identifier: ISC -->\n", [("SPDX-License-Identifier: ISC", "embedded")]),
        ("\n<!-- Created by hand -->\n\n", [(None, "embedded")]),
    ],
)
def test_a_comment_before_the_picture_is_no_reason_to_lose_it(
    tmp_path: Path, head: str, said: list[tuple[str | None, str]]
) -> None:
    path = tmp_path / "a.svg"
    path.write_text(f'{head}<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    assert svg_rdf.knows(Target(str(path), path)) == 0.9
    assert [(r["license_text"], r["authority"]) for r in run(path)] == said


@pytest.mark.parametrize("where", ["set", "set/icons"])
@pytest.mark.parametrize("given", ["", "icons", "icons/a.svg"])
@pytest.mark.parametrize(
    ("name", "words", "verdict"),
    [
        ("LICENSE", "Creative Commons Attribution-NonCommercial 4.0\n", "undetermined"),
        ("README.md", "# Icons\n## License\nFor personal use only.\n", "undetermined"),
        ("LICENSE", "Creative Commons Attribution 4.0\n", "free"),
    ],
)
def test_a_licence_file_beside_the_pictures_is_heard(
    tmp_path: Path, given: str, where: str, name: str, words: str, verdict: str
) -> None:
    (tmp_path / "set" / "icons").mkdir(parents=True)
    for picture in ("a.svg", "b.svg"):
        drawn = svg(work(licensed("http://creativecommons.org/licenses/by/4.0/")))
        (tmp_path / "set" / "icons" / picture).write_bytes(drawn)
    (tmp_path / where / name).write_text(words)
    audit = auditor.audit(str(tmp_path / "set" / given), tmp_path / "out")
    assert {r["verdict"] for r in audit.findings.to_table().to_pylist()} == {verdict}
    assert words.split("\n")[-2] in str(audit.info["dataset"]["statements"])
