"""MediaWiki dumps: every `<page>` is a claim, whatever the container, the schema or the damage."""

import bz2
import gzip
import hashlib
import json
import lzma
import random
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.schema import Page
from auditor.sources import _mediawiki_bz2, _mediawiki_read, _mediawiki_scan, mediawiki_dump
from auditor.target import Target
from tests.sources.mediawiki_dump.dumps import dump, head, page, revision


def zst(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as out:
        out.write(data)
    return bytes(sink.getvalue())


def seven(data: bytes) -> bytes:
    import io

    import py7zr

    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.writestr(data, "dump.xml")
    return out.getvalue()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "xml": lambda b: b,
    "xml.bz2": bz2.compress,
    "xml.gz": gzip.compress,
    "xml.xz": lzma.compress,
    "xml.lzma": lambda b: lzma.compress(b, format=lzma.FORMAT_ALONE),
    "xml.zst": zst,
    "xml.7z": seven,
}


def rows(path: Path, **options: Any) -> list[dict[str, Any]]:
    """All claims of a file or folder, page by page as an audit takes them."""
    target = Target(str(path), path, **options)
    pages = list(mediawiki_dump.fetch(target, Get(path.parent / "store")))
    assert len({p.key for p in pages}) == len(pages)
    return [r for p in pages for b in mediawiki_dump.parse(p) for r in b.to_pylist()]


def read(
    tmp_path: Path, data: bytes, name: str = "enwiki-20260101-pages-articles.xml", **options: Any
) -> list[dict[str, Any]]:
    path = tmp_path / name
    path.write_bytes(data)
    return rows(path, **options)


def licenses(found: list[dict[str, Any]]) -> list[str | None]:
    return [r["license_text"] for r in found]


THREE = (
    page('Ärger & "Co"', 1, day="2007-01-02", who="A & B"),
    page("Old name", 2, redirect="New name", day="2015-01-02"),
    page("Talk:Ärger", 3, ns=1, revisions=[revision(5, "2024-01-01", "Bo"), revision(9, "2024-02-01", "<Cy>")]),
)


def test_whole_output(tmp_path: Path) -> None:
    assert read(tmp_path, dump(*THREE)) == [
        {
            "item_id": f"enwiki:{number}",
            "row": number - 1,
            "item_url": f"https://en.wikipedia.org/w/index.php?oldid={oldid}",
            "title": title,
            "creator": creator,
            "kind": kind,
            "license_text": license_,
            "license_url": None,
            "vocabulary": None,
            "scope": "text",
            "authority": "host",
            "copyright_text": f"Contributors: https://en.wikipedia.org/w/index.php?curid={number}&action=history",
            "signals": None,
            "as_of": day,
            "error": None,
        }
        for number, oldid, title, creator, kind, license_, day in [
            (1, 7, 'Ärger & "Co"', "A & B", "article", "CC-BY-SA-3.0", "2007-01-02"),
            (2, 7, "Old name", "Ann", "redirect", "CC-BY-SA-3.0", "2015-01-02"),
            (3, 9, "Talk:Ärger", "<Cy>", "talk", "CC-BY-SA-4.0", "2024-02-01"),
        ]
    ]


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_containers_and_encodings_give_the_same(tmp_path: Path, suffix: str, encoding: str) -> None:
    plain = dump(*THREE)
    expected = read(tmp_path, plain, "enwiki-20260101-pages-articles.xml")
    packed = PACKERS[suffix](plain.decode().encode(encoding))
    assert read(tmp_path, packed, f"enwiki-20260101-pages-articles.{suffix}") == expected


def test_a_wrong_suffix_does_not_matter(tmp_path: Path) -> None:
    assert len(read(tmp_path, bz2.compress(dump(*THREE)), "dump.xml.gz")) == 3


