"""Lists, folders, tars and annotations of made-up items in ImageNet's formats, and the real list."""

import bz2
import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

import auditor
from auditor.errors import BadInput, BadOption
from auditor.fetch import Get
from auditor.sources import _imagenet_layout, imagenet
from auditor.target import Target

FALL11 = (
    b"n00000001_1\thttp://farm3.static.flickr.com/2140/1234567890_ab5d409cdc.jpg\r\n"
    b"\r\n"
    b"n00000001_22\thttp://a.example/caf\xe9 au%20lait.jpg\r\n"
    b"n00000002_3\tnot a url\r\n"
    b"n00000002_3\thttps://b.example/\xc3\xa9.png"
)


def run(path: Path, **columns: str) -> tuple[list[dict[str, Any]], list[Any], list[str]]:
    """Return rows, pages and what was told."""
    told: list[str] = []
    target = Target(str(path), path, columns, told=told.append)
    assert imagenet.knows(target) > 0.5
    pages = list(imagenet.fetch(target, Get(path)))
    rows = [row for page in pages for batch in imagenet.parse(page) for row in batch.to_pylist()]
    return rows, pages, told


def written(path: Path, body: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path


def test_a_dirty_list(tmp_path: Path) -> None:
    written(tmp_path / "words.txt", b"n00000001\tteapot, kettle\nn00000009\tother\n")
    rows, pages, _ = run(written(tmp_path / "urls.txt", FALL11))
    photo, flickr = "http://farm3.static.flickr.com/2140/1234567890_ab5d409cdc.jpg", "flickr:photo:1234567890"
    cafe, accent = "http://a.example/caf%E9 au%20lait.jpg", "https://b.example/é.png"
    base = {"kind": "image", "error": None}
    known = base | {"label": "n00000001 teapot, kettle"}
    other = base | {"label": "n00000002"}
    said = "the line holds no URL: n00000002_3\\x09not a url"
    assert rows == [
        known | {"item_id": "n00000001_1", "row": 0, "item_url": photo, "was_derived_from": [flickr]},
        known | {"item_id": "n00000001_22", "row": 2, "item_url": cafe, "was_derived_from": [cafe]},
        other | {"item_id": "n00000002_3", "row": 3, "item_url": None, "was_derived_from": None, "error": said},
        other | {"item_id": "n00000002_3", "row": 4, "item_url": accent, "was_derived_from": [accent]},
    ]  # fmt: skip
    assert [p.context["manifest"] for p in pages] == ["imagenet-21k"]
    assert pages[0].context["items_from"] == "third-party"


@pytest.mark.parametrize("line", ["n0000000{}\tteapot, kettle", "n0000000{} teapot, kettle", "n0000000{} n00000009"])
def test_words_for_synsets_are_no_items(tmp_path: Path, line: str) -> None:
    path = written(tmp_path / "gloss.txt", "\r\n".join(line.format(n) for n in range(9)).encode())
    with pytest.raises(BadInput, match="says what synsets are"):
        auditor.audit(str(path), tmp_path / "out")


def test_the_names_of_columns_are_no_item(tmp_path: Path) -> None:
    rows, _, _ = run(written(tmp_path / "a" / "urls.txt", FALL11))
    named, _, _ = run(written(tmp_path / "b" / "urls.tsv", b"image_id\turl\r\n" + FALL11))
    assert named == [r | {"row": r["row"] + 1} for r in rows]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lambda b: b.decode("latin-1").encode("utf-16")])
def test_packed_and_utf_16_lists_give_the_same_items(tmp_path: Path, pack: Any) -> None:
    clean = FALL11.replace(b"\xe9", b"").replace(b"\xc3\xa9", b"")
    plain, _, _ = run(written(tmp_path / "urls.txt", clean))
    other, _, _ = run(written(tmp_path / "packed" / "urls.txt", pack(clean)))
    assert other == plain


