"""Made-up DCAT in every form, and the real samples against another reading."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from auditor.errors import BadInput
from tests.sources.records import claims, gates, of, stated

BY, CC0, NC = (
    f"https://creativecommons.org/{p}/" for p in ("licenses/by/4.0", "publicdomain/zero/1.0", "licenses/by-nc/4.0")
)
ACCESS = "http://publications.europa.eu/resource/authority/access-right/"
CONTEXT = {"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/"}
GRAPH = {
    "@context": CONTEXT,
    "@graph": [
        {"@id": "urn:catalog", "@type": "dcat:Catalog", "dct:license": {"@id": CC0}, "dcat:dataset": {"@id": "urn:birds"}},
        {"@id": "urn:birds", "@type": "dcat:Dataset", "dct:title": "Birds", "dct:license": {"@id": BY}, "dct:accessRights": {"@id": ACCESS + "RESTRICTED"},
         "dcat:distribution": [{"@id": "urn:a"}, {"@id": "urn:b"}, {"@id": "urn:c"}]},
        {"@id": "urn:a", "@type": "dcat:Distribution", "dct:license": {"@id": CC0}, "dcat:downloadURL": {"@id": "https://x.example/a.csv"}},
        {"@id": "urn:b", "@type": "dcat:Distribution", "dct:rights": {"@id": ACCESS + "PUBLIC"}, "dct:license": {"@id": "_:l"}},
        {"@id": "_:l", "@type": "dct:LicenseDocument", "rdfs:label": "For research only"},
        {"@id": "urn:c", "@type": "dcat:Distribution"},
    ],
}  # fmt: skip
TURTLE = f"""@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<urn:catalog> a dcat:Catalog ; dct:license <{CC0}> ; dcat:dataset <urn:birds> .
<urn:birds> a dcat:Dataset ; dct:title "Vögel"@de, "Birds"@en ; dct:license <{BY}> ; dct:accessRights <{ACCESS}RESTRICTED> ;
  dcat:distribution <urn:a>, <urn:b>, <urn:c> .
<urn:a> a dcat:Distribution ; dct:license <{CC0}> ; dcat:downloadURL <https://x.example/a.csv> .
<urn:b> a dcat:Distribution ; dct:rights <{ACCESS}PUBLIC> ; dct:license [ a dct:LicenseDocument ; rdfs:label "For research only" ] .
<urn:c> a dcat:Distribution .
"""
XML = f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#"
  xmlns:dcat="http://www.w3.org/ns/dcat#" xmlns:dct="http://purl.org/dc/terms/">
<dcat:Dataset rdf:about="urn:birds"><dct:title>Birds</dct:title><dct:license rdf:resource="{BY}"/><dct:accessRights rdf:resource="{ACCESS}RESTRICTED"/>
<dcat:distribution><dcat:Distribution rdf:about="urn:a"><dct:license rdf:resource="{CC0}"/><dcat:downloadURL rdf:resource="https://x.example/a.csv"/>
</dcat:Distribution></dcat:distribution><dcat:distribution><dcat:Distribution rdf:about="urn:b"><dct:rights rdf:resource="{ACCESS}PUBLIC"/>
<dct:license><dct:LicenseDocument><rdfs:label>For research only</rdfs:label></dct:LicenseDocument></dct:license></dcat:Distribution></dcat:distribution>
<dcat:distribution><dcat:Distribution rdf:about="urn:c"/></dcat:distribution></dcat:Dataset></rdf:RDF>"""


@pytest.mark.parametrize(("document", "file"), [(GRAPH, "a.jsonld"), (TURTLE, "a.ttl"), (XML, "a.rdf")])
def test_every_form_says_the_same(tmp_path: Path, document: Any, file: str) -> None:
    said = of(document, "dcat", tmp_path, file)
    assert stated(said["dataset"]) == [(None, BY)] and gates(said["dataset"]) == [ACCESS + "RESTRICTED"]
    assert {(c["item_id"], c["title"]) for c in said["dataset"]} == {("urn:birds", "Birds")}
    assert [(c["item_id"], stated([c])) for c in said["items"]] == [
        ("urn:a", [(None, CC0)]),
        ("urn:b", [("For research only", None)]),
        ("urn:c", []),
    ], "a dataset's licence is not its distributions' own"


