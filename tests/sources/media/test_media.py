"""Made-up pictures, sounds and PDFs with metadata in their real forms, and real ones."""

import json
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auditor import Audit, audit
from auditor.fetch import Get
from auditor.resolve import best
from auditor.sources import _media_parts, media
from auditor.target import Target
from tests.sources.following import license_of
from tests.sources.media.pictures import exif, jpeg, mp3, packet, png, webp

BY, NC = "http://creativecommons.org/licenses/by/4.0/", "http://creativecommons.org/licenses/by-nc/4.0/"
RIGHTS = '<dc:rights><rdf:Alt><rdf:li xml:lang="de">{0}</rdf:li><rdf:li xml:lang="x-default">{0}</rdf:li></rdf:Alt></dc:rights>'


def run(path: Path) -> list[dict[str, Any]]:
    target = Target(str(path), path)
    assert media.knows(target) >= 0.5
    pages = media.fetch(target, Get(path.parent / "store"))
    rows = [row for page in pages for batch in media.parse(page) for row in batch.to_pylist()]
    return [{k: v for k, v in row.items() if v is not None} for row in rows]


def said(folder: Path, name: str, body: bytes) -> list[tuple[str, str | None]]:
    """Return the licence and where it stands, of each statement in one file."""
    (folder / name).write_bytes(body)
    return [(license_of(r), r.get("place")) for r in run(folder / name) if "license_text" in r or "license_url" in r]


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        ("a.jpg", jpeg(xmp=f'<cc:license rdf:resource="{BY}"/>'), [("CC-BY-4.0", "cc:license")]),
        ("a.jpg", jpeg(xmp=f"<xmpRights:WebStatement>{BY}</xmpRights:WebStatement>"), [("CC-BY-4.0", "xmpRights:WebStatement")]),
        ("a.jpg", jpeg(xmp="<xmpRights:WebStatement>http://a.example/about</xmpRights:WebStatement>"), []),
        ("a.jpg", jpeg(xmp="<xmpRights:UsageTerms><rdf:Alt><rdf:li>For editorial use only.</rdf:li></rdf:Alt></xmpRights:UsageTerms>"),
         [("NOASSERTION", "xmpRights:UsageTerms")]),
        ("a.jpg", jpeg(xmp=RIGHTS.format("All rights reserved")), [("LicenseRef-All-Rights-Reserved", "dc:rights")]),
        ("a.jpg", jpeg(xmp=RIGHTS.format("© 2020 Ann")), []),
        ("a.jpg", jpeg(xmp="<xmpRights:Marked>False</xmpRights:Marked>"), [("NOASSERTION", "xmpRights:Marked")]),
        ("a.jpg", jpeg(xmp="<plus:OtherConstraints>Not for resale.</plus:OtherConstraints>"), [("LicenseRef-non-commercial", "plus:OtherConstraints")]),
        ("a.jpg", jpeg(xmp="<xmpRights:Marked>True</xmpRights:Marked>"), []),
        ("a.jpg", jpeg(tags={"copyright": "Ann, licensed under CC BY-NC 4.0", "artist": "Ann"}), [("CC-BY-NC-4.0", "EXIF Copyright")]),
        ("a.jpg", jpeg(fields={"notice": "CC BY 4.0", "byline": "Ann"}), [("CC-BY-4.0", "IPTC CopyrightNotice")]),
        ("a.jpg", jpeg(comment="This picture is licensed under CC BY-SA 4.0"), [("CC-BY-SA-4.0", "comment")]),
        ("a.jpg", jpeg(comment="Created with GIMP"), []),
        ("a.jpg", jpeg(xmp=f'<cc:license rdf:resource="{BY}"/>' + RIGHTS.format("CC BY-NC 4.0")),
         [("CC-BY-4.0", "cc:license"), ("CC-BY-NC-4.0", "dc:rights")]),
        ("a.png", png(texts={"Copyright": "CC0 1.0", "Author": "Ann"}), [("CC0-1.0", "PNG Copyright")]),
        ("a.png", png(texts={"License": BY}, late=True), [("CC-BY-4.0", "PNG License")]),
        ("a.png", png(xmp=f'<cc:license rdf:resource="{NC}"/>'), [("CC-BY-NC-4.0", "cc:license")]),
        ("a.webp", webp(f'<cc:license rdf:resource="{BY}"/>'), [("CC-BY-4.0", "cc:license")]),
        ("a.heic", b"\0\0\0\x18ftypheic" + bytes(40) + packet(f'<cc:license rdf:resource="{BY}"/>') + bytes(40), [("CC-BY-4.0", "cc:license")]),
        ("a.tif", exif(copyright="CC BY 4.0", artist="Ann"), [("CC-BY-4.0", "EXIF Copyright")]),
        ("a.mp3", mp3(WCOP=BY, TCOP="2020 Ann", TPE1="Ann"), [("CC-BY-4.0", "WCOP")]),
        ("a.mp3", mp3(TCOP="2020 Ann. Licensed to the public under http://creativecommons.org/licenses/by-sa/3.0/"), [("CC-BY-SA-3.0", "TCOP")]),
        ("a.jpg", jpeg(), []),
    ],
)  # fmt: skip
def test_what_is_embedded(tmp_path: Path, name: str, body: bytes, expected: list[tuple[str, str]]) -> None:
    assert said(tmp_path, name, body) == expected


