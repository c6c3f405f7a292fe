"""Generated statements: nothing raises, and no string takes longer than its length allows. `FUZZ` sets how many (`make prove`: 10 million)."""

import os
import random
import time

import pytest

from auditor.licensing import marks
from auditor.licensing.reader import read
from auditor.policy import CATEGORIES

WORDS = [
    "CC",
    "BY",
    "BY-NC",
    "Creative",
    "Commons",
    "Attribution",
    "ShareAlike",
    "NonCommercial",
    "4.0",
    "3.0",
    "2.5",
    "de",
    "igo",
    "GPL",
    "v2",
    "or",
    "later",
    "and",
    "with",
    "exception",
    "MIT",
    "License",
    "Apache",
    "BSD",
    "3-Clause",
    "署名",
    "非商业性使用",
    "Namensnennung",
    "(",
    ")",
    "[",
    "]",
    "/",
    ",",
    ";",
    ":",
    "-",
    "—",
    "«",
    "»",
    "+",
    "{{",
    "}}",
    "|",
    "http://creativecommons.org/licenses/by/4.0/",
    "//gnu.org/",
    "public",
    "domain",
    "all",
    "rights",
    "reserved",
    "research",
    "only",
    "not",
    "for",
    "commercial",
    "use",
    "except",
    "modified",
    "similar",
    "to",
    "©",
    "2020",
    "&copy;",
    "<a",
    "href=x>",
    "%",
    "\u200b",
    "\ud7ff",
    "é",
    "İ",
    "ß",
    "information",
    "request",
    "access",
    "contact",
    "before",
    "permission",
    "required",
    "no",
    "derivatives",
    "1.0",
    "0",
    "00000",
    "..",
    "...",
    "LicenseRef-",
    "NOASSERTION",
    "NONE",
]


@pytest.mark.slow
def test_generated_statements_are_read_without_error() -> None:
    dice = random.Random(7)
    for _ in range(int(os.environ.get("FUZZ", "100000"))):
        glue = dice.choice([" ", " ", "-", "", "\n"])
        got = read(glue.join(dice.choices(WORDS, k=dice.randrange(1, 9))))
        assert got.category in CATEGORIES


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        "a ",
        "cc-by ",
        "(",
        "non-",
        "http://",
        "attribution-",
        "or later ",
        "not ",
        "research and ",
        "１",
        "&amp;",
        "<a ",
        "1.",
        "署",
    ],
)
def test_time_grows_with_length_only(unit: str) -> None:
    def seconds(n: int) -> float:
        start = time.process_time()
        read(unit * (n // len(unit)))
        return time.process_time() - start

    seconds(1_000)
    assert seconds(20_000) < 2.0
    assert seconds(1_000_000) < 8.0


@pytest.mark.slow
def test_no_phrase_takes_long_on_a_list_that_leads_nowhere() -> None:
    """Many commas after a word that a pattern begins with: "research , , , …" once took time that doubled with each."""
    for phrase in marks._phrases():
        heads = [need for group in phrase.needs for need in sorted(group)[:8]]
        for head in heads:
            for joint in (", ", " , ", " / ", " and ", " or ", " a ", "-"):
                text = f"{marks.LICENSE} {head}{joint * 22}zz for use"
                start = time.process_time()
                phrase.pattern.search(text)
                assert time.process_time() - start < 1.0, (phrase.line, text)


def test_a_long_list_of_commas_after_research_is_read_in_time() -> None:
    for number in (18, 5_000):
        start = time.process_time()
        read("research" + " ," * number + " x for use")
        assert time.process_time() - start < 5.0