@pytest.mark.parametrize("schema", ["0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "0.10", "0.11"])
def test_schemas(tmp_path: Path, schema: str) -> None:
    numbered = float("0." + schema[2:].rjust(2, "0")) >= 0.06
    pages = [
        page(t, i, ns if numbered else None)
        for i, (t, ns) in enumerate({"Tea": 0, "Datei:Tea.jpg": 6, "Talk:Tea": 1}.items())
    ]
    names = {"dbname": "dewiki" if float("0." + schema[2:].rjust(2, "0")) >= 0.08 else None}
    found = read(tmp_path, dump(*pages, base="https://de.wikipedia.org/wiki/X", schema=schema, file="Datei", **names))  # type: ignore[arg-type]
    assert [r["kind"] for r in found] == ["article", "file", "talk"]
    assert licenses(found) == ["CC-BY-SA-4.0", None, "CC-BY-SA-4.0"]
    assert [r["item_id"].split(":")[0] for r in found] == [names["dbname"] or "de.wikipedia.org"] * 3


def test_a_title_whose_namespace_cannot_be_told_takes_no_licence(tmp_path: Path) -> None:
    bare = b"<mediawiki><siteinfo><base>https://de.wikipedia.org/wiki/X</base></siteinfo>"
    found = read(
        tmp_path, bare + page("Datei:Tee.jpg", 1, ns=None).encode() + page("Tee", 2, ns=None).encode() + b"</mediawiki>"
    )
    assert [(r["kind"], r["license_text"]) for r in found] == [("page", None), ("page", None)] or licenses(found)[
        0
    ] is None


OF_ITS_WORK = "the licence or reason that the page of the work states"
WIKIS = [
    ("enwiki", "https://en.wikipedia.org/wiki/M", 0, "2007-01-01", "20080101", "GFDL-1.2-or-later"),
    ("enwiki", "https://en.wikipedia.org/wiki/M", 0, "2007-01-01", "20090615", "CC-BY-SA-3.0"),
    ("enwiki", "http://en.wikipedia.org/wiki/M", 0, "2007-01-01", "20260101", "CC-BY-SA-3.0"),
    ("enwiki", "https://en.wikipedia.org/wiki/M", 0, "2023-06-06", "20260101", "CC-BY-SA-3.0"),
    ("enwiki", "https://en.wikipedia.org/wiki/M", 0, "2023-06-07", "20260101", "CC-BY-SA-4.0"),
    ("be_x_oldwiki", "https://be-tarask.wikipedia.org/wiki/M", 0, "2024-01-01", "20260101", "CC-BY-SA-4.0"),
    ("dewiktionary", "https://de.wiktionary.org/wiki/M", 0, "2024-01-01", "20260101", "CC-BY-SA-4.0"),
    ("wikidatawiki", "https://www.wikidata.org/wiki/M", 0, "2014-01-01", "20260101", "CC0-1.0"),
    ("wikidatawiki", "https://www.wikidata.org/wiki/M", 146, "2024-01-01", "20260101", "CC0-1.0"),
    ("wikidatawiki", "https://www.wikidata.org/wiki/M", 4, "2024-01-01", "20260101", "CC-BY-SA-4.0"),
    ("enwikinews", "https://en.wikinews.org/wiki/M", 0, "2005-09-24", "20260101", "public domain"),
    ("plwikinews", "https://pl.wikinews.org/wiki/M", 0, "2005-09-24", "20260101", "GNU Free Documentation License"),
    ("itwikinews", "https://it.wikinews.org/wiki/M", 0, "2005-09-24", "20260101", None),
    ("enwikinews", "https://en.wikinews.org/wiki/M", 0, "2024-12-15", "20260101", "CC-BY-2.5"),
    ("enwikinews", "https://en.wikinews.org/wiki/M", 0, "2024-12-16", "20260101", "CC-BY-4.0"),
    ("itwikinews", "https://it.wikinews.org/wiki/M", 0, "2025-01-29", "20260101", "CC-BY-2.5"),
    ("itwikinews", "https://it.wikinews.org/wiki/M", 0, "2025-01-30", "20260101", "CC-BY-4.0"),
    ("dewikinews", "https://de.wikinews.org/wiki/M", 0, "2025-06-01", "20260101", "CC-BY-2.5"),
    ("frwikinews", "https://fr.wikinews.org/wiki/M", 0, "2025-06-01", "20260101", None),
    ("enwikivoyage", "https://en.wikivoyage.org/wiki/M", 0, "2014-01-01", "20260101", "CC-BY-SA-3.0"),
    ("enwikisource", "https://en.wikisource.org/wiki/M", 0, "2024-01-01", "20260101", OF_ITS_WORK),
    ("sourceswiki", "https://wikisource.org/wiki/M", 104, "2024-01-01", "20260101", OF_ITS_WORK),
    ("enwikisource", "https://en.wikisource.org/wiki/M", 10, "2024-01-01", "20260101", "CC-BY-SA-4.0"),
    ("commonswiki", "https://commons.wikimedia.org/wiki/M", 14, "2014-01-01", "20260101", "CC-BY-SA-3.0"),
    ("commonswiki", "https://commons.wikimedia.org/wiki/M", 6, "2014-01-01", "20260101", None),
    ("mediawikiwiki", "https://www.mediawiki.org/wiki/M", 12, "2014-01-01", "20260101", "public domain"),
    ("wikifunctionswiki", "https://www.wikifunctions.org/wiki/M", 0, "2025-01-01", "20260101", None),
    # not known, or the dump contradicts itself
    ("enwiki", "https://wiki.example/wiki/M", 0, "2024-01-01", "20260101", None),
    ("enwiki", "https://en.wikipedia.org.example/wiki/M", 0, "2024-01-01", "20260101", None),
    ("commonswiki", "https://www.wikidata.org/wiki/M", 0, "2024-01-01", "20260101", None),
    ("enwikinews", "https://en.wikipedia.org/wiki/M", 0, "2024-01-01", "20260101", None),
]


@pytest.mark.parametrize(("dbname", "base", "ns", "revised", "dumped", "expected"), WIKIS)
def test_text_licence_by_wiki_namespace_and_both_dates(
    tmp_path: Path, dbname: str, base: str, ns: int, revised: str, dumped: str, expected: str | None
) -> None:
    data = dump(page("X", 1, ns=ns, day=revised), dbname=dbname, base=base)
    assert licenses(read(tmp_path, data, f"{dbname}-{dumped}-pages-articles.xml")) == [expected]


def test_a_dump_without_a_day_is_of_its_latest_revision_or_its_software(tmp_path: Path) -> None:
    old = page("X", 1, day="2007-01-01")
    assert licenses(read(tmp_path, dump(old, generator="MediaWiki 1.15"), "dump.xml")) == ["GFDL-1.2-or-later"]
    assert licenses(read(tmp_path, dump(old, generator="MediaWiki 1.46.0-wmf.7"), "dump.xml")) == ["CC-BY-SA-3.0"]
    later = dump(old, page("Y", 2, day="2012-01-01"), generator="MediaWiki 1.15")
    assert licenses(read(tmp_path, later, "dump.xml")) == ["CC-BY-SA-3.0"] * 2


def test_an_unknown_wiki_is_unknown_until_its_rightsinfo_is_read(tmp_path: Path) -> None:
    data = dump(page("X", 1), page("File:X.png", 2, ns=6), dbname="mywiki", base="https://wiki.example/index.php/Home")
    assert licenses(read(tmp_path, data, "mywiki.xml")) == [None, None]
    answer = {
        "query": {"rightsinfo": {"url": "https://creativecommons.org/licenses/by-sa/3.0/", "text": "CC BY-SA 3.0"}}
    }
    (tmp_path / "siteinfo.json").write_text(json.dumps(answer))
    found = read(tmp_path, data, "mywiki.xml")
    assert [(r["license_text"], r["license_url"], r["authority"]) for r in found] == [
        ("CC BY-SA 3.0", "https://creativecommons.org/licenses/by-sa/3.0/", "host"),
        (None, None, "host"),
    ]
    assert found[0]["item_url"] == "https://wiki.example/index.php/?oldid=7"


def test_rightsinfo_given_as_an_endpoint(tmp_path: Path) -> None:
    data = dump(page("X", 1), dbname="mywiki", base="https://wiki.example/wiki/Home")
    saved = tmp_path / "answer.json"
    saved.write_text('{"query": {"rightsinfo": {"url": "", "text": "CC-BY-4.0"}}}')
    assert licenses(read(tmp_path, data, "a.xml", endpoints={"mediawiki_dump": str(saved)})) == ["CC-BY-4.0"]
    saved.write_text("{}")
    with pytest.raises(BadInput, match="siprop=rightsinfo"):
        read(tmp_path, data, "a.xml", endpoints={"mediawiki_dump": str(saved)})


BOTH = "{{self|cc-by-sa-4.0|GFDL}}"
FILES = [
    ("{{Information|description=x|permission=}}\n=={{int:license-header}}==\n" + BOTH, BOTH, "commons"),
    ("{{Information|permission={{cc-by-2.0|Z}}}}{{PD-old}}", "{{cc-by-2.0|Z}}\n{{PD-old}}", "commons"),
    ("<!-- {{cc-zero}} --><nowiki>{{cc-zero}}</nowiki> {{GFDL|a=b}}", "{{GFDL|a=b}}", "commons"),
    ("{{Information|permission=/ Creative Commons 2.5 Attribution\n}}", "/ Creative Commons 2.5 Attribution", None),
    ("== Licensing ==\n{{My own tag|{{x}}}}\n[[Category:Y]]", "{{My own tag|{{x}}}}", "commons"),
    ("{{Information|description=cc-by-4.0 {{tl|cc-zero}}|permission=}}", None, None),
    ("", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "vocabulary"), FILES)
def test_a_file_is_read_through_its_templates_never_the_texts_licence(
    tmp_path: Path, text: str, expected: str | None, vocabulary: str | None
) -> None:
    data = dump(
        page("File:X.jpg", 1, ns=6, text=text), dbname="commonswiki", base="https://commons.wikimedia.org/wiki/M"
    )
    [found] = read(tmp_path, data, "commonswiki-20260101-pages-articles.xml")
    said = (found["license_text"], found["vocabulary"], found["scope"], found["kind"])
    assert said == (expected, vocabulary, "media", "file")


def test_template_redirects_of_the_dump_are_followed_and_kept(tmp_path: Path) -> None:
    data = dump(
        page("File:X.jpg", 1, ns=6, text="{{my zero}}"),
        page("Template:My zero", 2, ns=10, redirect="Template:Cc-zero"),
        dbname="commonswiki",
        base="https://commons.wikimedia.org/wiki/M",
    )
    found = read(tmp_path, data, "commonswiki-20260101-pages-articles.xml")[0]
    assert found["license_text"] == "{{Cc-zero}}"
    assert json.loads(found["signals"]) == {"template_redirects": {"my zero": "Cc-zero"}}


def test_a_permission_that_may_take_back_the_tag_is_a_second_claim(tmp_path: Path) -> None:
    text = "{{Information|permission=For non-commercial use only}}\n{{cc-by-sa-3.0}}"
    found = read(tmp_path, dump(page("File:X.jpg", 1, ns=6, text=text), page("T", 2)))
    assert [(r["row"], r["license_text"], r["scope"]) for r in found] == [
        (0, "{{cc-by-sa-3.0}}", "media"),
        (0, "For non-commercial use only", "media"),
        (1, "CC-BY-SA-4.0", "text"),
    ]


def test_a_redirect_among_files_is_no_text(tmp_path: Path) -> None:
    [found] = read(
        tmp_path, dump(page("File:Old.jpg", 1, ns=6, redirect="File:New.jpg", text="#REDIRECT [[File:New.jpg]]"))
    )
    assert (found["kind"], found["scope"], found["license_text"]) == ("redirect", "media", None)


BROKEN = [
    (b"  <page>\n    <title>No end</title><ns>0</ns><id>8</id>\n", "does not end before the next", "enwiki:8"),
    (b"  <page>\n    <ns>0</ns>\n  </page>\n", "title or id", "enwiki-20260101-pages-articles.xml#1"),
    (b"  <page>\n    <title>No revision</title><ns>0</ns><id>8</id>\n  </page>\n", "no revision", "enwiki:8"),
]


@pytest.mark.parametrize(("broken", "why", "item"), BROKEN)
def test_a_broken_page_is_a_row_and_takes_no_other_with_it(tmp_path: Path, broken: bytes, why: str, item: str) -> None:
    first, second = page("A", 1).encode(), page("B", 2).encode()
    found = read(tmp_path, head().encode() + first + broken + second + b"</mediawiki>")
    assert [r["item_id"] for r in found] == ["enwiki:1", item, "enwiki:2"]
    assert [r["row"] for r in found] == [0, 1, 2]
    assert found[1]["error"] and why in found[1]["error"]
    assert [found[0]["error"], found[2]["error"]] == [None, None]


def test_elements_in_an_unusual_order_and_hidden_contributors(tmp_path: Path) -> None:
    odd = (
        "<page><id>5</id><title>X</title><ns>0</ns><restrictions>edit</restrictions><revision><timestamp>2024-01-01T00:00:00Z"
        '</timestamp><id>6</id><contributor deleted="deleted" /><text deleted="deleted" /></revision></page>'
    )
    ip = page("Y", 6).replace("<username>Ann</username>\n        <id>3</id>", "<ip>192.0.2.1</ip>")
    found = read(tmp_path, dump(odd, ip))
    assert [(r["item_id"], r["creator"], r["as_of"], r["error"]) for r in found] == [
        ("enwiki:5", None, "2024-01-01", None),
        ("enwiki:6", "192.0.2.1", "2024-05-06", None),
    ]


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_truncated_file_keeps_what_was_read_and_ends_in_one_error(tmp_path: Path, suffix: str) -> None:
    pages = [page(f"Page {i}", i, text=hashlib.sha256(str(i).encode()).hexdigest() * 40) for i in range(40)]
    whole = PACKERS[suffix](dump(*pages))
    path = tmp_path / f"enwiki-20260101-pages-articles.{suffix}"
    path.write_bytes(whole)
    expected = rows(path)
    assert len(expected) == 40
    for cut in {len(whole) // 3, len(whole) // 2, len(whole) - 30, len(whole) - 2}:
        path.write_bytes(whole[:cut])
        try:
            found = rows(path)
        except BadInput:
            assert suffix != "xml", "a plain file can always be read to where it ends"
            continue
        *good, last = found
        assert good == expected[: len(good)]
        assert (last["error"] and "get it again" in last["error"]) or "get the file again" in last["error"]
        assert last["row"] == len(good)


@given(cut=st.integers(0, 3_000), data=st.data())
def test_no_bytes_break_it(tmp_path_factory: pytest.TempPathFactory, cut: int, data: st.DataObject) -> None:
    whole = bytearray(dump(*THREE))
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(400, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("dump") / "x.xml"
    path.write_bytes(bytes(whole[: len(whole) - min(cut, len(whole) - 400)]))
    found = rows(path)
    assert [r["row"] for r in found] == list(range(len(found)))
    assert all(r["item_id"] for r in found)


def small(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(_mediawiki_read, "SMALLEST", size)
    monkeypatch.setattr(_mediawiki_read, "SHARES", 1_000)


def many(count: int = 60) -> bytes:
    texts = [hashlib.sha256(str(i).encode()).hexdigest() * (i % 7 + 1) for i in range(count)]
    return dump(*(page(f"P {i}", i, text=t) for i, t in enumerate(texts)))


def test_slices_of_a_multistream_dump_give_what_the_whole_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = many()
    at = [
        0,
        data.index(b"  <page>"),
        *(i for n, i in enumerate(places(data, b"  <page>")) if n % 10 == 9),
        data.index(b"</mediawiki>"),
    ]
    packed = b"".join(bz2.compress(data[a:b]) for a, b in zip(at, [*at[1:], len(data)], strict=True))
    check_slices(tmp_path, monkeypatch, data, packed, "enwiki-20260101-pages-articles-multistream.xml.bz2")


@pytest.mark.parametrize("size", [97, 1_000, 4_099])
def test_streams_cut_anywhere_lose_and_double_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    data = many()
    packed = b"".join(bz2.compress(data[i : i + size]) for i in range(0, len(data), size))
    check_slices(tmp_path, monkeypatch, data, packed, "dump.xml.bz2")


@pytest.mark.parametrize("size", [500, 3_001, 7_919])
def test_slices_of_a_plain_dump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    data = many()
    check_slices(tmp_path, monkeypatch, data, data, "dump.xml", size)


def places(data: bytes, needle: bytes) -> list[int]:
    found, at = [], data.find(needle)
    while at >= 0:
        found.append(at)
        at = data.find(needle, at + 1)
    return found


def check_slices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, packed: bytes, name: str, size: int = 2_000
) -> None:
    expected = [{**r, "row": None} for r in read(tmp_path, data, name)]
    small(monkeypatch, size)
    path = tmp_path / name
    path.write_bytes(packed)
    pages = list(mediawiki_dump.fetch(Target(str(path), path), Get(tmp_path / "store")))
    assert len(pages) > 2
    parsed = [[r for b in mediawiki_dump.parse(p) for r in b.to_pylist()] for p in pages]
    found = [r for some in parsed for r in some]
    assert [{**r, "row": None} for r in found] == expected
    numbers = [r["row"] for r in found]
    assert numbers == sorted(set(numbers))
    again = [[r for b in mediawiki_dump.parse(p) for r in b.to_pylist()] for p in reversed(pages)]
    assert again == parsed[::-1]


def test_trailing_zeros_are_no_damage_and_a_damaged_stream_is(tmp_path: Path) -> None:
    packed = bz2.compress(dump(*THREE))
    assert [r["error"] for r in read(tmp_path, packed + b"\0" * 512, "a.xml.bz2")] == [None] * 3
    second = bz2.compress(page("D", 4).encode() + b"</mediawiki>")
    found = read(tmp_path, bz2.compress(head().encode() + THREE[0].encode()) + b"xxx" + second[3:], "a.xml.bz2")
    assert [bool(r["error"]) for r in found] == [False, True]


TOOL = """#!{python}
import bz2, sys
unpacked, packed = b"", sys.stdin.buffer.read()
while packed:
    stream = bz2.BZ2Decompressor()
    unpacked, packed = unpacked + stream.decompress(packed), stream.unused_data
sys.stdout.buffer.write(unpacked[:{most}])
sys.exit({code})
"""


@pytest.mark.parametrize(("most", "code"), [(10**9, 0), (0, 2), (3_333, 2), (10**9, 1)])
def test_an_outside_tool_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, code: int) -> None:
    """A stand-in for lbzip2 that is whole, gives nothing, breaks in the middle, or fails at its end."""
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "lbzip2").write_text(TOOL.format(python=sys.executable, most=most, code=code))
    (tools / "lbzip2").chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setattr(_mediawiki_bz2, "LEAST", 0)
    data = many()
    assert read(tmp_path, bz2.compress(data), "b.xml.bz2") == read(tmp_path, data, "b.xml")
    check_slices(
        tmp_path,
        monkeypatch,
        data,
        b"".join(bz2.compress(data[i : i + 999]) for i in range(0, len(data), 999)),
        "a.xml.bz2",
    )


def test_a_reader_that_stops_leaves_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("lbzip2") is None:
        pytest.skip("needs lbzip2 on the path")
    monkeypatch.setattr(_mediawiki_bz2, "LEAST", 0)
    path = tmp_path / "a.xml.bz2"
    path.write_bytes(bz2.compress(many(4_000)))
    given = _mediawiki_bz2.blocks(path, 0, path.stat().st_size)
    assert next(given)[0].startswith(b"<mediawiki")
    given.close()


def test_a_long_history_is_one_item_in_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_mediawiki_scan, "LONG", 20_000)
    monkeypatch.setattr(_mediawiki_read, "BLOCK", 5_000)
    history = [revision(i, f"20{10 + i % 14:02}-01-0{1 + i % 9}", f"U{i}", "t" * 900) for i in range(300)]
    history[137] = revision(777, "2025-12-31", "Last", "{{cc-zero}}")
    found = read(tmp_path, dump(page("File:Long.jpg", 1, ns=6, revisions=history), page("B", 2)))
    assert [(r["item_id"], r["creator"], r["as_of"], r["license_text"]) for r in found] == [
        ("enwiki:1", "Last", "2025-12-31", "{{cc-zero}}"),
        ("enwiki:2", "Ann", "2024-05-06", "CC-BY-SA-4.0"),
    ]


def test_a_revision_without_an_end_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_mediawiki_scan, "LONG", 5_000)
    monkeypatch.setattr(_mediawiki_scan, "LONGEST", 20_000)
    monkeypatch.setattr(_mediawiki_read, "BLOCK", 2_000)
    found = read(tmp_path, dump(page("A", 1, text="x" * 90_000), page("B", 2)))
    assert [(r["item_id"], bool(r["error"])) for r in found] == [("enwiki:1", True), ("enwiki:2", False)]


