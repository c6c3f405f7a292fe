"""Descriptions of datasets in the forms that people write them: none is read as freer than its words (cards, Croissant, data packages)."""

import json
from pathlib import Path
from typing import Any

import pytest

from auditor import audit

BY, NC = "https://creativecommons.org/licenses/by/4.0/", "https://creativecommons.org/licenses/by-nc/4.0/"
CARDS = {
    "a name in place of other": ("license: other\nlicense_name: cc-by-4.0-with-restrictions", "unknown", None),
    "several names and links": (
        f"license: other\nlicense_name: [cc-by-4.0, x]\nlicense_link:\n- {BY}\n- {NC}",
        "non-commercial",
        None,
    ),
    "a list": ("license:\n- cc-by-4.0\n- cc-by-nc-4.0", "non-commercial", None),
    "a list with other": ("license: [mit, other]\nlicense_name: club-rules", "unknown", None),
    "by config": ("licenses:\n  a: [mit]\n  b: [cc-by-nc-4.0]", "non-commercial", None),
    "details": ("license: cc-by-4.0\nlicense_details: Only for academic research.", "academic-only", None),
    "inside dataset_info": (
        "license: mit\ndataset_info:\n- config_name: a\n  license: cc-by-nc-4.0",
        "non-commercial",
        None,
    ),
    "a key twice": ("license: cc-by-nc-4.0\npretty_name: x\nlicense: mit", "non-commercial", None),
    "in capitals too": ("license: mit\nLicense: cc-by-nc-4.0", "non-commercial", None),
    "the other spelling": ("licence: cc-by-nc-4.0", "non-commercial", None),
    "a quoted key": ("'license': 'cc-by-nc-4.0'", "non-commercial", None),
    "a tag": ("tags:\n- license:cc-by-nc-4.0", "non-commercial", None),
    "broken YAML": ('license: cc-by-nc-4.0\ntags: [a, b\n  : x\npretty_name: "x', "non-commercial", None),
    "folded words": ("license: >-\n  cc-by-4.0 for text,\n  images all rights reserved", "proprietary", None),
    "a gate": ("license: mit\nextra_gated_prompt: For non-commercial use only.", "free", "non-commercial"),
    "a gate's heading": ("license: mit\nextra_gated_heading: For academic use only.", "free", "academic-only"),
    "a gate's button": (
        "license: mit\nextra_gated_button_content: I agree not to use it commercially",
        "free",
        "non-commercial",
    ),
}


def whole(path: Path, out: Path) -> dict[str, Any]:
    concluded: dict[str, Any] = audit(str(path), out, offline=True).info["dataset"]["conclusion"]
    return concluded


@pytest.mark.parametrize("case", CARDS)
@pytest.mark.parametrize(("before", "end"), [("", "\n"), ("\ufeff", "\r\n"), ("<!-- made by hand -->\n", "\n")])
def test_a_card_is_read_no_freer(case: str, before: str, end: str, tmp_path: Path) -> None:
    front, category, access = CARDS[case]
    text = f"{before}---\n{front}\ntask_categories: [other]\n---\n# Dataset Card for x\n".replace("\n", end)
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "README.md").write_bytes(text.encode())
    found = whole(tmp_path / "set", tmp_path / "out")
    assert (found["category"], found["access_category"]) == (category, access)
    assert found["verdict"] != "free"


def croissant(**said: Any) -> dict[str, Any]:
    context = {"@vocab": "https://schema.org/", "sc": "https://schema.org/", "cr": "http://mlcommons.org/croissant/"}
    about = {"@type": "sc:Dataset", "conformsTo": "http://mlcommons.org/croissant/1.0", "name": "x"}
    return {"@context": context, **about, **said}


