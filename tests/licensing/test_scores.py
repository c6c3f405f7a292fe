"""The labelled statements, and a ratchet: scores may rise, and then `ratchet.json` with them, but not fall."""

import collections
import csv
import json
import os
import re
from pathlib import Path

import pytest

from auditor.licensing import read

RATCHET = Path(__file__).with_name("ratchet.json")


@pytest.fixture(scope="module")
def labels() -> list[dict[str, str]]:
    said = os.environ.get("AUDITOR_REAL_DATA")
    path = Path(said).parent / "truth" / "pairs_dev.tsv" if said else None
    if path is None or not path.is_file():
        pytest.skip("needs the labelled statements: truth/pairs_dev.tsv beside AUDITOR_REAL_DATA")
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def shape(expression: str) -> str:
    """Fold case, order of operands, and LicenseRef- names other than Creative Commons' (the labels' own names are a proposal)."""
    expression = re.sub(r"licenseref-(?!cc-)[a-z0-9.+-]+", "licenseref-any", expression.casefold())
    return " ".join(sorted(re.findall(r"[a-z0-9.+-]+", expression)))


def test_scores_do_not_fall(labels: list[dict[str, str]]) -> None:
    count: collections.Counter[str] = collections.Counter()
    for row in labels:
        text = re.sub(r"\\([nt\\])", lambda m: {"n": "\n", "t": "\t", "\\": "\\"}[m[1]], row["raw"])
        got = read(text, vocabulary=row["context"] or None)
        category = "proprietary" if got.category == "use-restricted" else got.category
        tolerated = {row["freeness"], *row["freeness_accept"].split("|")}
        named = "LicenseRef-" not in got.license or category in tolerated
        accepted = {shape(x) for x in [row["expected"], *row["accept"].split("|")] if x}
        right = named and shape(got.license) in accepted
        abstained = got.license in ("NOASSERTION", "NONE")
        count["right"] += right
        count["wrong"] += not right and not abstained
        count["unsafe"] += category.startswith("free") and not {"free", "free-sharealike"} & tolerated
        count["category"] += category in tolerated
        count["determined"] += row["expected"] not in ("NOASSERTION", "NONE")
        count["named"] += row["expected"] not in ("NOASSERTION", "NONE") and right and not abstained
    n = len(labels)
    assert count["unsafe"] == 0
    floor = json.loads(RATCHET.read_text(encoding="utf-8"))
    assert count["right"] / n >= floor["right"]
    assert count["named"] / count["determined"] >= floor["named"]
    assert count["category"] / n >= floor["category"]
    assert count["wrong"] / n <= floor["wrong"]
