"""Made-up research object crates in the form of the specification's examples."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.resolve import best
from auditor.sources import rocrate
from auditor.target import Target
from tests.sources.records import Claims, of, stated

NAME = "ro-crate-metadata.json"
BY = "https://creativecommons.org/licenses/by/4.0/"


def crate(root: dict[str, Any], *more: dict[str, Any], version: str = "1.1") -> dict[str, Any]:
    about = {
        "@type": "CreativeWork",
        "@id": NAME,
        "conformsTo": {"@id": f"https://w3id.org/ro/crate/{version}"},
        "about": {"@id": root["@id"]},
    }
    return {"@context": f"https://w3id.org/ro/crate/{version}/context", "@graph": [about, root, *more]}


ROOT = {"@id": "./", "@type": "Dataset", "name": "Birds", "license": {"@id": BY}, "author": {"@id": "#ann"}}
BY_NODE = {"@id": BY, "@type": "CreativeWork", "name": "CC BY 4.0", "description": "This work is licensed under …"}
ANN = {"@id": "#ann", "@type": "Person", "name": "Ann Bird"}


def test_the_crate_speaks_of_the_whole(tmp_path: Path) -> None:
    said = of(crate(ROOT, BY_NODE, ANN, {"@id": "a.jpg", "@type": "File"}), "rocrate", tmp_path, NAME)
    assert stated(said["dataset"]) == [("CC BY 4.0", BY)] and not said["items"]
    assert {(c["title"], c["creator"]) for c in said["dataset"]} == {("Birds", "Ann Bird")}


def test_parts_with_licences_are_items_and_inherit_nothing(tmp_path: Path) -> None:
    parts = [
        ROOT | {"hasPart": [{"@id": "owls/"}, {"@id": "b.csv"}, {"@id": "https://x.example/c"}]},
        {"@id": "owls/", "@type": "Dataset", "license": {"@id": "#house"}, "hasPart": {"@id": "owls/a.jpg"}},
        {"@id": "#house", "@type": "CreativeWork", "name": "For research only"},
        {"@id": "owls/a.jpg", "@type": ["File", "ImageObject"], "license": "CC0-1.0"},
        {"@id": "b.csv", "@type": "File", "name": "Table"},
        {"@id": "https://x.example/c", "@type": "File", "conditionsOfAccess": "Ask Ann"},
        {"@id": "not-a-part.txt", "@type": "File", "license": "MIT"},
    ]
    for version in ("1.0", "1.1", "1.2"):
        items = of(crate(*parts, version=version), "rocrate", tmp_path, NAME)["items"]
        assert {(c["item_id"], c["kind"], *stated([c])) for c in items} == {
            ("owls/", "folder", ("For research only", None)),
            ("owls/a.jpg", "file", ("CC0-1.0", None)),
            ("b.csv", "file"),
            ("https://x.example/c", "file"),
        }


def test_what_a_part_was_made_from(tmp_path: Path) -> None:
    parts = [
        ROOT
        | {"hasPart": [{"@id": "sepia.jpg"}, {"@id": "dog.jpg"}], "isBasedOn": {"@id": "https://doi.org/10.1/old"}},
        {
            "@id": "sepia.jpg",
            "@type": "File",
            "license": "CC0-1.0",
            "prov:wasDerivedFrom": {"@id": "https://x.example/raw"},
        },
        {"@id": "dog.jpg", "@type": "File"},
        {"@id": "#sepia", "@type": "CreateAction", "object": {"@id": "dog.jpg"}, "result": {"@id": "sepia.jpg"}},
    ]
    said = of(crate(*parts), "rocrate", tmp_path, NAME)
    assert said["dataset"][0]["was_derived_from"] == ["https://doi.org/10.1/old"]
    assert {c["item_id"]: c.get("was_derived_from") for c in said["items"]} == {
        "sepia.jpg": ["https://x.example/raw", "dog.jpg"],
        "dog.jpg": None,
    }


def folder(path: Path, document: Any, **files: str) -> Claims:
    place = path / "crate"
    place.mkdir()
    (place / NAME).write_text(json.dumps(document))
    for name, text in files.items():
        (place / name).write_text(text)
    target = Target(str(place), place)
    assert best(target) == "rocrate"
    said: Claims = {"dataset": [], "items": []}
    for page in rocrate.fetch(target, Get(path / "s")):
        for batch in rocrate.parse(page):
            said[page.level] += [{k: v for k, v in row.items() if v is not None} for row in batch.to_pylist()]
    return said


def test_a_licence_file_inside_the_crate_is_read(tmp_path: Path) -> None:
    root = ROOT | {"license": {"@id": "LICENSE"}}
    said = folder(tmp_path, crate(root, {"@id": "LICENSE", "@type": "File"}), LICENSE="You may look.")
    assert [(c["place"], c["license_text"]) for c in said["dataset"]] == [("license-file", "You may look.")]


def test_a_licence_that_leads_out_of_the_crate_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_text("secret")
    said = folder(tmp_path, crate(ROOT | {"license": {"@id": "../LICENSE"}}, {"@id": "../LICENSE", "@type": "File"}))
    assert [c["license_text"] for c in said["dataset"]] == ["../LICENSE"]


def test_files_that_the_crate_does_not_name_are_told(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    folder(tmp_path, crate(ROOT, BY_NODE), extra="x")
    run = auditor("audit", tmp_path / "crate", "-o", tmp_path / "audit")
    assert run.code == 0 and "1 files are not among the crate's parts" in run.err
    (row,) = [r for f in (tmp_path / "audit/findings").glob("*.parquet") for r in pq.read_table(f).to_pylist()]
    assert (row["level"], row["license_concluded"], row["verdict"]) == ("dataset", "CC-BY-4.0", "undetermined")


def test_what_has_no_root_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no RO-Crate"):
        of({"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": []}, "rocrate", tmp_path, NAME)
    with pytest.raises(BadInput, match="JSON"):
        of('{"@context": "https://w3id.org/ro/crate/1.1/context", ', "rocrate", tmp_path, NAME)


def test_cycles_end(tmp_path: Path) -> None:
    root = ROOT | {"hasPart": {"@id": "a/"}}
    part = {"@id": "a/", "@type": "Dataset", "hasPart": [{"@id": "./"}, {"@id": "a/"}], "license": {"@id": "a/"}}
    assert {c["item_id"] for c in of(crate(root, part), "rocrate", tmp_path, NAME)["items"]} == {"a/"}
