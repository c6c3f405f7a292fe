"""The licence data itself: every line is used, names an id that exists, and says what was read."""

import csv
from pathlib import Path

import pytest

from auditor import data, policy
from auditor.licensing import spdx_list
from auditor.policy import creative_commons, properties
from auditor.policy.rules import VERDICTS, exists

LICENSES = data.folder("licenses")


def rows(path: Path) -> list[dict[str, str]]:
    lines = [x for x in path.read_text(encoding="utf-8").splitlines() if not x.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True))


def test_the_spdx_list_is_whole() -> None:
    listed = spdx_list.load()
    assert spdx_list.version().split(".")[0] == "3"
    assert len(listed) == len(spdx_list.folded()) > 800
    assert {x.kind for x in listed.values()} == {"license", "exception"}
    for entry in listed.values():
        assert entry.name
        assert not entry.replaced_by or entry.deprecated
        for part in (entry.replaced_by or "").split(" WITH "):
            assert not part or not listed[part].deprecated
    assert (listed["MIT"].osi, listed["MIT"].fsf) == (True, True)
    assert (listed["CC-BY-NC-4.0"].osi, listed["CC-BY-NC-4.0"].fsf) == (False, False)


def test_the_spdx_list_is_written_from_the_package_as_it_is_read() -> None:
    class Entry:
        def __init__(self, name: str, deprecated: bool = False, **more: bool) -> None:
            self.id, self.name, self.deprecated_id = name, f"{name}\n licence", deprecated
            self.__dict__.update(more)

    lines = spdx_list.rows(
        [Entry("Zlib", osi_approved=True), Entry("Old-1.0", deprecated=True, fsf_libre=True)],
        [Entry("A-exception")],
        {"Old-1.0": "New-1.0", "Zlib": "not deprecated"},
    )
    assert lines == [
        "Old-1.0\tlicense\tOld-1.0 licence\tyes\tNew-1.0\t\tyes",
        "Zlib\tlicense\tZlib licence\t\t\tyes\t",
        "A-exception\texception\tA-exception licence\t\t\t\t",
    ]


def test_properties_have_a_line_for_every_licence_of_the_list() -> None:
    lines = rows(LICENSES / "properties.tsv")
    ids = [line["id"] for line in lines]
    assert len(ids) == len(set(ids))
    expected = {i for i, x in spdx_list.load().items() if x.kind == "license" and not x.deprecated}
    assert expected <= set(ids)
    elements = {f"element:{e}" for e in creative_commons.ELEMENTS}
    pairs = {i for i in ids if " WITH " in i}
    assert set(ids) == expected | elements | pairs
    assert all(exists(pair) for pair in pairs)


def test_every_line_of_properties_says_what_was_read() -> None:
    for line in rows(LICENSES / "properties.tsv"):
        stated = line["restrictions"].split()
        assert stated, line
        assert set(stated) <= properties.LABEL.keys() | {"none"}, line
        assert len(stated) == 1 or not {"none", "unknown"} & set(stated), line
        assert line["covers"] in ("", "database", "both"), line
        assert line["source"], line
        assert line["words"], line


def test_a_pair_restricts_no_less_than_its_licence_without_the_exception() -> None:
    for name in (i["id"] for i in rows(LICENSES / "properties.tsv") if " WITH " in i["id"]):
        assert policy.restrictions(name) == policy.restrictions(name.split(" WITH ")[0]), name


@pytest.mark.parametrize("name", policy.names())
def test_every_line_of_a_policy_is_used_and_says_what_was_read(name: str) -> None:
    lines = rows(LICENSES / "policies" / f"{name}.tsv")
    assert [line["id"].lower() for line in lines] == sorted({line["id"].lower() for line in lines})
    for line in lines:
        assert exists(line["id"]), line
        assert line["verdict"] in VERDICTS
        assert line["clause"] and line["words"] and line["source"] and line["how"], line
        assert len(line["words"].split()) <= 25, line
        assert policy.verdict(line["id"], name).verdict == line["verdict"], line


def test_osi_lists_what_the_spdx_list_marks() -> None:
    marked = {i for i, x in spdx_list.load().items() if x.osi and x.kind == "license" and not x.deprecated}
    assert {line.id for line in policy.explain("osi")} == marked