WORK = {"@type": "sc:CreativeWork"}
CROISSANT = {
    "several": (croissant(license=[BY, NC]), "non-commercial"),
    "a name": (croissant(license=WORK | {"name": "CC BY-NC 4.0"}), "non-commercial"),
    "a name against its link": (croissant(license=WORK | {"name": "CC BY-NC 4.0", "url": BY}), "non-commercial"),
    "prefixed": (croissant(**{"sc:license": WORK | {"sc:name": "CC BY-NC 4.0"}}), "non-commercial"),
    "in full": (croissant(**{"http://schema.org/license": [{"@id": NC}]}), "non-commercial"),
    "a value": (croissant(license={"@value": "CC BY-NC 4.0", "@language": "en"}), "non-commercial"),
    "names in a list": (
        croissant(license=[WORK | {"name": "CC BY 4.0"}, WORK | {"name": "images: all rights reserved"}]),
        "proprietary",
    ),
    "elsewhere in the graph": (
        {
            "@context": "https://schema.org/",
            "@graph": [{"@id": "#l", **WORK, "name": "CC BY-NC 4.0"}, croissant(license={"@id": "#l"})],
        },
        "non-commercial",
    ),
    "of a record set": (
        croissant(license=BY, recordSet=[{"@type": "cr:RecordSet", "name": "r", "license": NC}]),
        "non-commercial",
    ),
    "of a part": (croissant(license=BY, hasPart={"@type": "Dataset", "name": "p", "license": NC}), "non-commercial"),
    "a notice": (croissant(license=BY, copyrightNotice="(c) Club. All rights reserved."), "proprietary"),
    "conditions of use": (
        croissant(license=BY, usageInfo=WORK | {"name": "Non-commercial research only"}),
        "academic-only",
    ),
}


@pytest.mark.parametrize("case", CROISSANT)
def test_croissant_is_read_no_freer(case: str, tmp_path: Path) -> None:
    document, category = CROISSANT[case]
    (tmp_path / "croissant.json").write_text(json.dumps(document), encoding="utf-8")
    found = whole(tmp_path / "croissant.json", tmp_path / "out")
    assert (found["category"], found["verdict"] == "free") == (category, False)


CC0 = [{"name": "CC0-1.0"}]
PACKAGES = {
    "several": ({"licenses": [{"name": "CC-BY-4.0"}, {"name": "CC-BY-NC-4.0"}]}, {}, "non-commercial"),
    "of the resource": ({"licenses": CC0}, {"licenses": [{"name": "CC-BY-NC-4.0"}]}, "non-commercial"),
    "the resource's is empty": ({"licenses": CC0}, {"licenses": []}, "unknown"),
    "a name against its title": (
        {"licenses": [{"name": "CC-BY-4.0", "title": "Attribution Non-Commercial 4.0"}]},
        {},
        "non-commercial",
    ),
    "a name against its path": ({"licenses": [{"name": "CC-BY-4.0", "path": NC}]}, {}, "non-commercial"),
    "other, by its title": (
        {"licenses": [{"name": "other-open", "title": "Custom, non-commercial"}]},
        {},
        "non-commercial",
    ),
    "both keys": ({"license": "MIT", "licenses": [{"name": "CC-BY-NC-4.0"}]}, {}, "non-commercial"),
    "the other spelling": ({"licence": "CC-BY-NC-4.0"}, {}, "non-commercial"),
    "a link to a file": ({"licenses": [{"path": "LICENSE.md"}]}, {}, "unknown"),
    "rights beside it": ({"licenses": CC0, "rights": "All rights reserved"}, {}, "proprietary"),
    "a source's": ({"licenses": CC0}, {"sources": [{"title": "S", "license": "CC-BY-NC-4.0"}]}, "non-commercial"),
}


@pytest.mark.parametrize("case", PACKAGES)
def test_a_data_packages_resource_is_read_no_freer(case: str, tmp_path: Path) -> None:
    said, own, category = PACKAGES[case]
    document = {"name": "x", "resources": [{"name": "r", "path": "a.csv"} | own]} | said
    (tmp_path / "datapackage.json").write_text(json.dumps(document), encoding="utf-8")
    (row,) = audit(str(tmp_path / "datapackage.json"), tmp_path / "out", offline=True).findings.to_table().to_pylist()
    assert (row["category"], row["verdict"] == "free") == (category, False)