@pytest.mark.parametrize("size", [1, 60, 700, 1 << 20])
def test_slices_of_any_size_give_the_same_items(tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    body = b"".join(b"n%08d_%d\thttp://a.example/%d.jpg\n%s" % (n % 7, n, n, b"\n" * (n % 3)) for n in range(200))
    path = written(tmp_path / "urls.txt", body)
    whole, pages, _ = run(path)
    assert len(pages) == 1
    cut = list(imagenet.slices(path, size))
    assert [c[0] for c in cut[1:]] == [c[1] for c in cut[:-1]]
    assert cut[-1][1] == len(body)
    monkeypatch.setattr(imagenet.slices, "__defaults__", (size,))
    sliced, pages, _ = run(path)
    assert sliced == whole
    assert len({p.key for p in pages}) == len(pages) == len(cut)


def test_a_list_of_urls_is_not_taken_for_imagenet(tmp_path: Path) -> None:
    rows, pages, _ = run(
        written(
            tmp_path / "urls.txt",
            b"http://a.example/1.jpg\n\nhttp://a.example/1.jpg\nn00000001_7 http://a.example/2.jpg\n"
            + b"http://a.example/3.jpg\n" * 20,
        )
    )
    assert [r["item_id"] for r in rows[:3]] == ["urls.txt#0", "urls.txt#2", "urls.txt#3"]
    assert rows[2]["title"] == "n00000001_7"
    assert len(rows) == 23
    assert {r["kind"] for r in rows} == {None}
    assert "manifest" not in pages[0].context
    assert pages[0].context["unique_ids"]


def test_other_ids_stay_as_they_are(tmp_path: Path) -> None:
    rows, pages, _ = run(written(tmp_path / "map.txt", b"a-1 http://a.example/1.jpg\nb/2\thttp://a.example/2.jpg\n"))
    assert [(r["item_id"], r["item_url"]) for r in rows] == [
        ("a-1", "http://a.example/1.jpg"),
        ("b/2", "http://a.example/2.jpg"),
    ]
    assert "manifest" not in pages[0].context


def test_the_list_of_one_synset_is_labelled_by_its_name(tmp_path: Path) -> None:
    rows, _, _ = run(written(tmp_path / "n00000003.txt", b"http://a.example/1.jpg\r\nhttp://a.example/2.jpg\r\n"))
    assert [r["label"] for r in rows] == ["n00000003", "n00000003"]


def test_words_given_by_the_user(tmp_path: Path) -> None:
    words = written(tmp_path / "w" / "index.json", json.dumps({"0": ["n00000001", "tea_pot"]}).encode())
    rows, _, _ = run(written(tmp_path / "urls.txt", FALL11), words=str(words))
    assert rows[0]["label"] == "n00000001 tea pot"
    with pytest.raises(BadOption, match="no file of synsets"):
        run(tmp_path / "urls.txt", words=str(tmp_path / "missing"))


def test_a_list_without_urls_is_a_list_of_pictures(tmp_path: Path) -> None:
    rows, pages, _ = run(
        written(tmp_path / "val.txt", b"ILSVRC2012_val_00000001.JPEG 65\nILSVRC2012_val_00000002.JPEG 970\n")
    )
    assert [(r["item_id"], r["item_url"], r["was_derived_from"], r["error"]) for r in rows] == [
        ("ILSVRC2012_val_00000001", None, None, None),
        ("ILSVRC2012_val_00000002", None, None, None),
    ]
    assert pages[0].context["manifest"] == "imagenet-1k"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("classes.csv", b"synid,class_name,urls\nn00000001,thing,8\n"),
        ("info.json", b'{"n00000001": {"class_name": "thing"}}'),
        ("captions.tsv", b"a red house\thttp://a.example/1.jpg\na blue one\thttp://a.example/2.jpg\n"),
        ("three.tsv", b"n00000001_1\thttp://a.example/1.jpg\tCC BY 2.0\n" * 3),
        ("readme.md", b"# Title\n\nhttp://a.example\n\nwords and words\n"),
        ("empty.txt", b""),
        ("bytes.bin", bytes(range(256)) * 20),
    ],
)
def test_what_is_no_list_is_left_to_others(tmp_path: Path, name: str, body: bytes) -> None:
    path = written(tmp_path / name, body)
    assert imagenet.knows(Target(str(path), path)) == 0


NAMES = [
    "train/n00000001/n00000001_5.JPEG",
    "val/ILSVRC2012_val_00000001.JPEG",
    "val/n00000002/ILSVRC2012_val_00000002.JPEG",
]
EXPECTED = [
    ("n00000001_5", "train", "n00000001 teapot"),
    ("ILSVRC2012_val_00000001", "val", None),
    ("ILSVRC2012_val_00000002", "val", "n00000002"),
]


def brief(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(r["item_id"], r["split"], r["label"]) for r in rows]


def test_folder(tmp_path: Path) -> None:
    for name in NAMES:
        written(tmp_path / name, b"no picture is opened")
    written(tmp_path / "LOC_synset_mapping.txt", b"n00000001 teapot\n")
    rows, pages, told = run(tmp_path)
    assert brief(rows) == EXPECTED
    assert [r["row"] for r in rows] == [0, 1, 2]
    assert {p.context["manifest"] for p in pages} == {"imagenet-1k"}
    assert any("none can be followed" in t for t in told)
    assert any("LOC_synset_mapping.txt" in t for t in told)


def test_a_large_folder_comes_in_several_listings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_imagenet_layout, "LISTED", 2)
    for name in NAMES:
        written(tmp_path / name, b"")
    rows, pages, _ = run(tmp_path)
    assert [r["row"] for r in rows] == [0, 1, 2]
    assert len({p.key for p in pages}) == len(pages) == 2


