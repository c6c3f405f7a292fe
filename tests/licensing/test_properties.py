"""What holds for every statement: case, space and form don't count, a rider never frees, reading twice is reading once."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor import policy
from auditor.licensing import read, spdx_list, tables

read("MIT, CC BY 4.0, not for commercial use")  # the tables are loaded before the first example is timed
FREENESS = {label: rank for rank, label in enumerate(policy.CATEGORIES)}
IDS = sorted(i for i, x in spdx_list.load().items() if x.kind == "license" and not x.deprecated)
TOOLS = sorted({row["license"] for row in tables.rows("cc/tools.tsv")})
OURS = sorted({row["id"] for row in tables.rows("licenseref.tsv")})
SPELLINGS = [
    "CC BY 4.0", "CC BY-NC-SA 3.0 IT", "Creative Commons Attribution-ShareAlike 4.0 International License", "CC0", "MIT License",
    "Apache License, Version 2.0", "GNU General Public License v2 or later", "https://creativecommons.org/licenses/by-nd/2.5/ca/",
    "ODbL 1.0", "Public Domain Mark 1.0", "Namensnennung - Keine Bearbeitungen 3.0 Deutschland", "BSD-3-Clause", "EUPL 1.2",
    "For research use only", "All rights reserved", "CC BY", "https://opendatacommons.org/licenses/by/1.0/",
]  # fmt: skip


@pytest.mark.parametrize("identifier", [*IDS, *TOOLS, *OURS])
def test_reading_our_own_output_gives_itself(identifier: str) -> None:
    assert read(identifier).license == identifier


@given(st.sampled_from(SPELLINGS), st.sampled_from([str.upper, str.lower, str.title, str.swapcase]))
def test_case_does_not_count(text: str, change: object) -> None:
    assert read(change(text)).license == read(text).license  # type: ignore[operator]


@given(st.sampled_from(SPELLINGS), st.sampled_from([" ", "  ", "\t", "\n ", "\u00a0"]))
def test_white_space_does_not_count(text: str, space: str) -> None:
    assert read(space + text + space).license == read(text).license


@given(st.sampled_from(SPELLINGS), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_unicode_form_does_not_count(text: str, form: str) -> None:
    assert read(unicodedata.normalize(form, text)).license == read(text).license  # type: ignore[arg-type]


@given(
    st.sampled_from(["", "http:", "https:"]),
    st.sampled_from(["", "www."]),
    st.sampled_from(["", "/", "/legalcode", "/deed.es"]),
)
def test_scheme_host_prefix_and_slash_do_not_count(scheme: str, prefix: str, tail: str) -> None:
    assert (
        read(f"{scheme}//{prefix}creativecommons.org/licenses/by-nc/2.5/mx{tail}").license
        == "LicenseRef-CC-BY-NC-2.5-MX"
    )


@given(
    st.sampled_from(SPELLINGS[:13]),
    st.sampled_from(["This dataset is licensed under {}.", "License: {}", "released under the terms of {}", "({})"]),
)
def test_surrounding_words_do_not_count(text: str, around: str) -> None:
    assert read(around.format(text)).license == read(text).license


RIDERS = [
    "{}, non-commercial use only", "{} - for research use only", "For academic purposes only. {}", "{}; no redistribution",
    "{}. Commercial use requires permission from the authors.", "{}, but not for training AI models", "{} (no derivatives)",
]  # fmt: skip


@settings(max_examples=400)
@given(st.sampled_from([*SPELLINGS, *IDS]), st.sampled_from(RIDERS))
def test_a_restriction_added_never_makes_it_freer(text: str, rider: str) -> None:
    before, after = read(text), read(rider.format(text))
    assert after.category not in ("free", "free-sharealike"), after
    if text in SPELLINGS:  # an id that is an everyday word, such as JSON, is no licence beside other words
        assert FREENESS[after.category] >= FREENESS[before.category] or before.category == "unknown"


@settings(max_examples=300)
@given(st.text(max_size=300))
def test_anything_at_all_is_read_without_an_error(text: str) -> None:
    got = read(text)
    assert got.category in policy.CATEGORIES
    assert got.license in ("NONE", "NOASSERTION") or policy.expression.parse(got.license)


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            [
                *SPELLINGS,
                "not",
                "except",
                "for",
                "only",
                "non-commercial",
                "modified",
                "or",
                "and",
                "research",
                "(",
                ")",
                ";",
            ]
        ),
        max_size=6,
    )
)
def test_a_mix_of_words_never_ends_freer_than_its_strictest_licence(words: list[str]) -> None:
    got = read(" ".join(words))
    strictest = max((FREENESS[read(w).category] for w in words if w in SPELLINGS), default=0)
    if got.category in ("free", "free-sharealike") and "or" not in words:
        assert strictest <= FREENESS["free-sharealike"]
