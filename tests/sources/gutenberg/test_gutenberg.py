"""Made-up books in the catalogue's format, loose and packed as it is published, and the real ones."""

import io
import re
import tarfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from auditor.fetch import Get
from auditor.sources import gutenberg
from auditor.target import Target

CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"


def book(number: int, rights: str | None, more: str = "") -> bytes:
    stated = f"<dcterms:rights>{rights}</dcterms:rights>" if rights is not None else ""
    return f"""<?xml version="1.0" encoding="utf-8"?>
<rdf:RDF xml:base="http://www.gutenberg.org/"
  xmlns:dcterms="http://purl.org/dc/terms/" xmlns:pgterms="http://www.gutenberg.org/2009/pgterms/"
  xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:cc="http://web.resource.org/cc/">
  <pgterms:ebook rdf:about="ebooks/{number}">{stated}{more}</pgterms:ebook>
  <cc:Work rdf:about=""><cc:license rdf:resource="{CC0}"/></cc:Work>
</rdf:RDF>""".encode()


def run(path: Path) -> list[dict[str, Any]]:
    target = Target(str(path), path)
    assert gutenberg.knows(target) > 0.8
    pages = list(gutenberg.fetch(target, Get(path)))
    assert {p.context["manifest"] for p in pages} == {"project-gutenberg"}
    return [row for page in pages for batch in gutenberg.parse(page) for row in batch.to_pylist()]


def test_each_book_of_one_file_is_an_item(tmp_path: Path) -> None:
    second = b'<pgterms:ebook rdf:about="ebooks/8"><dcterms:title>B</dcterms:title></pgterms:ebook>\n  <cc:Work'
    (tmp_path / "pg7.rdf").write_bytes(book(7, "Public domain in the USA.").replace(b"<cc:Work", second))
    (tmp_path / "pg9.rdf").write_bytes(book(9, None))
    books = {(r["row"], r["item_id"]) for r in run(tmp_path)}
    assert books == {(0, "gutenberg:7"), (1, "gutenberg:8"), (2, "gutenberg:9")}


def test_a_book_and_apart_from_it_the_licence_of_its_record(tmp_path: Path) -> None:
    facts = (
        "<dcterms:creator><pgterms:agent><pgterms:name>Example, Ann</pgterms:name><pgterms:alias>A.</pgterms:alias>"
        "</pgterms:agent></dcterms:creator><dcterms:title>On\nTea</dcterms:title>"
        "<dcterms:language><rdf:Description><rdf:value>en</rdf:value></rdf:Description></dcterms:language>"
        "<dcterms:type><rdf:Description><rdf:value>Sound</rdf:value></rdf:Description></dcterms:type>"
    )
    (tmp_path / "pg7.rdf").write_bytes(book(7, "Public domain in the USA.", facts))
    rows = [{k: v for k, v in r.items() if v is not None} for r in run(tmp_path / "pg7.rdf")]
    base = {
        "item_id": "gutenberg:7",
        "row": 0,
        "item_url": "http://www.gutenberg.org/ebooks/7",
        "title": "On Tea",
        "creator": "Example, Ann",
        "kind": "Sound",
        "language": "en",
        "authority": "host",
    }
    assert rows == [
        base | {"license_text": "Public domain in the USA.", "vocabulary": "gutenberg"},
        base | {"license_url": CC0, "scope": "metadata"},
    ]


@pytest.mark.parametrize("rights", [None, "", "  "])
def test_a_book_without_rights_says_nothing(tmp_path: Path, rights: str | None) -> None:
    (tmp_path / "pg7.rdf").write_bytes(book(7, rights))
    assert [(r["license_text"], r["license_url"], r["scope"]) for r in run(tmp_path / "pg7.rdf")] == [
        (None, None, None),
        (None, CC0, "metadata"),
    ]


def test_two_statements_on_a_book_are_two_claims(tmp_path: Path) -> None:
    (tmp_path / "pg7.rdf").write_bytes(book(7, "One.", "<dcterms:rights>Two.</dcterms:rights>"))
    assert [r["license_text"] for r in run(tmp_path / "pg7.rdf")] == ["One.", "Two.", None]


def test_broken_records_are_items_with_errors(tmp_path: Path) -> None:
    (tmp_path / "pg1.rdf").write_bytes(book(1, "x")[:-5])
    (tmp_path / "pg2.rdf").write_bytes(book(2, "Fine."))
    (tmp_path / "pg3.rdf").write_bytes(book(3, "x").replace(b"pgterms:ebook", b"pgterms:other"))
    rows = run(tmp_path)
    assert [(r["item_id"], r["row"], r["license_text"]) for r in rows if not r["scope"]] == [
        ("pg1.rdf", 0, None),
        ("gutenberg:2", 1, "Fine."),
        ("pg3.rdf", 2, None),
    ]
    assert "not well-formed" in rows[0]["error"]
    assert "describes no book" in rows[-1]["error"]


def tar(bodies: dict[str, bytes], mode: Any) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, body in bodies.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return out.getvalue()


def test_the_catalogue_as_folder_tar_zip_and_tar_in_a_zip(tmp_path: Path) -> None:
    bodies = {f"cache/epub/{n}/pg{n}.rdf": book(n, f"Rights {n}.") for n in range(1, 6)}
    for name, body in bodies.items():
        (tmp_path / "f" / name).parent.mkdir(parents=True)
        (tmp_path / "f" / name).write_bytes(body)
    (tmp_path / "rdf-files.tar.bz2").write_bytes(tar(bodies, "w:bz2"))
    with zipfile.ZipFile(tmp_path / "loose.zip", "w") as archive:
        for name, body in bodies.items():
            archive.writestr(name, body)
    with zipfile.ZipFile(tmp_path / "rdf-files.tar.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rdf-files.tar", tar(bodies, "w"))
    expected = run(tmp_path / "f")
    assert [r["item_id"] for r in expected] == [f"gutenberg:{n}" for n in range(1, 6) for _ in range(2)]
    for packed in ("rdf-files.tar.bz2", "loose.zip", "rdf-files.tar.zip"):
        assert run(tmp_path / packed) == expected, packed


def test_other_rdf_is_left_to_others(tmp_path: Path) -> None:
    (tmp_path / "dcat.rdf").write_bytes(b'<rdf:RDF xmlns:dcat="http://www.w3.org/ns/dcat#"/>')
    assert gutenberg.knows(Target("x", tmp_path / "dcat.rdf")) == 0


def test_real_books(real_data: Path) -> None:
    folder = real_data / "gutenberg" / "rdf"
    files = list(folder.glob("*.rdf"))
    texts = [f.read_text("utf-8") for f in files]
    rows = run(folder)
    books = [r for r in rows if r["scope"] is None]
    assert len(books) == len(files) == len({r["item_id"] for r in books}) >= 40
    stated = Counter(found for text in texts for found in re.findall("<dcterms:rights>(.*?)</dcterms:rights>", text))
    assert Counter(r["license_text"] for r in books) == stated
    assert {(r["license_text"], r["license_url"]) for r in rows if r["scope"] == "metadata"} == {(None, CC0)}
    one = run(files[0])
    assert {r["item_id"] for r in one} == {f"gutenberg:{files[0].stem.removeprefix('pg')}"}
