"""Licences that changed: what is said now, what was said before, and how contradictions are told apart."""

from dataclasses import replace

import pytest

from auditor.conclude import conclude
from auditor.licensing import read
from auditor.statements import Dataset, Said
from tests.test_conclude import said

NOW, THEN, BEFORE = None, "2015-03-01", "2010-03-01"


@pytest.mark.parametrize(
    ("claims", "licence", "verdict", "kind"),
    [
        # An earlier grant against a stricter statement now: the host's now, the earlier kept, the verdict left open.
        ([("All rights reserved", NOW), ("CC-BY-4.0", BEFORE)], "LicenseRef-All-Rights-Reserved", "undetermined", True),
        ([("CC-BY-NC-4.0", THEN), ("CC-BY-SA-4.0", BEFORE)], "CC-BY-NC-4.0", "undetermined", True),
        # What was earlier no free statement, or no grant of Creative Commons, changes nothing.
        ([("All rights reserved", NOW), ("CC-BY-NC-4.0", BEFORE)], "LicenseRef-All-Rights-Reserved", "non-free", True),
        ([("All rights reserved", NOW), ("MIT License", BEFORE)], "LicenseRef-All-Rights-Reserved", "non-free", True),
        # A licence history explains a freer statement now; an undated one beside a dated one is no history.
        ([("CC-BY-4.0", THEN), ("CC-BY-NC-4.0", BEFORE)], "CC-BY-4.0", "free", True),
        ([("CC-BY-4.0", NOW), ("CC-BY-NC-4.0", BEFORE)], "NOASSERTION", "non-free", False),
        ([("CC-BY-4.0", NOW), ("CC-BY-4.0", THEN), ("CC-BY-NC-4.0", BEFORE)], "CC-BY-4.0", "free", True),
        # Of one day, or of days that can't be put in order, they contradict each other.
        ([("CC-BY-4.0", THEN), ("CC-BY-NC-4.0", THEN)], "NOASSERTION", "non-free", False),
        ([("CC-BY-4.0", "2015"), ("CC-BY-NC-4.0", THEN)], "NOASSERTION", "non-free", False),
    ],
)
def test_a_licence_history(claims: list[tuple[str, str | None]], licence: str, verdict: str, kind: bool) -> None:
    """Rule 7, of one host: a Creative Commons grant is irrevocable."""
    found = conclude([said(text, as_of=day, place="flickr") for text, day in claims], Dataset())
    assert (found.license_concluded, found.verdict) == (licence, verdict)
    assert found.conflict is not None
    assert found.conflict.startswith("now against earlier; ") == kind
    assert all(text in found.conflict for text, _ in claims[:1] + claims[-1:])


def test_a_list_of_years_ago_against_its_host_now() -> None:
    """YFCC100M's case: a dated list says CC BY, the host says all rights reserved now."""
    old = said("CC-BY-4.0", "aggregator", as_of="2014-06-01")
    found = conclude([said("All rights reserved", "host", place="flickr"), old], Dataset())
    assert (found.license_concluded, found.verdict) == ("LicenseRef-All-Rights-Reserved", "undetermined")
    assert found.conflict is not None and found.conflict.startswith("now against earlier; host: All rights reserved")
    undated = replace(old, as_of=None)
    assert conclude([said("All rights reserved", "host"), undated], Dataset()).verdict == "non-free"


def test_a_history_explains_what_an_aggregator_copied_before() -> None:
    history = [said("CC-BY-4.0", as_of=THEN, place="flickr"), said("CC-BY-NC-4.0", as_of=BEFORE, place="flickr")]
    copied = said("CC-BY-NC-4.0", "aggregator")
    assert conclude([*history, copied], Dataset()).license_concluded == "CC-BY-4.0"
    assert conclude([history[0], copied], Dataset()).license_concluded == "NOASSERTION"
    elsewhere = [history[0], replace(history[1], place="commons")]
    assert conclude([*elsewhere, copied], Dataset()).license_concluded == "NOASSERTION"


@pytest.mark.parametrize(
    ("claims", "conflict"),
    [
        (
            [said("mit", "uploader", place="tag"), said("CC BY-NC 4.0", "uploader", place="readme")],
            "tag against readme; readme: CC BY-NC 4.0 (CC-BY-NC-4.0) / tag: mit (MIT)",
        ),
        (
            [said("CC BY 4.0", "uploader", place="readme"), said("GPL-3.0-only", "uploader", place="license-file")],
            "readme against license-file; readme: CC BY 4.0 (CC-BY-4.0) / license-file: GPL-3.0-only (GPL-3.0-only)",
        ),
        (
            [said("CC-BY-NC-4.0", "host", place="flickr"), said("CC BY 4.0", "aggregator")],
            "host against aggregator; host: CC-BY-NC-4.0 (CC-BY-NC-4.0) / aggregator: CC BY 4.0 (CC-BY-4.0)",
        ),
        (
            [said("CC-BY-4.0", "host"), said("All rights reserved", "embedded")],
            "host against embedded; host: CC-BY-4.0 (CC-BY-4.0) / embedded: All rights reserved (LicenseRef-All-Rights-Reserved)",
        ),
        (
            [
                said("mit", "uploader", place="tag"),
                said("MIT License", "uploader", place="badge"),
                said("For research use only", "uploader", place="readme"),
            ],
            "tag and badge against readme; readme: For research use only (LicenseRef-academic-only)"
            " / badge: MIT License (MIT) / tag: mit (MIT)",
        ),
        (
            [
                Said(
                    read("CC BY 4.0", url := "https://creativecommons.org/licenses/by-nc/4.0/"),
                    "CC BY 4.0",
                    url,
                    "host",
                )
            ],
            "text against url; The words say CC-BY-4.0, the URL says CC-BY-NC-4.0.",
        ),
    ],
)
def test_kinds_of_conflict_are_told_apart(claims: list[Said], conflict: str) -> None:
    found = conclude(claims, Dataset())
    assert found.conflict == conflict
    assert found.verdict != "free"
