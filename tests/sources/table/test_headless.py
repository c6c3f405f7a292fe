"""Tables without a header whose columns a manifest knows by their values: side by side, wherever they begin."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import auditor

OPENVERSE = [
    (
        "1",
        "h.example/p/1",
        "https://h.example/1.jpg",
        r"\N",
        "4",
        "3",
        r"\N",
        "by-nc",
        "2.0",
        "Ada",
        "h.example/a",
        "A hill",
    ),
    (
        "2",
        "h.example/p/2",
        "https://h.example/2.jpg",
        r"\N",
        "4",
        "3",
        r"\N",
        "by",
        "2.0",
        "Bo B.",
        "h.example/b",
        "Two hills",
    ),
    ("3", "h.example/p/3", "https://h.example/3.jpg", r"\N", "4", "3", r"\N", "cc0", "1.0", r"\N", r"\N", r"\N"),
]
YFCC = (
    "10\t12@N03\tAda+L\t2009-01-02 10:00:00.0\t1240000000\tCamera\tA+hill\tSeen+from+below\thill\t\t1.5\t2.5\t16"
    "\thttp://www.flickr.com/photos/12@N03/10/\thttp://farm1.staticflickr.com/1/10_abcdef.jpg"
    "\tAttribution-NonCommercial License\thttp://creativecommons.org/licenses/by-nc/2.0/\t1\t1\tabcdef\tfedcba\tjpg\t0\n"
)


def found(path: Path, out: Path) -> list[dict[str, Any]]:
    return sorted(auditor.audit(str(path), out).findings.to_table().to_pylist(), key=lambda r: r["row"])


def shown(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[k] for k in ("item_id", "license_concluded", "creator", "title"))


@pytest.mark.parametrize("before", [(), ("u", "v")], ids=["as published", "with columns before"])
def test_openverse(before: tuple[str, ...], tmp_path: Path) -> None:
    lines = [
        "\t".join((*(f"{b}{i}" for b in before), *row, "{}", r"\N", "f", "flickr", "flickr"))
        for i, row in enumerate(OPENVERSE)
    ]
    (tmp_path / "images.tsv").write_text("\n".join(lines) + "\n")
    rows = found(tmp_path / "images.tsv", tmp_path / "out")
    assert [shown(r)[1:] for r in rows] == [
        ("CC-BY-NC-2.0", "Ada", "A hill"),
        ("CC-BY-2.0", "Bo B.", "Two hills"),
        ("CC0-1.0", None, None),
    ]


@pytest.mark.parametrize("hashed", [False, True], ids=["as published", "with the photo's hash"])
def test_yfcc100m(hashed: bool, tmp_path: Path) -> None:
    text = YFCC + YFCC.replace("10", "11").replace("by-nc/", "by/").replace("-NonCommercial", "")
    if hashed:  # as at Amazon: a number before the photo, and its hash after it
        text = "".join(
            f"{n}\t{line.replace(chr(9), f'{chr(9)}0{n}e2f7a26a1dfbf165a7e30bdabf7e72{chr(9)}', 1)}\n"
            for n, line in enumerate(text.splitlines())
        )
    (tmp_path / "yfcc.tsv").write_text(text)
    rows = found(tmp_path / "yfcc.tsv", tmp_path / "out")
    assert [shown(r) for r in rows] == [
        ("10", "CC-BY-NC-2.0", "Ada+L", "A+hill"),
        ("11", "CC-BY-2.0", "Ada+L", "A+hill"),
    ]
    assert rows[0]["was_derived_from"] == ["http://www.flickr.com/photos/12@N03/10/"]


def test_an_export_of_observations_says_nothing_of_its_pictures(tmp_path: Path) -> None:
    (tmp_path / "observations-1.csv").write_text(
        "id,observed_on,quality_grade,license,url,image_url,sound_url,species_guess\n"
        "1,2020-01-02,research,CC-BY-NC,https://www.inaturalist.org/observations/1,https://h.example/9.jpg,,A\n"
        "2,2020-01-02,research,,https://www.inaturalist.org/observations/2,https://h.example/8.jpg,,B\n"
    )
    done = auditor.audit(str(tmp_path / "observations-1.csv"), tmp_path / "out")
    rows = done.findings.to_table().to_pylist()
    assert [(r["item_url"][-2:], r["license_concluded"]) for r in rows] == [
        ("/1", "LicenseRef-CC-BY-NC"),
        ("/2", "NOASSERTION"),
    ]
    assert any("pictures and sounds have licences of their own" in note for note in done.info["notes"])


@pytest.mark.parametrize("third", ["manually_verified", "usage"])
def test_fsdkaggle2018_has_freesounds_names(third: str, tmp_path: Path) -> None:
    said = {
        "Attribution": "LicenseRef-CC-BY",
        "Creative Commons 0": "CC0-1.0",
        "Sampling+": "LicenseRef-CC-SAMPLINGPLUS",
    }
    lines = (f"{n:08x}.wav,Bark,0,{n + 9},{name}\n" for n, name in enumerate(said))
    (tmp_path / "clips.csv").write_text(f"fname,label,{third},freesound_id,license\n" + "".join(lines))
    rows = found(tmp_path / "clips.csv", tmp_path / "out")
    assert [r["license_concluded"] for r in rows] == list(said.values())
    assert rows[0]["was_derived_from"] == ["freesound:sound:9"]


def test_flickrs_numbers_are_read_where_the_columns_are_its_own(tmp_path: Path) -> None:
    (tmp_path / "photos.csv").write_text("id,owner,ownername,dateupload,license\n7,1@N0,Ann,157,3\n8,1@N0,Ann,157,9\n")
    rows = found(tmp_path / "photos.csv", tmp_path / "out")
    assert [r["license_concluded"] for r in rows] == ["CC-BY-NC-ND-2.0", "CC0-1.0"]


def test_values_of_no_known_table_give_no_roles(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("".join(f"by\t2.0\t{i}\t{i}\t{i}\n" for i in range(9)))
    rows = found(tmp_path / "t.tsv", tmp_path / "out")
    assert {(r["license_concluded"], r["creator"]) for r in rows} == {("CC-BY-2.0", None)}


def test_real_openverse(real_data: Path, tmp_path: Path) -> None:
    csv.field_size_limit(1 << 30)
    tools = {"cc0": "CC0-1.0", "pdm": "CC-PDM-1.0"}
    files = sorted((real_data / "openverse/openverse-catalog/example_output").glob("*.tsv"))
    for path in files:
        lines = [line.split("\t") for line in path.read_text().splitlines()]
        rows = found(path, tmp_path / path.stem)
        wanted = Counter(tools.get(w[7].lower()) or f"CC-{w[7].upper()}-{w[8]}" for w in lines)
        assert Counter(r["license_concluded"] for r in rows) == wanted, path
        for row, line in zip(rows, lines, strict=True):
            assert (row["creator"] or r"\N", row["title"] or r"\N") == (line[9] or r"\N", line[11] or r"\N"), path
    assert len(files) == 13