def test_a_file_is_read_word_for_word(tmp_path: Path) -> None:
    xmp = f'<cc:license rdf:resource="{BY}"/><cc:attributionName>Ann</cc:attributionName>' + RIGHTS.format("© 2020 Ann")
    (tmp_path / "kettle.jpg").write_bytes(
        jpeg(xmp=xmp + "<dc:title><rdf:Alt><rdf:li>A kettle</rdf:li></rdf:Alt></dc:title>")
    )
    (row,) = run(tmp_path / "kettle.jpg")
    assert row == {
        "item_id": "kettle.jpg",
        "row": 0,
        "title": "A kettle",
        "creator": "Ann",
        "kind": "jpeg",
        "license_url": BY,
        "authority": "embedded",
        "place": "cc:license",
        "copyright_text": "© 2020 Ann",
    }


@pytest.mark.parametrize(
    "noise",
    [
        {"tags": {"copyright": "Copyright (C) OLYMPUS DIGITAL CAMERA", "artist": "OLYMPUS DIGITAL CAMERA"}},
        {"tags": {"copyright": "Copyright", "description": "OLYMPUS DIGITAL CAMERA"}},
        {"fields": {"notice": "(c) 2015", "credit": "My Credit"}},
    ],
)
def test_what_cameras_write_by_themselves_is_noise(tmp_path: Path, noise: dict[str, Any]) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(**noise))
    (row,) = run(tmp_path / "a.jpg")
    assert row == {"item_id": "a.jpg", "row": 0, "kind": "jpeg", "authority": "embedded"}


def test_the_rights_of_a_work_that_is_shown_are_not_the_photos(tmp_path: Path) -> None:
    shown = (
        "<Iptc4xmpExt:ArtworkOrObject><rdf:Bag><rdf:li rdf:parseType='Resource'><Iptc4xmpExt:AOCopyrightNotice>Public Domain"
        f"</Iptc4xmpExt:AOCopyrightNotice><dc:rights>CC0</dc:rights><cc:license rdf:resource='{BY}'/></rdf:li></rdf:Bag></Iptc4xmpExt:ArtworkOrObject>"
    )
    assert said(tmp_path, "a.jpg", jpeg(xmp=shown)) == []
    both = shown + RIGHTS.format("All rights reserved")
    assert said(tmp_path, "a.jpg", jpeg(xmp=both)) == [("LicenseRef-All-Rights-Reserved", "dc:rights")]


