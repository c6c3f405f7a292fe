"""Answers of MediaWiki's API that were kept as files: each file of theirs is an item."""

import json
from pathlib import Path
from typing import Any

import pytest

import auditor
from auditor.errors import UnknownTarget
from tests.sources.commons.test_commons import BY_SA, answer, file

KETTLE, CUP = "https://commons.wikimedia.org/wiki/File:A_kettle.jpg", "https://commons.wikimedia.org/wiki/File:Cup.jpg"


def at(address: str, page: dict[str, Any]) -> dict[str, Any]:
    page["imageinfo"][0]["descriptionurl"] = address
    return page


def found(said: Any, folder: Path, name: str = "answer.json") -> list[tuple[str, str, str]]:
    path = folder / name
    path.write_text(said if isinstance(said, str) else json.dumps(said, indent=1))
    done = auditor.audit(str(path), folder / "out", offline=True)
    rows = sorted(done.findings.to_table().to_pylist(), key=lambda r: r["row"])
    return [(r["item_id"], r["license_concluded"], r["title"]) for r in rows]


ONE, TWO = (
    at(KETTLE, file(1, "File:A kettle.jpg", **BY_SA)),
    at(CUP, file(2, "File:Cup.jpg", LicenseShortName="CC BY-NC 4.0")),
)
READ = [
    ("commons:file:A_kettle.jpg", "CC-BY-SA-3.0-DE", "A kettle.jpg"),
    ("commons:file:Cup.jpg", "CC-BY-NC-4.0", "Cup.jpg"),
]


def test_each_file_of_an_answer_is_an_item(tmp_path: Path) -> None:
    assert found(answer(ONE, TWO), tmp_path) == READ


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"query": {"pages": [ONE, TWO]}}, READ),  # formatversion=2
        ("\n".join(json.dumps(answer(p)) for p in (ONE, TWO)), READ),
        (ONE, READ[:1]),
        ([ONE, TWO], READ),
        (ONE["imageinfo"][0], [("commons:file:A_kettle.jpg", "CC-BY-SA-3.0-DE", KETTLE)]),
        (
            {"query": {"pages": {"7": {"pageid": 7, "ns": 6, "title": "Datei:X.png"}}}},
            [("Datei:X.png", "NOASSERTION", "Datei:X.png")],
        ),
    ],
)
def test_forms_of_answers(said: Any, expected: list[tuple[str, str, str]], tmp_path: Path) -> None:
    assert found(said, tmp_path) == expected


def test_what_two_answers_say_of_one_file_counts_together(tmp_path: Path) -> None:
    """A continued answer repeats the pages without their imageinfo; two that differ contradict each other."""
    bare = {"pageid": 1, "ns": 6, "title": "File:A kettle.jpg", "globalusage": []}
    other = at(KETTLE, file(1, "File:A kettle.jpg", LicenseShortName="CC BY-NC 4.0"))
    assert found("\n".join(map(json.dumps, (answer(ONE), answer(bare)))), tmp_path) == READ[:1]
    assert [f[1] for f in found("\n".join(map(json.dumps, (answer(ONE), answer(other)))), tmp_path, "b.json")] == [
        "NOASSERTION"
    ]


def test_files_of_one_name_at_two_wikis_are_two(tmp_path: Path) -> None:
    there = at("https://de.wikipedia.org/wiki/File:A_kettle.jpg", file(9, "File:A kettle.jpg", LicenseShortName="CC0"))
    assert [f[:2] for f in found("\n".join(map(json.dumps, (answer(ONE), answer(there)))), tmp_path)] == [
        ("commons:file:A_kettle.jpg", "CC-BY-SA-3.0-DE"),
        ("wikipedia:de:file:A_kettle.jpg", "CC0-1.0"),
    ]


def test_answers_without_files_are_left_alone(tmp_path: Path) -> None:
    article = {"query": {"pages": {"5": {"pageid": 5, "ns": 0, "title": "Kettle"}}}}
    with pytest.raises(UnknownTarget):
        found(article, tmp_path)
