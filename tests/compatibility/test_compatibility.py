"""What may be released together, and under what: whole answers, properties over generated counts, and the data's evidence."""

import csv
import json
import re
import tarfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor import audit, compatibility, data, policy
from auditor.compatibility import release, way
from auditor.licensing import spdx_list, tables
from auditor.policy import CATEGORIES
from auditor.sources import _package_get as registry

LICENSES = (
    "CC0-1.0",
    "CC-BY-2.0",
    "CC-BY-4.0",
    "CC-BY-SA-1.0",
    "CC-BY-SA-2.0",
    "CC-BY-SA-3.0",
    "CC-BY-SA-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-SA-3.0",
    "CC-BY-ND-4.0",
    "GPL-2.0-or-later",
    "GPL-3.0-only",
    "GFDL-1.2-or-later",
    "MIT",
    "Apache-2.0",
    "C-UDA-1.0",
    "ODbL-1.0",
    "LicenseRef-CC-BY-SA",
    "LicenseRef-public-domain",
    "LicenseRef-All-Rights-Reserved",
    "CC-BY-SA-4.0 OR MIT",
    "CC-BY-SA-4.0 AND GPL-3.0-only",
    "NOASSERTION",
    "NONE",
)
COUNTS = st.dictionaries(st.sampled_from(LICENSES), st.integers(1, 1_000), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("held", "licence"),
    [
        (("CC0-1.0",), "CC0-1.0"),
        (("CC-PDM-1.0",), "CC0-1.0"),
        (("CC0-1.0", "CC-BY-4.0"), "CC-BY-4.0"),
        (("CC-BY-2.0", "CC-BY-SA-4.0", "MIT"), "CC-BY-SA-4.0"),
        (("CC-BY-SA-3.0", "CC-BY-SA-4.0"), "CC-BY-SA-4.0"),  # version 3.0 names later ones
        (("CC-BY-SA-2.0", "CC-BY-SA-2.5"), "CC-BY-SA-4.0"),
        (("CC-BY-SA-1.0", "CC-BY-SA-4.0"), None),  # version 1.0 does not
        (("CC-BY-SA-4.0", "GPL-3.0-only"), "GPL-3.0-only"),  # one way
        (("CC-BY-SA-4.0", "GPL-3.0-or-later"), "GPL-3.0-only"),
        (("CC-BY-SA-3.0", "GPL-3.0-only"), None),  # 4.0 only
        (("CC-BY-SA-4.0", "GPL-2.0-only"), None),
        (("CC-BY-SA-4.0", "CC-BY-NC-4.0"), None),
        (("CC-BY-4.0", "CC-BY-NC-4.0"), "CC-BY-NC-4.0"),
        (("CC-BY-NC-4.0", "CC-BY-NC-SA-3.0"), "CC-BY-NC-SA-4.0"),
        (("CC-BY-SA-4.0", "CC-BY-NC-SA-4.0"), None),
        (("CC-BY-4.0", "CC-BY-ND-4.0"), None),
        (("GFDL-1.2-or-later", "CC-BY-SA-3.0"), None),  # that way ended in 2009
        (("GFDL-1.2-or-later", "GFDL-1.3-only"), "GFDL-1.3-only"),
        (("Apache-2.0", "GPL-2.0-only"), None),
        (("Apache-2.0", "GPL-2.0-or-later"), "GPL-3.0-only"),
        (("ODbL-1.0", "CC-BY-4.0"), None),
        (("CC-BY-SA-4.0 OR MIT", "CC-BY-4.0"), "CC-BY-4.0"),  # the recipient chooses
        (("CC-BY-SA-4.0 AND GPL-3.0-only", "MIT"), "GPL-3.0-only"),
        (("EUPL-1.2", "CC-BY-SA-3.0"), "CC-BY-SA-3.0"),
        (("OGL-UK-3.0", "CC0-1.0"), "CC-BY-4.0"),
        (("LicenseRef-CC-BY-SA",), None),  # no version, so nobody knows what it lets through
        (("C-UDA-1.0", "CC0-1.0"), "C-UDA-1.0"),
        (("NOASSERTION", "CC0-1.0"), None),
        (("NONE",), None),
    ],
)
def test_the_freest_licence(held: tuple[str, ...], licence: str | None) -> None:
    assert release(dict.fromkeys(held, 1)).license == licence


def test_a_release_manager_reads() -> None:
    """COCO's mix, by its own table of licences."""
    found = release({"CC-BY-2.0": 900, "CC-BY-SA-2.0": 100, "CC-BY-NC-ND-2.0": 7, "CC-BY-NC-2.0": 40})
    assert found.lines() == [
        "Side by side, each of the 1,047 items under its own licence: yes, every notice kept; "
        "together they are non-commercial, under dfsg non-free.",
        "As one work under one licence: none that is known fits all items.",
        "In the way of CC-BY-SA-4.0 (free-sharealike): 47 items.",
        "  40 under CC-BY-NC-2.0: CC-BY-SA-4.0 would not pass on what it asks (non-commercial).",
        "  7 under CC-BY-NC-ND-2.0: it may be passed on only unchanged, beside the others.",
    ]


def test_what_may_not_be_passed_on_at_all() -> None:
    found = release({"NOASSERTION": 3, "CC-BY-4.0": 5, "LicenseRef-All-Rights-Reserved": 2, "ODbL-1.0": 1})
    assert found.lines()[:4] == [
        "Side by side, each under its own licence: not all; 6 of 11 items may not be passed on.",
        "  3 under NOASSERTION: no licence is known.",
        "  2 under LicenseRef-All-Rights-Reserved: all rights are reserved.",
        "  1 under ODbL-1.0: it licenses the database, not its contents.",
    ]
    assert found.license is None
    assert found.verdict == "non-free"


