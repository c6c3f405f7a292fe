"""What passes is written and nothing else; the original's form stays; what is lost is counted."""

import csv
import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from auditor.auditing import Audit, audit
from auditor.errors import AuditError, BadInput, BadOption

REAL = os.environ.get("AUDITOR_REAL_DATA")
RECORDS = [
    {"id": "1", "url": "https://a.example/1.jpg", "license": "CC BY 4.0", "creator": "Ada", "split": "train", "label": "dog"},
    {"id": "2", "url": "https://a.example/2.jpg", "license": "CC BY-NC 4.0", "creator": "Bo", "split": "train", "label": "cat"},
    {"id": "3", "url": "https://b.example/3.jpg", "license": "CC0", "creator": "two\nlines", "split": "val", "label": "cat"},
    {"id": "4", "url": "https://b.example/4.jpg", "license": None, "creator": "=1+1", "split": "val", "label": "dog"},
    {"id": "5", "url": "https://b.example/5.jpg", "license": "CC BY-SA 4.0", "creator": "=1+1", "split": "train", "label": "dog"},
]  # fmt: skip
FREE = ["1", "3", "5"]


def _csv(path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, RECORDS[0])
        writer.writeheader()
        writer.writerows(RECORDS)
        stream.write("\n6\n")  # a blank line, and a row that is malformed


def _tsv(path: Path) -> None:
    rows = [list(RECORDS[0]), *[[str(v or "").replace("\n", " ") for v in r.values()] for r in RECORDS]]
    path.write_text("".join("\t".join(r) + "\n" for r in rows), encoding="utf-8")


def _lines(path: Path) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.write("".join(json.dumps(r) + "\n\n" for r in RECORDS) + "not json\n")


FORMS: dict[str, Callable[[Path], Any]] = {
    "pictures.csv": _csv,
    "pictures.tsv": _tsv,
    "pictures.jsonl.gz": _lines,
    "pictures.json": lambda p: p.write_text(json.dumps(RECORDS)),
    "inside.json": lambda p: p.write_text(json.dumps({"about": "made up", "images": RECORDS})),
    "keyed.json": lambda p: p.write_text(json.dumps({r["id"]: r for r in RECORDS})),
    "pictures.xml": lambda p: p.write_text(
        "<set>\n <info a='1' b='>'/>\n"
        + "".join(f" <i {' '.join(f'{k}={quoteattr(v)}' for k, v in r.items() if v)}/>\n" for r in RECORDS)
        + "</set>\n"
    ),
    "pictures.parquet": lambda p: pq.write_table(pa.Table.from_pylist(RECORDS), p, row_group_size=2),
}


@pytest.mark.parametrize("name", FORMS)
def test_original_stays_what_it_was_with_only_what_passes(tmp_path: Path, name: str) -> None:
    FORMS[name](tmp_path / name)
    done = audit(str(tmp_path / name), tmp_path / "a")
    (tmp_path / "kept").mkdir()
    found = done.filter(tmp_path / "kept" / name, form="original")
    assert (found.items, found.of) == (3, len(done.findings.to_table()))
    again = audit(str(tmp_path / "kept" / name), tmp_path / "b")
    table = again.findings.to_table().to_pylist()
    assert [r["item_id"] for r in table] == FREE
    assert {r["verdict"] for r in table} == {"free"}
    assert {r["creator"] for r in table} <= {r["creator"] for r in done.findings.to_table().to_pylist()}


def test_a_folder_of_tables_becomes_a_folder(tmp_path: Path) -> None:
    (tmp_path / "set" / "deep").mkdir(parents=True)
    _csv(tmp_path / "set" / "one.csv")
    _tsv(tmp_path / "set" / "deep" / "two.tsv")
    done = audit(str(tmp_path / "set"), tmp_path / "a")
    done.filter(tmp_path / "kept", form="original")
    assert sorted(p.relative_to(tmp_path / "kept").as_posix() for p in (tmp_path / "kept").rglob("*.?sv")) == [
        "deep/two.tsv",
        "one.csv",
    ]
    assert {r["verdict"] for r in audit(str(tmp_path / "kept"), tmp_path / "b").findings.to_table().to_pylist()} == {
        "free"
    }
    with pytest.raises(BadOption, match="does not exist yet"):
        done.filter(tmp_path / "kept", form="original")


COCO = {
    "info": {"description": "made up"},
    "licenses": [
        {"id": 1, "name": "Attribution License", "url": "http://creativecommons.org/licenses/by/4.0/"},
        {"id": 2, "name": "Attribution-NonCommercial License", "url": "http://creativecommons.org/licenses/by-nc/4.0/"},
    ],
    "images": [{"id": n, "file_name": f"{n}.jpg", "license": 1 + n % 2, "width": 1, "height": 1} for n in range(1, 5)],
    "annotations": [{"id": 10 * n, "image_id": n, "category_id": n % 2, "bbox": [0, 0, 1, 1]} for n in (1, 2, 2, 3, 4)],
    "categories": [{"id": 0, "name": "dog"}, {"id": 1, "name": "cat"}],
}


