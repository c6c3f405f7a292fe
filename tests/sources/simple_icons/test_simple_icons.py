"""Logos that items are followed to at Simple Icons: all of them by one answer, its data file."""

import json
from pathlib import Path
from typing import Any

import pytest

from auditor.fetch import Get
from auditor.sources import simple_icons
from tests.sources.following import follow, license_of, parsed

ICONS = [
    {"title": "Kettle", "slug": "kettle", "source": "https://kettle.example", "license": {"type": "CC-BY-NC-4.0"}},
    {"title": "Pot Lid", "slug": "pot_lid", "license": {"type": "custom", "url": "https://pot.example/terms"}},
    {"title": "Pan", "slug": "pan", "source": "https://pan.example"},
    "no icon",
    {"title": "No slug"},
]
KEYS = [f"simple-icons:icon:{name}" for name in ("kettle", "pot-lid", "pan", "ladle")]


def test_one_request_answers_all(tmp_path: Path) -> None:
    found = follow(simple_icons, KEYS, {simple_icons.FILE: ICONS}, tmp_path)
    assert [a.path for a in found.asked] == [simple_icons.FILE]
    kettle, lid, pan, ladle = (found.of(k)[0] for k in KEYS)
    assert (license_of(kettle), kettle["authority"], kettle["title"]) == ("CC-BY-NC-4.0", "host", "Kettle")
    assert (lid["license_text"], lid["license_url"]) == ("custom", "https://pot.example/terms")
    assert not {"license_text", "license_url", "error", "was_derived_from"} & pan.keys()
    assert ladle["error"].startswith("gone: ")


def test_a_file_of_it_stands_for_the_answer_and_is_kept(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text(json.dumps(ICONS))
    with Get(tmp_path / "store", endpoints={"simple_icons": str(tmp_path / "data.json")}) as get:
        (page,) = simple_icons.items(KEYS[:1], get)
    assert page.body == (tmp_path / "data.json").read_bytes()
    assert license_of(parsed(simple_icons, [page])[0]) == "CC-BY-NC-4.0"
    with Get(tmp_path / "store", offline=True) as get:
        (again,) = simple_icons.items(KEYS[:1], get)
    assert again.context["failure_kind"] == "offline"  # it was kept as the file's, not as the host's


@pytest.mark.parametrize("answer", [404, b"<html>", {"icons": []}, [], b"[1, {}]"])
def test_answers_that_are_no_data_file_say_nothing(answer: Any, tmp_path: Path) -> None:
    found = follow(simple_icons, KEYS, {simple_icons.FILE: answer}, tmp_path)
    assert [set(r) & {"license_text", "license_url"} for r in found.rows] == [set()] * 4
    assert all(r["error"].startswith(("gone: ", "not reached: ")) for r in found.rows)


def test_the_real_data_file(real_data: Path, tmp_path: Path) -> None:
    """Every logo gives its own record's licence, word for word; an independent reading counts them."""
    file = real_data / "icons" / "simple-icons.json"
    icons = {i["slug"]: i for i in json.loads(file.read_text("utf-8"))}
    with Get(tmp_path, endpoints={"simple_icons": str(file)}) as get:
        pages = list(simple_icons.items([f"simple-icons:icon:{s.replace('_', '-')}" for s in icons], get))
    rows = parsed(simple_icons, pages)
    assert len(rows) == len(icons)
    for row, icon in zip(rows, icons.values(), strict=True):
        said = icon.get("license", {})
        assert (row["title"], row.get("license_text"), row.get("license_url")) == (
            icon["title"],
            said.get("type"),
            said.get("url"),
        )
