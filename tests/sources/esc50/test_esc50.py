"""A made-up LICENSE in ESC-50's prose, and the real one."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from auditor.fetch import Get
from auditor.sources import esc50
from auditor.target import Target

PROSE = """# ESC-50: Dataset

## Dataset license

The dataset as a whole is available under the terms of the Creative Commons
Attribution-NonCommercial license (http://creativecommons.org/licenses/by-nc/3.0/).

The ESC-10 subset is licensed as a Creative Commons Attribution 3.0 Unported
(https://creativecommons.org/licenses/by/3.0/) dataset.

101 - Dog:
- [1-11-A.ogg]: clip derived from bark (loud).wav (http://www.freesound.org/people/ann/sounds/11/) by ann [CC0]
- [1-11-B.ogg]:  clip derived from [bark[2]](https://freesound.org/people/Ben%20B/sounds/12/) by Ben B [CC-BY-NC]

108 - Insects (flying):
- [2-13-Ad.wav]: clip derived from x by y.wav (http://www.freesound.org/people/c/sounds/13/) by c [CC-Sampling+]
- [2-14-A.ogg]: clip of unknown origin
- [2-15-A.ogg]: clip derived from z (http://elsewhere.example/z.wav) by d []
"""


def run(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the dataset's claims and the clips'."""
    target = Target(str(path), path)
    assert esc50.knows(target) > 0.9
    pages = list(esc50.fetch(target, Get(path)))
    assert [p.level for p in pages] == ["dataset", "items"]
    assert {(p.context["manifest"], p.context["items_from"]) for p in pages} == {("esc-50", "third-party")}
    first, second = ([r for b in esc50.parse(p) for r in b.to_pylist()] for p in pages)
    return first, second


@pytest.mark.parametrize("encode", [lambda s: s.encode(), lambda s: s.replace("\n", "\r\n").encode("utf-8-sig")])
def test_prose(tmp_path: Path, encode: Any) -> None:
    (tmp_path / "LICENSE").write_bytes(encode(PROSE))
    dataset, clips = run(tmp_path / "LICENSE")
    assert [(r["license_url"], r["scope"], r["authority"]) for r in dataset] == [
        ("http://creativecommons.org/licenses/by-nc/3.0/", None, "dataset"),
        ("https://creativecommons.org/licenses/by/3.0/", "subset", "dataset"),
    ]
    assert [
        (r["item_id"], r["label"], r["title"], r["creator"], r["license_text"], r["was_derived_from"]) for r in clips
    ] == [
        ("1-11-A.ogg", "Dog", "bark (loud).wav", "ann", "CC0", ["freesound:sound:11"]),
        ("1-11-B.ogg", "Dog", "bark[2]", "Ben B", "CC-BY-NC", ["freesound:sound:12"]),
        ("2-13-Ad.wav", "Insects (flying)", "x by y.wav", "c", "CC-Sampling+", ["freesound:sound:13"]),
        ("2-14-A.ogg", "Insects (flying)", None, None, None, None),
        ("2-15-A.ogg", "Insects (flying)", "z", "d", "", ["http://elsewhere.example/z.wav"]),
    ]
    assert [bool(r["error"]) for r in clips] == [False, False, False, True, False]
    assert "clip of unknown origin" in clips[3]["error"]
    assert {r["vocabulary"] for r in clips if not r["error"]} == {"esc50"}


def test_a_checkout_is_known_by_its_license(tmp_path: Path) -> None:
    (tmp_path / "meta").mkdir()
    (tmp_path / "meta" / "esc50.csv").write_text("filename,fold\n1-11-A-0.wav,1\n")
    (tmp_path / "LICENSE").write_text(PROSE)
    assert len(run(tmp_path)[1]) == 5


def test_other_licences_are_left_to_others(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_text("MIT License\n\n- [a.ogg](b): fine\n")
    assert esc50.knows(Target("x", tmp_path / "LICENSE")) == 0
    assert esc50.knows(Target("x", tmp_path)) == 0


def test_real_license(real_data: Path) -> None:
    text = (real_data / "esc50" / "LICENSE").read_text("utf-8")
    expected = [line for line in text.splitlines() if line.startswith("- [")]
    for target in (real_data / "esc50", real_data / "esc50" / "LICENSE"):
        dataset, clips = run(target)
        assert len(dataset) == 2
        assert len(clips) == len(expected)
        assert [r["item_id"] for r in clips] == [line[3 : line.index("]")] for line in expected]
        assert Counter(r["license_text"] for r in clips) == Counter(
            re.findall(r"\[([^\[\]]*)\]$", "\n".join(expected), re.MULTILINE)
        )
        assert [r["error"] for r in clips if r["error"]] == []
        assert all(r["was_derived_from"][0].startswith("freesound:sound:") for r in clips)


TABLE = """filename,fold,target,category,esc10,src_file,take
1-11-A-0.wav,1,0,dog,True,11,A
2-13-Ad-7.wav,2,7,bees,False,13,Ad
3-99-A-1.wav,3,1,hen,False,99,A
"""


@pytest.mark.parametrize("given", ["", "meta/esc50.csv"])
def test_the_table_beside_the_licence_tells_of_the_same_clips(tmp_path: Path, given: str) -> None:
    (tmp_path / "meta").mkdir()
    (tmp_path / "meta" / "esc50.csv").write_text(TABLE)
    (tmp_path / "LICENSE").write_text(PROSE)
    clips = run(tmp_path / given)[1]
    wanted = [
        ("1-11-A.ogg", "dog", "fold 1"),
        ("1-11-B.ogg", "Dog", None),
        ("2-13-Ad.wav", "bees", "fold 2"),
        ("2-14-A.ogg", "Insects (flying)", None),
        ("2-15-A.ogg", "Insects (flying)", None),
        ("3-99-A-1.wav", "hen", "fold 3"),
    ]
    if given:  # the table was asked for: its clips are the items
        wanted = [clip for clip in wanted if clip[2]]
    assert [(r["item_id"], r["label"], r["split"]) for r in clips] == wanted
    assert clips[0]["license_text"] == "CC0" and clips[-1]["license_text"] is None


def test_the_table_alone_is_no_licence(tmp_path: Path) -> None:
    (tmp_path / "esc50.csv").write_text(TABLE)
    assert esc50.knows(Target("x", tmp_path / "esc50.csv")) == 0


def test_real_table_is_told_its_licences_by_the_license_beside_it(real_data: Path) -> None:
    table = (real_data / "esc50" / "esc50.csv").read_text("utf-8").splitlines()[1:]
    clips = run(real_data / "esc50" / "esc50.csv")[1]
    assert len(clips) == len(table)
    assert all(r["split"] and r["license_text"] for r in clips)