def folder(tmp_path: Path) -> Path:
    top = tmp_path / "20260101"
    top.mkdir()
    current, articles = dump(page("A", 1), page("Talk:A", 2, ns=1)), dump(page("A", 1))
    (top / "enwiki-20260101-pages-meta-current.xml.bz2").write_bytes(bz2.compress(current))
    (top / "enwiki-20260101-pages-articles.xml.bz2").write_bytes(bz2.compress(articles))
    (top / "enwiki-20260101-pages-meta-history.xml.7z").write_bytes(seven(current))
    (top / "notes.txt").write_text("nothing")
    return top


def test_a_folder_is_read_once_and_checked(tmp_path: Path) -> None:
    top = folder(tmp_path)
    path = top / "enwiki-20260101-pages-meta-current.xml.bz2"
    file = {"size": path.stat().st_size, "sha1": hashlib.sha1(path.read_bytes()).hexdigest()}
    lacking = {"enwiki-20260101-pages-meta-current2.xml-p5p9.bz2": {"sha1": "0" * 40}}
    status = {"version": "0.8", "jobs": {"metacurrentdump": {"status": "done", "files": {path.name: file, **lacking}}}}
    (top / "dumpstatus.json").write_text(json.dumps(status))
    told: list[str] = []
    assert [r["item_id"] for r in rows(top, told=told.append)] == ["enwiki:1", "enwiki:2"]
    assert any("pages-articles, pages-meta-history hold the same pages" in t for t in told)
    assert any("lists 1 more files of metacurrentdump" in t for t in told)


