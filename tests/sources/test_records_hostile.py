"""Records whose parts are of any other kind than they should be: a sentence or a reading, never a traceback."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.sources import source
from auditor.target import Target

PEOPLE = [{"name": "Ann"}, {"person_or_org": {"name": "Bo"}}, {"creatorName": "Cy"}, "Di"]
RIGHTS = [
    {
        "id": "cc-by-4.0",
        "title": {"en": "CC"},
        "link": "https://x.example",
        "props": {"url": "u"},
        "rights": "CC0",
        "rightsUri": "u",
    }
]
DOCUMENTS: dict[str, Any] = {
    "ckan": {
        "result": {
            "results": [
                {
                    "license_id": "cc-by",
                    "license_title": "t",
                    "resources": [{"id": "r", "license": "x"}],
                    "extras": [{"key": "k", "value": "v"}],
                    "organization": {"title": "o"},
                }
            ]
        }
    },
    "zenodo": {
        "conceptrecid": "1",
        "links": {"html": "u"},
        "access": {"files": "restricted"},
        "metadata": {
            "license": {"id": "x"},
            "rights": RIGHTS,
            "creators": PEOPLE,
            "related_identifiers": [{"relation": "isDerivedFrom", "identifier": "i"}],
        },
    },
    "datacite": {
        "data": [
            {
                "id": "i",
                "attributes": {
                    "titles": [{"title": "t"}],
                    "creators": PEOPLE,
                    "rightsList": RIGHTS,
                    "relatedIdentifiers": [{"relationType": "IsDerivedFrom", "relatedIdentifier": "i"}],
                },
            }
        ]
    },
    "dataverse": {
        "datasetVersion": {
            "license": {"name": "CC0"},
            "termsOfUse": "t",
            "files": [{"restricted": True}],
            "metadataBlocks": {
                "citation": {"fields": [{"typeName": "author", "value": [{"authorName": {"value": "Ann"}}]}]}
            },
        }
    },
    "openml": {"data_set_description": {"id": "1", "name": "n", "licence": "CC0", "creator": ["Ann"]}},
    "kaggle": {
        "info": {
            "licenses": [{"nameNullable": "CC0"}],
            "descriptionNullable": "# License\n\nx",
            "ownerUserNullable": "a",
            "datasetSlugNullable": "b",
        }
    },
    "dataset_info": {"name": "n", "redistributionInfo": {"license": "x"}, "location": {"urls": ["u"]}, "license": "y"},
    "dcat": {
        "@context": {"dcat": "http://www.w3.org/ns/dcat#"},
        "@graph": [
            {"@id": "d", "@type": "dcat:Dataset", "dct:license": {"@id": "l"}, "dcat:distribution": [{"@id": "e"}]},
            {"@id": "e", "dct:rights": {"rdfs:label": "r"}},
        ],
    },
    "rocrate": {
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [
            {"@id": "ro-crate-metadata.json", "about": {"@id": "./"}},
            {"@id": "./", "@type": "Dataset", "license": {"@id": "l"}, "hasPart": [{"@id": "a"}]},
            {"@id": "a", "@type": ["File"], "license": "x"},
            {"@id": "#c", "@type": "CreateAction", "object": {"@id": "a"}, "result": [{"@id": "./"}]},
        ],
    },
}
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["@id", "id", "name", "en", "value", "license"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def changed(value: Any, draw: Callable[[st.SearchStrategy[Any]], Any]) -> Any:
    """Return a document of which some parts are of another kind."""
    if draw(st.integers(0, 11)) == 0:
        return draw(ODD)
    if isinstance(value, dict):
        return {k: changed(v, draw) for k, v in value.items()}
    if isinstance(value, list):
        return [changed(v, draw) for v in value]
    return value


@pytest.mark.parametrize("name", DOCUMENTS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_parts_of_another_kind(name: str, data: st.DataObject, tmp_path: Path) -> None:
    place = tmp_path / "record.json"
    place.write_text(json.dumps(changed(DOCUMENTS[name], data.draw)), encoding="utf-8")
    module = source(name)
    try:
        for page in module.fetch(Target(str(place), place), Get(tmp_path / "s")):
            for batch in module.parse(page):
                assert batch.num_rows
    except BadInput as error:
        assert str(error)
