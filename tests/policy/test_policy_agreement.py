"""Rule 4: two statements agree if one says all that the other says and at most adds what it left open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor import policy

FINER = [
    ("CC-BY-4.0", "LicenseRef-CC-BY"),
    ("CC-BY-3.0-DE", "LicenseRef-CC-BY"),
    ("CC-BY-3.0-DE", "CC-BY-3.0"),
    ("LicenseRef-CC-BY-NC-3.0-FR", "LicenseRef-CC-BY-NC"),
    ("GPL-2.0-only", "GPL-1.0-or-later"),
    ("GPL-3.0-or-later", "GPL-1.0-or-later"),
    ("GPL-2.0-or-later", "GPL-2.0-only"),
    ("LGPL-2.1-only", "LGPL-2.0-or-later"),
    ("GFDL-1.2-or-later", "GFDL-1.1-or-later"),
    ("GFDL-1.3-no-invariants-only", "GFDL-1.3-only"),
    ("MIT AND CC-BY-4.0", "MIT AND LicenseRef-CC-BY"),
    ("GFDL-1.2-only OR CC-BY-SA-3.0", "LicenseRef-CC-BY-SA OR GFDL-1.1-or-later"),
]
APART = [
    ("CC-BY-4.0", "CC-BY-3.0"),
    ("CC-BY-3.0-DE", "CC-BY-3.0-AT"),
    ("CC-BY-4.0", "CC-BY-SA-4.0"),
    ("CC-BY-4.0", "LicenseRef-CC-BY-NC"),
    ("CC-BY-NC-4.0", "LicenseRef-CC-BY"),
    ("CC0-1.0", "LicenseRef-public-domain"),
    ("CC-PDM-1.0", "LicenseRef-public-domain"),
    ("CC0-1.0", "CC-PDM-1.0"),
    ("GPL-2.0-only", "GPL-3.0-only"),
    ("GPL-2.0-only", "GPL-1.0-only"),
    ("GPL-2.0-only", "LGPL-2.0-or-later"),
    ("AGPL-3.0-only", "GPL-1.0-or-later"),
    ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only"),
    ("GFDL-1.3-no-invariants-only", "GFDL-1.3-invariants-only"),
    ("MIT OR GPL-2.0-only", "MIT"),
    ("MIT OR Apache-2.0", "MIT AND Apache-2.0"),
    ("BSD-3-Clause-No-Nuclear-License", "LicenseRef-BSD"),
    ("MIT", "NOASSERTION"),
    ("MIT", "NONE"),
]


@pytest.mark.parametrize(("finer", "coarser"), FINER)
def test_the_finer_refines_the_coarser_only(finer: str, coarser: str) -> None:
    assert policy.refines(finer, coarser)
    assert not policy.refines(coarser, finer)
    assert policy.agree(finer, coarser)
    assert policy.agree(coarser, finer)


@pytest.mark.parametrize(("a", "b"), APART)
def test_what_says_something_else_does_not_agree(a: str, b: str) -> None:
    assert not policy.agree(a, b)
    assert not policy.agree(b, a)


def test_equal_expressions_agree_however_written() -> None:
    assert policy.agree("MIT OR Apache-2.0", "apache-2.0 or mit")
    assert policy.agree("GPL-2.0+", "GPL-2.0-or-later")


ids = st.sampled_from(sorted({x for pair in FINER + APART for x in pair}))


@given(ids, ids, ids)
def test_refining_is_an_order(a: str, b: str, c: str) -> None:
    assert policy.refines(a, a)
    if policy.refines(a, b) and policy.refines(b, c):
        assert policy.refines(a, c)
    if policy.refines(a, b) and policy.refines(b, a):
        assert policy.terms(a) == policy.terms(b)


@given(ids, ids)
def test_what_refines_restricts_at_least_as_much(a: str, b: str) -> None:
    if policy.refines(a, b):
        assert policy.restrictions(a) >= policy.restrictions(b)