def test_coco_stays_coco(tmp_path: Path) -> None:
    source = tmp_path / "instances_train2017.json"
    source.write_text(json.dumps(COCO))
    done = audit(str(source), tmp_path / "a")
    found = done.filter(tmp_path / "kept.json", form="original")
    kept = json.loads((tmp_path / "kept.json").read_text())
    assert found.items == 2
    assert [i["id"] for i in kept["images"]] == [2, 4]
    assert [a["image_id"] for a in kept["annotations"]] == [2, 2, 4]
    assert {k: kept[k] for k in ("info", "licenses", "categories")} == {
        k: COCO[k] for k in ("info", "licenses", "categories")
    }
    assert ("cat", 2, 0) in found.lost.by["label"]


def _audited(tmp_path: Path) -> Audit:
    _csv(tmp_path / "pictures.csv")
    return audit(str(tmp_path / "pictures.csv"), tmp_path / "a")


def test_plain_forms_hold_the_same_items(tmp_path: Path) -> None:
    done = _audited(tmp_path)
    for form in ("parquet", "csv", "jsonl", "urls"):
        done.filter(tmp_path / f"kept.{form}", form=form)
    assert pq.read_table(tmp_path / "kept.parquet").column("item_id").to_pylist() == FREE
    assert [json.loads(line)["item_id"] for line in (tmp_path / "kept.jsonl").read_text().splitlines()] == FREE
    urls = [r["url"] for r in RECORDS if r["id"] in FREE]
    assert (tmp_path / "kept.urls").read_text().splitlines() == urls
    with (tmp_path / "kept.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [r["item_id"] for r in rows] == FREE
    assert [r["creator"] for r in rows] == ["Ada", "two\nlines", "'=1+1"]  # no formula for a spreadsheet


def test_what_is_lost_is_counted(tmp_path: Path) -> None:
    found = _audited(tmp_path).filter(least=2)
    assert (found.items, found.of) == (3, 6)
    assert found.lost.by["label"] == [("cat", 2, 1), ("dog", 3, 2)]
    assert found.lost.thin == [("cat", 2, 1)]
    assert found.lost.untrained == [("cat", 1, 1)]
    page = str(found)
    assert "**3 of 6 items (50 %) pass** the policy `dfsg`, by the route `origin`; 3 (50 %) do not." in page
    assert "One label still in a validation or test split, with no training item left." in page


def test_another_policy_and_route(tmp_path: Path) -> None:
    done = _audited(tmp_path)
    assert done.filter(under="osi").items == 0  # no licence of these is approved by the OSI
    assert done.filter(route="collection").items == 3


def test_access_terms_bind_on_the_route_through_the_collection(tmp_path: Path) -> None:
    (tmp_path / "urls.txt").write_text("n00000001_1\thttp://a.example/1.jpg\n")
    done = audit(str(tmp_path / "urls.txt"), tmp_path / "a")
    assert done.filter(route="collection").items == 0
    from auditor.subset import passes

    assert passes("CC-BY-4.0", "free", "academic-only", "dfsg", "dfsg", "origin")
    assert not passes("CC-BY-4.0", "free", "academic-only", "dfsg", "dfsg", "collection")
    assert not passes(
        "CC-BY-4.0", "undetermined", "", "dfsg", "open-definition", "origin"
    )  # held back by something else


@pytest.mark.parametrize(("options", "said"), [({"route": "x"}, "--route"), ({"form": "x"}, "--format")])
def test_bad_options(tmp_path: Path, options: dict[str, str], said: str) -> None:
    with pytest.raises(AuditError, match=said):
        _audited(tmp_path).filter(tmp_path / "out", **options)


def test_original_that_is_gone(tmp_path: Path) -> None:
    done = _audited(tmp_path)
    (tmp_path / "pictures.csv").unlink()
    with pytest.raises(BadInput, match="put it back"):
        done.filter(tmp_path / "kept.csv", form="original")
    assert not (tmp_path / "kept.csv").exists()


@pytest.mark.skipif(not REAL, reason="AUDITOR_REAL_DATA is not set")
@pytest.mark.parametrize("place", ["coco", "inaturalist/inat2019", "freesound"])
def test_real_metadata(tmp_path: Path, place: str) -> None:
    """Each real file, filtered in its own form and audited again, gives as many items, and only free ones."""
    tried = 0
    for file in sorted((Path(str(REAL)) / place).rglob("*")):
        if file.suffix not in (".json", ".csv", ".jsonl") or file.stat().st_size > 20_000_000:
            continue
        try:
            done = audit(str(file), tmp_path / f"a{tried}")
            found = done.filter(tmp_path / file.name, under="free-cultural-works", form="original")
        except AuditError:
            continue
        if found.items:
            again = audit(str(tmp_path / file.name), tmp_path / f"b{tried}", policy="free-cultural-works")
            assert again.findings.count_rows() == found.items, file
            assert set(again.findings.to_table(columns=["verdict"]).column(0).to_pylist()) == {"free"}, file
            tried += 1
    assert tried
