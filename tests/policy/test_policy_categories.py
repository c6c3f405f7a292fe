"""Restrictions to categories: Creative Commons' grammar, precedence, and what the labelled statements expect."""

import csv
import os
from itertools import combinations
from pathlib import Path

import pytest

from auditor import policy
from auditor.policy import creative_commons, properties

TOKENS = tuple(properties.LABEL)


@pytest.mark.parametrize(
    ("expression", "category", "restrictions"),
    [
        ("CC0-1.0", "free", ""),
        ("CC-BY-4.0", "free", "attribution"),
        ("CC-BY-SA-3.0-DE", "free-sharealike", "attribution share-alike"),
        ("CC-BY-NC-ND-4.0", "non-commercial", "attribution no-derivatives non-commercial"),
        ("CC-BY-ND-2.5", "no-derivatives", "attribution no-derivatives"),
        ("LicenseRef-CC-BY", "free", "attribution"),
        ("LicenseRef-CC-BY-2.1-JP", "free", "attribution"),
        ("LicenseRef-CC-BY-NC-3.0-FR", "non-commercial", "attribution non-commercial"),
        ("LicenseRef-CC-ND-NC-1.0-NL", "non-commercial", "no-derivatives non-commercial"),
        ("LicenseRef-CC-BY-2.5-SCOTLAND", "free", "attribution"),
        ("LicenseRef-CC-SAMPLINGPLUS-1.0-TW", "use-restricted", "use-restricted"),
        ("LicenseRef-CC-BY-ND-SA-4.0", "unknown", ""),
        ("LicenseRef-CC-BY-BY-4.0", "unknown", ""),
        ("LicenseRef-CC-XY-4.0", "unknown", ""),
        ("MIT", "free", "attribution"),
        ("MIT OR CC0-1.0", "free", ""),
        ("GPL-2.0-or-later", "free-sharealike", "attribution share-alike"),
        ("EUPL-1.2+", "free-sharealike", "attribution share-alike"),
        ("C-UDA-1.0", "use-restricted", "attribution use-restricted"),
        ("GFDL-1.3-invariants-only", "no-derivatives", "attribution no-derivatives share-alike"),
        ("GFDL-1.3-only", "free-sharealike", "attribution share-alike"),
        ("CC-BY-4.0 OR LicenseRef-nobody-knows", "free", "attribution"),
        ("CC-BY-4.0 AND LicenseRef-nobody-knows", "unknown", "attribution"),
        ("No-Such-Licence-1.0", "unknown", ""),
    ],
)
def test_category_and_restrictions(expression: str, category: str, restrictions: str) -> None:
    assert policy.category(expression) == category
    assert policy.restrictions(expression) == frozenset(restrictions.split())


def test_creative_commons_lines_say_what_the_grammar_says() -> None:
    listed = {i: t for i, t in properties.table().items() if creative_commons.parse(i) and not i.startswith("element")}
    assert len(listed) > 50
    for name, terms in listed.items():
        tool = creative_commons.parse(name)
        assert tool is not None
        by_grammar = properties._of_elements(tool)
        assert (terms.restrictions, terms.known) == (by_grammar.restrictions, True), name
        assert (terms.jurisdiction or None) == tool.jurisdiction, name


def test_every_set_of_restrictions_has_the_weightiest_label() -> None:
    assert policy.category_of(()) == "free"
    assert policy.category_of((), known=False) == "unknown"
    assert policy.category_of({"a restriction nobody has defined"}) == "unknown"
    rank = {label: n for n, label in enumerate(policy.CATEGORIES)}
    for size in (1, 2, 3):
        for stated in combinations(TOKENS, size):
            label = policy.category_of(stated)
            rest = [t for t in stated if t != "no-redistribution"] or list(stated)
            forbidding = policy.FORBIDDING & set(rest)
            expected = max(rank[properties.LABEL[t]] for t in (rest if forbidding or "unknown" in rest else stated))
            assert rank[label] == expected, stated
            assert (label in ("free", "free-sharealike")) == set(stated).issubset({"attribution", "share-alike"})


def test_databases_and_contents_are_told_apart() -> None:
    assert policy.covers("ODbL-1.0") == "database"
    assert policy.covers("ODC-By-1.0") == "database"
    assert policy.covers("CC-BY-4.0") == "both"
    assert policy.covers("MIT") == "contents"
    assert policy.covers("ODbL-1.0 AND CC-BY-3.0") == "both"
    assert policy.covers("LicenseRef-nobody-knows") == "contents"


def labelled() -> Path:
    real = os.environ.get("AUDITOR_REAL_DATA")
    path = Path(real or "/nowhere").parent / "truth" / "pairs_dev.tsv"
    if not path.is_file():
        pytest.skip("the labelled statements are not here: set AUDITOR_REAL_DATA to the real-data folder beside truth/")
    return path


def test_labelled_spdx_licences_are_classed_as_people_class_them() -> None:
    with labelled().open(newline="", encoding="utf-8") as stream:
        rows = [
            r for r in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE) if r["expected"] != "NOASSERTION"
        ]
    rows = [
        r for r in rows if not r["expected"].startswith("LicenseRef-") or r["expected"].startswith("LicenseRef-CC-")
    ]
    agreed, freer = 0, []
    for row in rows:
        found = policy.category(row["expected"]).replace("use-restricted", "proprietary")  # one class there
        people = {row["freeness"], *row["freeness_accept"].split("|")}
        agreed += found in people
        if found in ("free", "free-sharealike") and not people & {"free", "free-sharealike"}:
            freer.append(row["expected"])
    assert not freer
    assert agreed / len(rows) >= 0.99
