"""Contradictions that publishers have made, in their own words, and the kind that each is told as.

The words and where they stand: thunlp/UltraChat@1f613e1 README.md; microsoft/msmarco@21b4ece README.md and LICENSE;
tatsu-lab/stanford_alpaca@761dc5b README.md, DATA_LICENSE, LICENSE and datasheet.md. Only the sentences are theirs, and of
the licence files the title.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ULTRACHAT = {
    "README.md": "# UltraChat\n\n## License\n\nThe dataset is intended solely for research and educational purposes\n",
    "LICENSE": "MIT License",
}
MS_MARCO = {
    "README.md": "# MS MARCO\n\n## Terms and Conditions\n\nThe MS MARCO and ORCAS datasets are intended for non-commercial research purposes"
    " only to promote advancement in the field of artificial intelligence\n",
    "LICENSE": "Creative Commons Attribution 4.0 International Public License",
    "LICENSE-CODE": "MIT License",
}
ALPACA = {
    "README.md": "# Stanford Alpaca\n\n## Data License\n\nThe dataset is CC BY NC 4.0 (allowing only non-commercial use)\n",
    "DATA_LICENSE": "Attribution-NonCommercial 4.0 International",
    "LICENSE": "Apache License Version 2.0, January 2004",
    "datasheet.md": "# Datasheet\n\n### Will the dataset be distributed under a copyright or other intellectual property (IP) license?\n\n"
    "This dataset is distributed under the ODC-By license.\n",
}


def audited(folder: Path, out: Path, auditor: Callable[..., Any]) -> dict[str, Any]:
    assert auditor("audit", folder, "-o", out, "--fail-on", "conflict").code == 1
    said: dict[str, Any] = json.loads((out / "audit.json").read_text("utf-8"))["dataset"]
    return said


@pytest.mark.parametrize(
    ("files", "kind", "licenses", "category"),
    [
        (ULTRACHAT, "readme against license-file", ("MIT", "LicenseRef-academic-only"), "academic-only"),
        (MS_MARCO, "readme against license-file", ("CC-BY-4.0",), None),
        (ALPACA, "readme", ("CC-BY-NC-4.0", "ODC-By"), "non-commercial"),
    ],
)
def test_the_readme_against_the_licence_file(
    files: dict[str, str],
    kind: str,
    licenses: tuple[str, ...],
    category: str | None,
    tmp_path: Path,
    auditor: Callable[..., Any],
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    said = audited(folder, tmp_path / "audit", auditor)
    found = said["conclusion"]
    assert kind in found["conflict"] and all(name in found["conflict"] for name in licenses), found["conflict"]
    assert found["license_concluded"] == "NOASSERTION" and found["verdict"] != "free"
    assert category is None or found["category"] == category
    by_scope = {(s["scope"], s["license"]) for s in said["statements"]}
    assert files is not ALPACA or ("software", "Apache-2.0") in by_scope, (
        "a bare LICENSE beside DATA_LICENSE is the code's"
    )
    assert files is not MS_MARCO or ("software", "MIT") in by_scope


@pytest.mark.parametrize(
    ("name", "kind", "licenses"),
    [
        ("polemo2", "tag against dataset_infos and readme", ("BSD-3-Clause", "CC-BY-NC-SA-4.0")),
        ("deal_or_no_dialog", "tag against dataset_infos and readme", ("CC-BY-4.0", "LicenseRef-CC-BY-NC")),
        ("menyo20k_mt", "tag against dataset_infos and readme", ("CC-BY-4.0", "LicenseRef-non-commercial")),
        ("multidoc2dial", "tag against readme", ("Apache-2.0", "CC-BY-3.0")),
        ("bbaw_egyptian", "tag against dataset_infos", ("CC-BY-4.0", "CC-BY-SA-4.0")),
        ("silicone", "one statement against itself", ("CC-BY-NC-SA-4.0", "CC-BY-SA-4.0")),  # its words against its link
    ],
)
def test_kinds_in_the_real_cards(
    name: str, kind: str, licenses: tuple[str, ...], real_data: Path, tmp_path: Path, auditor: Callable[..., Any]
) -> None:
    found = audited(real_data / "huggingface/cards_datasets-1.18.4" / name, tmp_path / "audit", auditor)["conclusion"]
    assert kind in found["conflict"] and all(n in found["conflict"] for n in licenses), found["conflict"]
    assert found["verdict"] != "free"


def test_the_packaging_alone_is_licensed(real_data: Path, tmp_path: Path, auditor: Callable[..., Any]) -> None:
    """OSCAR: "We do not own any of the text … We license the actual packaging of these data under … CC0"."""
    place = real_data / "huggingface/cards_datasets-1.18.4/oscar"
    assert auditor("audit", place, "-o", tmp_path / "audit").code == 0
    said = json.loads((tmp_path / "audit/audit.json").read_text("utf-8"))["dataset"]
    words = next(s for s in said["statements"] if s["place"] == "readme")
    assert "We do not own any of the text" in words["text"] and words["license"] == "NOASSERTION"
    assert said["conclusion"]["license_concluded"] == "NOASSERTION"
    assert said["conclusion"]["verdict"] != "free"