def test_a_catalogue_gives_its_datasets_as_items(tmp_path: Path) -> None:
    open_, half = (
        {"distribution": [{"license": CC0, "accessURL": "u"}, d]} for d in ({"license": CC0}, {"accessURL": "v"})
    )
    catalog = {
        "license": BY,
        "dataset": [
            {"identifier": "a", "accessLevel": "public"} | open_,
            {"identifier": "b", "accessLevel": "non-public"} | half,
            {"identifier": "c", "license": NC} | open_,
        ],
    }
    items = of(catalog, "dcat", tmp_path, "data.json")["items"]
    assert [(c["item_id"], c["authority"], c.get("license_url"), c.get("scope")) for c in items] == [
        ("a", "uploader", CC0, None),
        ("b", "access", None, "access"),
        ("b", "uploader", CC0, "part"),  # one file is silent, and the rest do not speak for the whole
        ("c", "uploader", NC, None),
        ("c", "dataset", CC0, None),
    ]


def test_a_stricter_file_stands_in_the_way_of_its_dataset(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    strict = [
        {"identifier": n, "license": CC0, "distribution": [{"license": v, "accessURL": "u"}]}
        for n, v in (("a", NC), ("b", CC0))
    ]
    place = tmp_path / "data.json"
    place.write_text(json.dumps({"dataset": strict}))
    assert auditor("audit", place, "-o", tmp_path / "audit").code == 0
    found = [r for f in (tmp_path / "audit" / "findings").glob("*.parquet") for r in pq.read_table(f).to_pylist()]
    assert {r["item_id"]: (r["verdict"], r["category"]) for r in found} == {
        "a": ("undetermined", "non-commercial"),
        "b": ("free", "free"),
    }


def test_blank_nodes_come_in_one_order_whatever_the_parser_calls_them(tmp_path: Path) -> None:
    many = "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .\n" + "".join(
        f'[] a dcat:Dataset ; dct:title "{n}" ; dct:license [ dct:title "l{n}" ] .\n' for n in range(30)
    )
    first, second = (of(many, "dcat", tmp_path, "a.ttl")["items"] for _ in range(2))
    assert first == second and len({c["row"] for c in first}) == 30


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("@prefix dcat: <http://www.w3.org/ns/dcat#> . <a> b:c [", "a.ttl"),
        ('<rdf:RDF xmlns:dcat="http://www.w3.org/ns/dcat#">', "a.rdf"),
        (
            '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rdf:RDF xmlns:dcat="http://www.w3.org/ns/dcat#"/>',
            "a.rdf",
        ),
        ("@prefix dcat: <http://www.w3.org/ns/dcat#> .", "a.ttl"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path: Path, text: str, file: str) -> None:
    with pytest.raises(BadInput):
        of(text, "dcat", tmp_path, file)


def test_the_real_samples_against_another_reading(real_data: Path, tmp_path: Path) -> None:
    for place in sorted((real_data / "dcat/ckanext-dcat/dcat").iterdir()):
        if place.name == "dataset.ttl":  # uses a prefix that it does not declare
            continue
        text = place.read_text("utf-8")
        said = claims(place, "dcat", tmp_path)
        for link in {c["license_url"] for c in said["dataset"] + said["items"] if c.get("license_url")}:
            assert link in text, place
        if place.suffix == ".rdf" and "catalog" not in place.name:
            assert len({c["item_id"] for c in said["items"]}) == text.count("<dcat:distribution"), place
    (nobel,) = claims(real_data / "dcat/ckanext-dcat/dcat/dataset_sweden.rdf", "dcat", tmp_path)["items"]
    assert nobel["license_url"] == "http://creativecommons.org/licenses/by-nc/3.0/", (
        "the catalogue's CC0 is its records', not the data's"
    )


def test_schema_orgs_datasets_in_turtle(real_data: Path, tmp_path: Path) -> None:
    place = real_data / "croissant/rdf/huggingface-10.ttl"
    found = claims(place, "dcat", tmp_path)["items"]
    links = re.findall(r"schema:license (?:<([^>]+)>|\"([^\"]+)\")", place.read_text("utf-8"))
    assert sorted(c["license_url"] for c in found) == sorted(a or b for a, b in links)


def test_data_json_is_no_table(tmp_path: Path) -> None:
    said = of(
        {
            "conformsTo": "https://project-open-data.cio.gov/v1.1/schema",
            "dataset": [{"title": "B", "accessLevel": "public", "license": BY, "distribution": []}],
        },
        "dcat",
        tmp_path,
        "data.json",
    )
    assert stated(said["dataset"]) == [(None, BY)], json.dumps(said)
