"""Made-up citation files of every form, and the real ones."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.resolve import best
from auditor.sources import citation_cff
from auditor.target import Target

HEAD = "cff-version: 1.2.0\nmessage: cite it\ntitle: Birds\nauthors:\n- family-names: Bird\n  given-names: Ann\n- name: Flock\n"


def claims(place: Path, store: Path) -> list[dict[str, Any]]:
    target = Target(str(place), place)
    assert best(target) == "citation_cff"
    (page,) = citation_cff.fetch(target, Get(store))
    assert page.level == "dataset"
    return [{k: v for k, v in r.items() if v is not None} for b in citation_cff.parse(page) for r in b.to_pylist()]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("license: CC-BY-4.0\n", [("CC-BY-4.0", None, None)]),
        ("license: [MIT, Apache-2.0]\n", [("MIT OR Apache-2.0", None, None)]),
        ("type: software\nlicense: MIT\n", [("MIT", None, "software")]),
        ("type: dataset\nlicense: CC0-1.0\n", [("CC0-1.0", None, None)]),
        ("license-url: https://x.example/l\n", [(None, "https://x.example/l", None)]),
        ("license: [MIT, my own]\n", [("MIT", None, None), ("my own", None, None)]),
        ("references:\n- type: book\n  title: x\n  license: CC0-1.0\n", []),
        ("license:\n", []),
    ],
)
def test_what_is_said_of_the_work_and_not_of_its_references(tmp_path: Path, more: str, said: list[Any]) -> None:
    place = tmp_path / "CITATION.cff"
    place.write_text(HEAD + more)
    found = claims(place, tmp_path / "s")
    assert [(c.get("license_text"), c.get("license_url"), c.get("scope")) for c in found] == said
    assert {c["creator"] for c in found} <= {"Ann Bird, Flock"}


def test_what_is_no_citation_file_is_one_sentence(tmp_path: Path) -> None:
    place = tmp_path / "CITATION.cff"
    place.write_text("just words\n")
    with pytest.raises(BadInput, match="no citation file"):
        claims(place, tmp_path / "s")


def test_the_real_files_against_another_reading(real_data: Path, tmp_path: Path) -> None:
    seen: Counter[bool] = Counter()
    for place in sorted((real_data / "cff").rglob("CITATION.cff")):
        said = yaml.safe_load(place.read_text("utf-8"))
        given = said.get("license") or []
        wanted = " OR ".join(given) if isinstance(given, list) else given
        found = claims(place, tmp_path / "s")
        assert [c.get("license_text") for c in found] == (
            [wanted] if wanted else [None] if said.get("license-url") else []
        ), place
        seen[bool(found)] += 1
    assert seen[True] >= 15 and seen.total() == 68
