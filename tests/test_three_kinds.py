"""The report on each of the three kinds has its answer in the first ten lines, in words for a newcomer."""

import json
from pathlib import Path

import auditor
from tests.sources.mediawiki_dump.dumps import dump, page


def head(path: Path, out: Path) -> str:
    """The first ten lines of the report, on one line."""
    return " ".join(" ".join(auditor.audit(str(path), out).report().render().splitlines()[:10]).split())


def test_imagenet(tmp_path: Path) -> None:
    urls = ["http://farm4.static.flickr.com/3175/2737866473_7958dc8760.jpg", "http://blog.example/cat.jpg"]
    (tmp_path / "urls.txt").write_text("".join(f"n02124075_{i}\t{u}\n" for i, u in enumerate(urls * 5)))
    said = head(tmp_path / "urls.txt", tmp_path / "out")
    assert "NOT FREE as a whole, under the policy `dfsg` (Debian Free Software Guidelines)." in said
    assert "10 items: 0 free (0 %), 0 not free (0 %), 10 undetermined (100 %)." in said
    assert (
        "Route `collection`" in said and "academic-only" in said and "non-commercial research and educational" in said
    )
    assert "Route `origin`" in said and "for 5 (50 %) that place can be asked" in said


def test_a_wikipedia_dump(tmp_path: Path) -> None:
    (tmp_path / "w.xml").write_bytes(dump(page("A", 1), page("File:B.jpg", 2, ns=6, text="{{Non-free logo}}")))
    said = head(tmp_path / "w.xml", tmp_path / "out")
    assert "NOT FREE as a whole" in said and "2 items: 1 free (50 %), 1 not free (50 %)" in said
    assert "Most often free: CC-BY-SA-" in said
    assert "Pictures that articles show are not in a dump; each has a licence of its own." in said


def test_coco(tmp_path: Path) -> None:
    names = {1: "http://creativecommons.org/licenses/by-nc/2.0/", 2: "https://creativecommons.org/licenses/by/4.0/"}
    licenses = [{"id": i, "name": "", "url": u} for i, u in names.items()]
    images = [{"id": i, "file_name": f"{i}.jpg", "license": 1 + i % 2} for i in range(4)]
    (tmp_path / "c.json").write_text(json.dumps({"licenses": licenses, "images": images, "annotations": []}))
    said = head(tmp_path / "c.json", tmp_path / "out")
    assert "4 items: 2 free (50 %), 2 not free (50 %), 0 undetermined (0 %)." in said
    assert "Most often in the way: non-commercial (not for commercial use), 2 items; mostly: CC-BY-NC" in said
    assert "annotations are licensed apart from them" in said


def test_imagenet_in_a_table_of_another_form(tmp_path: Path) -> None:
    """Its ids tell it, whatever the table is: the terms of access apply, and nothing becomes free."""
    for name, text in {
        "a.csv": "image_id,url\n" + "".join(f"n02124075_{i},http://a.example/{i}.jpg\n" for i in range(20)),
        "b.csv": "filename,label\n" + "".join(f"n02124075/n02124075_{i}.JPEG,cat\n" for i in range(20)),
        "c.jsonl": "".join(json.dumps({"id": f"n02124075_{i}", "license": "CC0-1.0"}) + "\n" for i in range(20)),
    }.items():
        (tmp_path / name).write_text(text)
        done = auditor.audit(str(tmp_path / name), tmp_path / f"{name}.out")
        rows = done.findings.to_table().to_pylist()
        assert {r["access_category"] for r in rows} == {"academic-only"}, name
        assert done.report().render().count("Route `collection`") == 1