def test_the_next_freer_licence_and_who_stands_in_its_way() -> None:
    found = release({"CC-BY-4.0": 90, "CC-BY-SA-4.0": 10})
    assert (found.license, found.verdict) == ("CC-BY-SA-4.0", "free")
    assert found.next_freer is not None
    assert (found.next_freer.license, found.next_freer.items) == ("CC-BY-4.0", 10)
    assert release({"CC0-1.0": 1}).next_freer is None


def test_the_way_that_ended_says_when() -> None:
    said = way("GFDL-1.2-or-later", "CC-BY-SA-3.0")
    assert said is not None
    assert said.startswith("the way to CC-BY-SA-3.0 ended on 2009-08-01")


def test_no_items_and_bad_counts() -> None:
    assert release({}).lines() == release({"MIT": 0}).lines() == ["There are no items, so there is nothing to release."]
    with pytest.raises(ValueError, match="fewer than no items"):
        release({"MIT": -1})


@given(COUNTS)
def test_nothing_is_lost_and_nothing_made_freer(counts: dict[str, int]) -> None:
    """Every item can go into what is named, and the name drops nothing that one of them forbids."""
    found = release(counts)
    assert found.items == sum(counts.values())
    for rung in found.rungs:
        assert rung.items <= found.items
        if not rung.in_the_way:
            assert not {"NOASSERTION", "NONE"} & counts.keys()
            assert all(lesser(policy.category(e), rung.category) for e in counts)
    if found.license is not None:
        assert found.license == next(r.license for r in found.rungs if not r.in_the_way)


def lesser(one: str, other: str) -> bool:
    return CATEGORIES.index(one) <= CATEGORIES.index(other)


@given(COUNTS, st.sampled_from(LICENSES))
def test_one_more_item_never_frees_a_release(counts: dict[str, int], more: str) -> None:
    before, after = release(counts), release({**counts, more: counts.get(more, 0) + 1})
    ways_before = {r.license for r in before.rungs if not r.in_the_way}
    for rung in after.rungs:
        if not rung.in_the_way and rung.license in {r.license for r in before.rungs}:
            assert rung.license in ways_before
    order = ("free", "undetermined", "non-free")
    assert order.index(after.verdict) >= order.index(before.verdict)


def rows() -> Iterable[dict[str, str]]:
    path = data.folder("licenses") / "compatibility.tsv"
    lines = [x for x in path.read_text(encoding="utf-8").splitlines() if not x.startswith("#")]
    return csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def test_every_line_names_licences_that_exist_and_what_was_read() -> None:
    for row in rows():
        for name in (*row["from"].split(), *row["to"].split()):
            assert name == "*" or name.startswith("LicenseRef-") or name in spdx_list.load(), row
            assert name == "*" or spdx_list.current(name) == name, row
        assert row["how"] in ("may", "barred", "ended", "listed", "include", "offer", "mark"), row
        assert len(row["words"]) > 10, row
        assert re.match(r"(https?://|npm spdx-license-list )", row["source"]), row
        assert bool(re.fullmatch(r"\d{4}-\d\d-\d\d", row["until"])) == (row["how"] == "ended"), row


def test_no_line_lets_a_restriction_go() -> None:
    """A way never leads from what forbids a use to what allows it, nor from share-alike to what asks nothing of the kind."""
    for (of, to), line in compatibility.ways().items():
        if line.how == "may":
            kept = policy.restrictions(of) - {"attribution"}
            assert kept <= policy.restrictions(to), (of, to)


def test_an_audit_says_what_its_items_may_be_released_under(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("id,license\n1,CC BY 4.0\n2,CC BY-SA 4.0\n3,CC0-1.0\n4,MIT\n", encoding="utf-8")
    done = audit(str(table), tmp_path / "audit", offline=True)
    found = done.compatibility()
    assert (found.items, found.license, found.verdict) == (4, "CC-BY-SA-4.0", "free")
    told = done.report().render()
    assert "May the items be released together?" in told
    assert "CC-BY-SA-4.0 (free-sharealike) is the freest it could carry" in " ".join(told.split())
    said = json.loads(done.report().render("json"))["compatibility"]
    assert (said["license"], said["next_freer"]["items"]) == ("CC-BY-SA-4.0", 1)


@pytest.mark.registry
@pytest.mark.slow
def test_words_of_a_licence_stand_in_its_text(tmp_path: Path) -> None:
    """Each line that rests on a licence's own text, against that text as the package named there has it."""
    package = "spdx-license-list@6.12.0"
    packed = registry.run(["npm", "pack", package, "--ignore-scripts", "--silent"], tmp_path, "npm is missing")
    assert packed.returncode == 0, packed.stderr
    with tarfile.open(next(tmp_path.glob("*.tgz"))) as archive:
        texts = json.load(archive.extractfile("package/spdx-full.json"))  # type: ignore[arg-type]
    found = 0
    for row in tables.rows("compatibility.tsv"):
        read = re.fullmatch(r"npm spdx-license-list 6\.12\.0 \(text of (\S+)\)", row["source"])
        if read:
            assert flat(row["words"]) in flat(texts[read[1]]["licenseText"]), row
            found += 1
    assert found > 50


def flat(words: str) -> str:
    return " ".join(re.findall(r"\w+", words.casefold()))