@pytest.mark.parametrize("kind", ["md5", "sha1"])
def test_a_file_that_is_not_the_published_one_is_named(tmp_path: Path, kind: str) -> None:
    top = folder(tmp_path)
    name = "enwiki-20260101-pages-meta-current.xml.bz2"
    (top / f"enwiki-20260101-{kind}sums.txt").write_text(f"{'0' * (32 if kind == 'md5' else 40)}  {name}\n")
    with pytest.raises(BadInput, match=f"{name} is not the published file: its {kind} is"):
        rows(top)


def test_a_folder_without_a_dump(tmp_path: Path) -> None:
    (tmp_path / "dumpstatus.json").write_text('{"jobs": {}}')
    assert mediawiki_dump.knows(Target(str(tmp_path), tmp_path)) == 0
    with pytest.raises(BadInput, match="holds no MediaWiki dump"):
        rows(tmp_path)


class Mirror(Get):
    """A Get that has some answers already."""

    def __init__(self, store: Path, answers: dict[str, bytes]) -> None:
        super().__init__(store)
        self.answers = answers

    def file(self, url: str, source: str) -> Page:
        place = self.store / url.rsplit("/", 1)[-1]
        place.write_bytes(self.answers[url])
        return Page(source=source, locator=url, path=str(place), stamp="x")