def tar(names: dict[str, bytes], mode: Any = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, body in names.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return out.getvalue()


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_tar_of_tars(tmp_path: Path, mode: str) -> None:
    inner = {f"n0000000{s}.tar": tar({f"n0000000{s}_{n}.JPEG": b"x" * 700 for n in range(3)}) for s in (1, 2)}
    rows, _, _ = run(written(tmp_path / "ILSVRC2012_img_train.tar", tar(inner, mode)))
    assert [(r["item_id"], r["label"]) for r in rows] == [
        (f"n0000000{s}_{n}", f"n0000000{s}") for s in (1, 2) for n in range(3)
    ]


def test_flat_tar_zip_and_a_truncated_tar(tmp_path: Path) -> None:
    body = tar(dict.fromkeys(NAMES, b"x"))
    assert [r["item_id"] for r in run(written(tmp_path / "a.tar", body))[0]] == [e[0] for e in EXPECTED]
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in NAMES:
            archive.writestr(name, b"x")
    assert [r["item_id"] for r in run(tmp_path / "a.zip")[0]] == [e[0] for e in EXPECTED]
    with pytest.raises((tarfile.ReadError, EOFError, BadInput)):
        run(written(tmp_path / "b.tar", body[:700]))


def annotation(name: str, folder: str = "n00000001") -> bytes:
    inside = f"<folder>{folder}</folder><filename>{name}</filename><object><name>{folder}</name></object>"
    return f"<annotation>{inside}</annotation>".encode()


def test_annotations_are_items_where_the_pictures_are_not_there(tmp_path: Path) -> None:
    written(tmp_path / "Annotations/train/n00000001/n00000001_5.xml", annotation("n00000001_5"))
    written(tmp_path / "Annotations/train/n00000001/n00000001_6.xml", annotation("%s"))
    written(tmp_path / "Annotations/train/n00000001/n00000001_7.xml", b"<annotation><fol")
    written(tmp_path / "Data/train/n00000001/n00000001_5.JPEG", b"")
    rows, _, _ = run(tmp_path)
    assert [(r["item_id"], r["label"], bool(r["error"])) for r in rows] == [
        ("n00000001_5", "n00000001", False),
        ("n00000001_6", "n00000001", False),
        ("n00000001_7", "n00000001", True),
    ]
    one, _, _ = run(written(tmp_path / "one.xml", annotation("ILSVRC2012_val_00000003", "val")))
    assert [(r["item_id"], r["label"]) for r in one] == [("ILSVRC2012_val_00000003", None)]


def test_an_annotation_of_another_collection_is_left_to_others(tmp_path: Path) -> None:
    path = written(tmp_path / "000012.xml", annotation("000012.jpg", "VOC2007"))
    assert imagenet.knows(Target(str(path), path)) == 0


def findings(path: Path, out: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = auditor.audit(str(path), out).findings.to_table().to_pylist()
    return rows


def test_an_item_says_nothing_and_is_academic_only_by_the_terms_of_access(tmp_path: Path) -> None:
    found = findings(written(tmp_path / "urls.txt", FALL11), tmp_path / "audit")
    assert [(f["item_id"], f["row"], bool(f["error"])) for f in found] == [
        ("n00000001_1", 0, False),
        ("n00000001_22", 2, False),
        ("n00000002_3", 3, True),
        ("n00000002_3~2", 4, False),
    ]
    said = {
        (f["license_declared"], f["license_concluded"], f["category"], f["verdict"]) for f in found if not f["error"]
    }
    assert said == {("NONE", "NOASSERTION", "unknown", "undetermined")}
    assert {f["access_category"] for f in found} == {"academic-only"}


def test_a_list_of_other_urls_has_no_terms_of_access(tmp_path: Path) -> None:
    (one,) = findings(written(tmp_path / "urls.txt", b"http://a.example/1.jpg\n"), tmp_path / "audit")
    assert (one["license_declared"], one["license_concluded"], one["access_category"]) == ("NONE", "NOASSERTION", None)


def test_real_list(real_data: Path) -> None:
    folder = real_data / "imagenet"
    path = folder / "fall11_subset" / "imagenet_urls.txt"
    expected = [line.split(b"\t", 1) for line in path.read_bytes().splitlines() if line.strip()]
    for target in (path, folder):
        rows, pages, _ = run(target)
        assert [(r["item_id"].encode(), r["item_url"].encode()) for r in rows] == [(i, u.strip()) for i, u in expected]
        assert [r["error"] for r in rows] == [None] * len(rows)
        assert sum(r["was_derived_from"][0].startswith("flickr:photo:") for r in rows) == sum(
            b"flickr.com/" in u for _, u in expected
        )
        assert {p.context["manifest"] for p in pages} == {"imagenet-21k"}


def test_real_files_that_are_no_list(real_data: Path) -> None:
    tables = [f for f in (real_data / "imagenet").rglob("*") if f.is_file() and f.name != "imagenet_urls.txt"]
    assert len(tables) >= 4
    assert {imagenet.form_of(Target(str(f), f)) for f in tables} == {None, "words"}
