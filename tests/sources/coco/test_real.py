"""Every real file that holds images: as many items as the json module counts, with the licences that it reads."""

import json
from pathlib import Path
from typing import Any

import auditor
from auditor.fetch import Get
from auditor.sources import coco
from auditor.target import Target
from tests.kinds.coco import meaning


def files(real_data: Path) -> dict[Path, dict[str, Any]]:
    """Return every JSON file of the two folders that lists images, read by the json module."""
    every = [*(real_data / "coco").rglob("*.json"), *(real_data / "inaturalist").rglob("*.json")]
    read = {f: json.loads(f.read_bytes()) for f in sorted(every)}
    return {f: d for f, d in read.items() if isinstance(d, dict) and isinstance(d.get("images"), list)}


def test_every_real_file_and_no_other_is_known(real_data: Path) -> None:
    listing = files(real_data)
    assert len(listing) == 9
    for file in [*(real_data / "coco").rglob("*.json"), *(real_data / "inaturalist").rglob("*.json")]:
        assert (coco.knows(Target(str(file), file)) > 0.9) == (file in listing), file


def test_each_real_file_gives_its_images_word_for_word(real_data: Path) -> None:
    for file, read in files(real_data).items():
        table = {e["id"]: (e["name"], e["url"]) for e in read["licenses"]}
        pages = [p for p in coco.fetch(Target(str(file), file), Get(file)) if p.level == "items"]
        rows = [r for p in pages for b in coco.parse(p) for r in b.to_pylist()]
        assert [(r["license_text"], r["license_url"]) for r in rows] == [table[i["license"]] for i in read["images"]]
        assert [r["title"] for r in rows] == [i["file_name"] for i in read["images"]]
        assert [r["creator"] for r in rows] == [i.get("rights_holder") or None for i in read["images"]]
        assert [r["item_id"].rsplit(":", 1)[1] for r in rows] == [str(i["id"]) for i in read["images"]]
        assert len({r["item_id"] for r in rows}) == len(rows)
        names = {c["id"]: c["name"] for c in read.get("categories", [])}
        of: dict[Any, set[str]] = {}
        for note in read["annotations"]:
            if "category_id" in note:
                of.setdefault(note["image_id"], set()).add(names[note["category_id"]])
        said = [set(r["label"].split("; ")) if r["label"] else set() for r in rows]
        assert said == [of.get(i["id"], set()) for i in read["images"]]


def test_real_inaturalist_findings(real_data: Path, tmp_path: Path) -> None:
    found = auditor.audit(str(real_data / "inaturalist/inat2019/val2019.json"), tmp_path / "a").findings.to_table()
    assert set(found.column("access_category").to_pylist()) == {"academic-only"}
    assert set(found.column("split").to_pylist()) == {"val"}


def test_real_coco_files_are_one_audit_with_each_image_once(real_data: Path, tmp_path: Path) -> None:
    expected: dict[str, str] = {}
    for file, read in files(real_data).items():
        if file.is_relative_to(real_data / "coco"):
            table = {e["id"]: meaning(e) for e in read["licenses"]}
            expected |= {i["coco_url"]: table[i["license"]] for i in read["images"]}
    found = auditor.audit(str(real_data / "coco"), tmp_path / "a").findings.to_table()
    assert dict(zip(*(found.column(n).to_pylist() for n in ("item_url", "license_concluded")), strict=True)) == expected
    assert found.num_rows == len(expected)
    assert all(o[0].startswith("flickr:photo:") for o in found.column("was_derived_from").to_pylist())