def test_urls(tmp_path: Path) -> None:
    name, base = "aawiki-20260101-pages-articles.xml.bz2", "https://dumps.wikimedia.org/aawiki/20260101"
    data = bz2.compress(dump(page("A", 1), dbname="aawiki", base="https://aa.wikipedia.org/wiki/M"))
    files = {name: {"sha1": hashlib.sha1(data).hexdigest()}, "aawiki-20260101-pages-articles-multistream.xml.bz2": {}}
    jobs = {
        "articlesdump": {"status": "done", "files": {name: files[name]}},
        "articlesmultistreamdump": {"status": "waiting"},
    }
    answers = {f"{base}/dumpstatus.json": json.dumps({"jobs": jobs}).encode(), f"{base}/{name}": data}
    for url in (f"{base}/", base, f"{base}/{name}"):
        target = Target(url)
        assert mediawiki_dump.knows(target) == 1
        pages = list(mediawiki_dump.fetch(target, Mirror(tmp_path, answers)))
        assert [p.locator for p in pages] == [f"{base}/{name}"]
        assert [r["item_id"] for p in pages for b in mediawiki_dump.parse(p) for r in b.to_pylist()] == ["aawiki:1"]
    assert mediawiki_dump.knows(Target("https://en.wikipedia.org/wiki/Tea")) == 0