def test_an_opt_out_is_a_signal(tmp_path: Path) -> None:
    mining = "<plus:DataMining>http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING</plus:DataMining>"
    (tmp_path / "a.jpg").write_bytes(jpeg(xmp=mining + f'<cc:license rdf:resource="{BY}"/>'))
    (row,) = run(tmp_path / "a.jpg")
    assert license_of(row) == "CC-BY-4.0"
    assert json.loads(row["signals"]) == {"plus:DataMining": "DMI-PROHIBITED-AIMLTRAINING"}


def test_a_sidecar_speaks_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg())
    (tmp_path / "a.xmp").write_bytes(packet(f'<cc:license rdf:resource="{BY}"/>'))
    assert [license_of(r) for r in run(tmp_path)] == ["CC-BY-4.0"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda b: b[:40],
        lambda b: b"\xff\xd8\xff" + bytes(100),
        lambda b: b[:20] + b"\xff" * len(b),
        lambda b: b"GIF89a",
    ],
)
def test_broken_files_are_findings_with_an_error(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    (tmp_path / "a.jpg").write_bytes(spoil(jpeg(tags={"copyright": "CC BY 4.0"})))
    (tmp_path / "b.jpg").write_bytes(b"not a picture")
    (tmp_path / "c.jpg").write_bytes(b"")
    (tmp_path / "d.jpg").write_bytes(jpeg(tags={"copyright": "CC BY 4.0"}))
    rows = run(tmp_path)
    assert [r["item_id"] for r in rows] == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    assert ["could not be read as media" in r.get("error", "") for r in rows] == [True, True, True, False]


def test_spoilt_bytes_end_in_findings(tmp_path: Path) -> None:
    """Flipped, cut and doubled bytes of every kind, some hundreds: one finding each, in bounded time, and none breaks the audit."""
    chance = random.Random(7)
    whole = [
        jpeg(xmp=RIGHTS.format("CC BY 4.0"), tags={"copyright": "CC BY 4.0"}, fields={"notice": "CC BY 4.0"}),
        png(texts={"Copyright": "CC BY 4.0"}, xmp=RIGHTS.format("CC BY 4.0")),
        webp(RIGHTS.format("CC BY 4.0")),
        mp3(TCOP="CC BY 4.0", WCOP=BY),
        exif(copyright="CC BY 4.0, Ann"),
    ]
    for number in range(300):
        body = bytearray(chance.choice(whole))
        for _ in range(chance.randint(1, 9)):
            at = chance.randrange(len(body))
            body[at : at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        (tmp_path / f"{number:03}.{chance.choice(['jpg', 'png', 'webp', 'mp3', 'tif'])}").write_bytes(
            body[: chance.randint(1, 4000)]
        )
    begun = time.monotonic()
    rows = run(tmp_path)
    assert len({r["item_id"] for r in rows}) == 300
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize(
    "body",
    [
        b"\0\0\0\x18ftypheic" + b"<x:xmpmeta " * 90_000,
        b"%PDF-1.7\n" + b"<rdf:RDF <?xml " * 60_000,
        jpeg(xmp="\0" * 60_000 + "x"),
        jpeg(xmp="<a>" * 20_000),
    ],
)
def test_hostile_files_are_read_in_bounded_time(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "a.heic").write_bytes(body)
    begun = time.monotonic()
    assert len(run(tmp_path)) == 1
    assert time.monotonic() - begun < 5


def test_what_is_kept_of_a_picture_says_the_same_and_nothing_of_its_pixels() -> None:
    for picture in (
        jpeg(xmp=RIGHTS.format("CC BY 4.0"), tags={"artist": "Ann"}, pixels=90_000),
        png(texts={"Title": "A"}, late=True),
    ):
        kept = _media_parts.segments(picture)
        assert b"\x55" * 50 not in kept
        assert b"IDAT" not in kept
        assert _media_parts.segments(kept) == kept


def test_a_folder_of_pictures_is_audited(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    folder = tmp_path / "pictures"
    (folder / "more").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(jpeg(xmp=f'<cc:license rdf:resource="{BY}"/>'))
    (folder / "b.jpg").write_bytes(jpeg(xmp=RIGHTS.format("All rights reserved")))
    (folder / "more" / "c.png").write_bytes(png())
    (folder / "d.svg").write_bytes(b'<svg xmlns="http://www.w3.org/2000/svg"/>')
    (folder / "notes.doc").write_bytes(b"x")
    done = auditor("audit", folder, "-o", tmp_path / "audit")
    assert done.code == 0, done.err
    assert "4 items: 1 free" in done.out
    assert "1 other files are no media that is read here: 1 .doc" in done.err
    assert "1 not free" in done.out


def test_among_other_files_those_that_state_a_licence_are_items(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    """A package holds many pictures that say nothing: only those that speak are its items, as its tables are."""
    (tmp_path / "set" / "art").mkdir(parents=True)
    (tmp_path / "set" / "t.csv").write_text("id,license\n1,CC0-1.0\n")
    for name, texts in (("loud", {"Copyright": "Ann, CC BY-NC 4.0"}), ("quiet", {"Title": "A kettle"})):
        for folder in ("art", "."):
            (tmp_path / "set" / folder / f"{name}.png").write_bytes(png(texts))
    packed = shutil.make_archive(str(tmp_path / "set"), "zip", tmp_path / "set")
    done = auditor("audit", packed, "-o", tmp_path / "a")
    assert done.code == 0, done.err
    found = {r["item_id"]: r["license_concluded"] for r in Audit(tmp_path / "a").findings.to_table().to_pylist()}
    assert found == {"1": "CC0-1.0", "art/loud.png": "CC-BY-NC-4.0", "loud.png": "CC-BY-NC-4.0"}
    assert "2 .png" in done.err


def test_a_table_beside_pictures_speaks_before_they_do(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(jpeg())
    (folder / "metadata.csv").write_text("file_name,license\na.jpg,CC BY 4.0\n")
    assert best(Target(str(folder), folder)) == "table"
    (folder / "metadata.csv").unlink()
    assert best(Target(str(folder), folder)) == "media"


def test_pictures_that_state_a_licence_are_heard_beside_a_table_of_them(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(jpeg())
    (folder / "b.jpg").write_bytes(jpeg(xmp=RIGHTS.format("All rights reserved")))
    (folder / "metadata.csv").write_text("file_name,license\na.jpg,CC0-1.0\nb.jpg,CC0-1.0\n")
    done = audit(str(folder), tmp_path / "audit")
    found = {r["item_id"]: r["verdict"] for r in done.findings.to_table().to_pylist()}
    assert list(found.values()).count("non-free") == 1 and len(found) == 3


def test_real_files(real_data: Path) -> None:
    """Real pictures, sounds and documents: what independent readers (exiftool's and c2pa's own tests) say is in them."""
    folder = real_data / "embedded_media"
    files = [f for f in sorted(folder.rglob("*")) if media.NAME.search(f.name)]
    found = {f.name: run(f)[0] for f in files}
    assert len(found) == len(files) >= 15
    assert not [n for n, r in found.items() if "error" in r and n != "FotoStation.jpg"]
    assert license_of(found["data_licensed.mp3"]) == "CC-BY-2.5"
    assert found["IPTC.jpg"]["copyright_text"] == "Copyright 2004 Phil Harvey"
    assert found["MWG.jpg"]["copyright_text"] == "RIGHT-XMP-Copyright"
    mining = json.loads(found["C_with_CAWG_data.jpg"]["signals"])["training-mining"]
    assert mining == {"cawg.ai_inference": "notAllowed", "cawg.ai_generative_training": "notAllowed"}
    assert json.loads(found["adobe-20220124-CA.jpg"]["signals"]) == {"c2pa": "present"}
    assert {n for n, r in found.items() if license_of(r) not in ("NONE", "NOASSERTION")} == {"data_licensed.mp3"}
