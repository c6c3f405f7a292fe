"""Made-up DataCite metadata as XML and JSON, and the real samples against another reading."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.resolve import best
from auditor.sources import datacite
from auditor.target import Target
from tests.sources.huggingface.hub import serving
from tests.sources.records import claims, gates, of, stated

BY = "https://creativecommons.org/licenses/by/4.0/"
XML = """<?xml version="1.0" encoding="UTF-8"?>
<resource xmlns="http://datacite.org/schema/kernel-4"><identifier identifierType="DOI">10.1/b</identifier>
<creators><creator><creatorName>Bird, Ann</creatorName></creator></creators><titles><title>Birds</title></titles>
<relatedIdentifiers><relatedIdentifier relationType="IsDerivedFrom">10.1/old</relatedIdentifier>
<relatedIdentifier relationType="Cites">10.1/c</relatedIdentifier></relatedIdentifiers>
<rightsList>{}</rightsList></resource>"""
RIGHTS = [
    ([{"rights": "CC BY", "rightsUri": BY}], f'<rights rightsURI="{BY}">CC BY</rights>', [("CC BY", BY)], []),
    ([{"rightsIdentifier": "cc-by-4.0", "rightsUri": BY}], f'<rights rightsURI="{BY}" rightsIdentifier="cc-by-4.0"/>', [("cc-by-4.0", BY)], []),
    ([{"rights": "Open Access", "rightsUri": "info:eu-repo/semantics/openAccess"}, {"rights": "CC0"}],
     "<rights>Open Access</rights><rights>CC0</rights>", [("CC0", None)], []),
    ([{"rightsUri": "info:eu-repo/semantics/restrictedAccess"}],
     '<rights rightsURI="info:eu-repo/semantics/restrictedAccess"/>', [], ["info:eu-repo/semantics/restrictedAccess"]),
    ([{"rights": "Ask Ann"}], "<rights>Ask\n  Ann</rights>", [("Ask Ann", None)], []),
    ([], "", [], []),
]  # fmt: skip


@pytest.mark.parametrize(("entries", "xml", "said", "closed"), RIGHTS)
def test_xml_and_json_say_the_same(
    tmp_path: Path, entries: list[Any], xml: str, said: list[Any], closed: list[str]
) -> None:
    related = [
        {"relationType": "IsDerivedFrom", "relatedIdentifier": "10.1/old"},
        {"relationType": "Cites", "relatedIdentifier": "10.1/c"},
    ]
    attributes = {
        "doi": "10.1/b",
        "titles": [{"title": "Birds"}],
        "creators": [{"name": "Bird, Ann"}],
        "rightsList": entries,
        "relatedIdentifiers": related,
    }
    for document in (XML.format(xml), attributes, {"data": {"id": "10.1/b", "type": "dois", "attributes": attributes}}):
        found = of(document, "datacite", tmp_path, "record.xml" if isinstance(document, str) else "record.json")[
            "dataset"
        ]
        assert stated(found) == said and gates(found) == closed
        assert {(c["item_id"], c["title"], c["creator"], tuple(c["was_derived_from"])) for c in found} == {
            ("10.1/b", "Birds", "Bird, Ann", ("10.1/old",))
        }


def test_a_licence_of_the_metadata_is_not_the_datas(tmp_path: Path) -> None:
    (claim,) = of(XML.format("<rights>Metadata are under CC0 1.0</rights>"), "datacite", tmp_path, "a.xml")["dataset"]
    assert claim["scope"] == "metadata"


def test_a_list_of_the_api_gives_items(tmp_path: Path) -> None:
    record = {"id": "10.1/b", "attributes": {"titles": [], "creators": [], "rightsList": [{"rights": "CC0"}]}}
    said = of({"data": [record, record | {"id": "10.1/c"}]}, "datacite", tmp_path)
    assert [(c["item_id"], c["license_text"]) for c in said["items"]] == [("10.1/b", "CC0"), ("10.1/c", "CC0")]


def test_a_doi_is_asked_for_at_the_api(tmp_path: Path) -> None:
    target = Target("https://doi.org/10.1234/birds.1")
    assert best(target) == "datacite"
    answer = {
        "data": {
            "id": "10.1234/birds.1",
            "attributes": {"titles": [], "creators": [], "rightsList": [{"rights": "CC0"}]},
        }
    }
    with serving({"/dois/10.1234/birds.1": json.dumps(answer).encode()}) as (address, _):
        (page,) = datacite.fetch(target, Get(tmp_path, endpoints={"datacite": address}))
    assert page.level == "dataset"


@pytest.mark.parametrize(
    "broken",
    [
        '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>',
        "<x>",
    ],
)
def test_hostile_and_broken_xml_is_one_sentence(tmp_path: Path, broken: str) -> None:
    with pytest.raises(BadInput):
        of(
            broken + XML.format("<rights>&c;</rights>").removeprefix('<?xml version="1.0" encoding="UTF-8"?>'),
            "datacite",
            tmp_path,
            "a.xml",
        )


def test_the_real_files_against_another_reading(real_data: Path, tmp_path: Path) -> None:
    seen = 0
    for place in sorted((real_data / "datacite/bolognese_fixtures").glob("*.xml")):
        text = place.read_text("utf-8")
        if (
            "datacite.org/schema/kernel" not in text or place.name == "datacite-example-relateditems.xml"
        ):  # not well-formed
            continue
        wanted = len(re.findall(r"<(?:\w+:)?rights[\s>/]", text))
        found = claims(place, "datacite", tmp_path)["dataset"]
        open_ = len(re.findall(r"(?i)<rights[^>]*>info:eu-repo/semantics/openAccess|semantics/openAccess\">", text))
        empty = len(re.findall(r"<rights\s*/>|<rights>\s*</rights>", text))
        assert len(stated(found)) + len(gates(found)) == wanted - open_ - empty, place
        seen += len(stated(found))
    assert seen >= 20