def test_what_is_no_export(tmp_path: Path) -> None:
    other = tmp_path / "a.xml"
    other.write_text("<annotation><filename>x</filename></annotation>")
    assert mediawiki_dump.knows(Target(str(other), other)) == 0
    with pytest.raises(BadInput, match="no <mediawiki> element"):
        rows(other)


def test_without_py7zr_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "py7zr", None)
    with pytest.raises(BadInput, match=r"install auditor\[sevenzip\]"):
        read(tmp_path, b"7z\xbc\xaf\x27\x1c" + b"\0" * 40, "enwiki-20260101-pages-meta-history.xml.7z")


@pytest.mark.parametrize("damage", ["bit", "header", "cut", "more"])
def test_a_damaged_file_gives_what_pythons_own_decompressor_gives(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """indexed_bzip2 passes over a stream whose header is damaged: its content must not be lost unsaid."""
    monkeypatch.setenv("PATH", str(tmp_path))  # no lbzip2
    monkeypatch.setattr(_mediawiki_bz2, "LEAST", 0)
    dice = random.Random(damage)
    streams = [
        bz2.compress(dice.randbytes(9_000) * 3),
        bz2.compress(b"abc" * 9_000),
        bz2.compress(dice.randbytes(9_000)),
    ]
    whole, path = b"".join(streams), tmp_path / "a.bz2"
    for _ in range(25):
        data = bytearray(whole)
        if damage == "bit":
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        elif damage == "header":
            data[len(streams[0]) + dice.randrange(10)] ^= 1 << dice.randrange(8)
        elif damage == "cut":
            del data[dice.randrange(len(data)) :]
        else:
            data += dice.randbytes(dice.randrange(1, 99))
        path.write_bytes(data)
        assert unpacked(_mediawiki_bz2.blocks, path) == unpacked(_mediawiki_bz2._streams, path)


def unpacked(way: Callable[[Path, int, int], Iterator[tuple[bytes, bool]]], path: Path) -> tuple[bytes, str]:
    """Return what a way unpacks before it stops, and why it stops."""
    out = b""
    try:
        for block, _ in way(path, 0, path.stat().st_size):
            out += block
    except BadInput as error:
        return out, str(error)
    return out, "whole"
