"""AND, OR and WITH: the laws that hold for every expression."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor import policy
from auditor.policy.expression import LONGEST, parse, write

IDS = (
    "MIT",
    "CC0-1.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC-BY-ND-4.0",
    "CC-BY-NC-4.0",
    "C-UDA-1.0",
    "GFDL-1.3-only",
    "ODbL-1.0",
    "LicenseRef-CC-BY-NC-3.0-FR",
    "LicenseRef-CC-BY",
    "LicenseRef-nobody-knows",
    "GPL-2.0-only WITH Classpath-exception-2.0",
    "MIT WITH Classpath-exception-2.0",
)
atoms = st.sampled_from(IDS)
expressions = st.recursive(
    atoms,
    lambda inner: st.tuples(st.sampled_from(("AND", "OR")), st.lists(inner, min_size=2, max_size=3)).map(
        lambda made: "(" + f" {made[0]} ".join(made[1]) + ")"
    ),
    max_leaves=6,
)
RANK = {label: n for n, label in enumerate(policy.CATEGORIES)}
ORDER = {"free": 0, "undetermined": 1, "non-free": 2}


@given(expressions, expressions)
def test_and_is_the_heavier_and_or_the_lighter(a: str, b: str) -> None:
    one, other = RANK[policy.category(a)], RANK[policy.category(b)]
    assert RANK[policy.category(f"({a}) AND ({b})")] == max(one, other)
    assert RANK[policy.category(f"({a}) OR ({b})")] == min(one, other)


@given(expressions, expressions)
def test_and_restricts_as_both_do(a: str, b: str) -> None:
    both = policy.terms(f"({a}) AND ({b})")
    assert both.restrictions == policy.restrictions(a) | policy.restrictions(b)
    assert both.known == (policy.known(a) and policy.known(b))


@given(expressions, expressions, st.sampled_from(policy.names()))
def test_verdict_of_and_is_the_worst_and_of_or_the_best(a: str, b: str, name: str) -> None:
    one, other = ORDER[policy.verdict(a, name).verdict], ORDER[policy.verdict(b, name).verdict]
    assert ORDER[policy.verdict(f"({a}) AND ({b})", name).verdict] == max(one, other)
    assert ORDER[policy.verdict(f"({a}) OR ({b})", name).verdict] == min(one, other)


@given(expressions, expressions, st.sampled_from(("AND", "OR")), st.sampled_from(policy.names()))
def test_order_and_repetition_change_nothing(a: str, b: str, operator: str, name: str) -> None:
    there, back = f"({a}) {operator} ({b})", f"({b}) {operator} ({a}) {operator} ({a})"
    assert policy.terms(there) == policy.terms(back)
    assert policy.verdict(there, name) == policy.verdict(back, name)


@given(expressions)
def test_written_again_it_is_the_same(expression: str) -> None:
    tree = parse(expression)
    assert tree is not None
    assert parse(write(tree)) == tree


@given(st.text(max_size=60))
def test_any_text_has_a_verdict_and_strange_text_is_never_free(text: str) -> None:
    for name in policy.names():
        found = policy.verdict(text, name)
        assert found.verdict in ORDER
        assert found.verdict != "free" or parse(text) is not None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("mit", "MIT"),
        ("gpl-2.0+", "GPL-2.0-or-later"),
        ("GPL-2.0-with-classpath-exception", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("gpl-2.0 with classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("MIT or (Apache-2.0 or MIT)", "Apache-2.0 OR MIT"),
        ("MIT AND (Apache-2.0 OR CC0-1.0)", "(Apache-2.0 OR CC0-1.0) AND MIT"),
        ("LicenseRef-OpenRAIL++-M", "LicenseRef-OpenRAIL++-M"),
    ],
)
def test_ids_are_spelt_as_spdx_spells_them(said: str, meant: str) -> None:
    tree = parse(said)
    assert tree is not None
    assert parse(meant) == tree
    assert sorted(write(tree).replace("(", "").replace(")", "").split()) == sorted(
        meant.replace("(", "").replace(")", "").split()
    )


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "  ",
        "MIT AND",
        "MIT WITH",
        "(MIT",
        "MIT GPL-2.0-only",
        "MIT AND OR GPL-2.0-only",
        "MIT OR NONE",
        "CC0-1.0 OR NOASSERTION",
        "MIT WITH Classpath-exception-2.0 WITH GCC-exception-3.1",
        "MIT OR " * LONGEST + "MIT",
    ],
)
def test_what_is_no_expression_is_unknown_and_never_free(broken: str) -> None:
    assert policy.category(broken) == "unknown"
    assert not policy.known(broken)
    for name in policy.names():
        assert policy.verdict(broken, name).verdict == "undetermined"


def test_with_is_looked_up_as_a_pair() -> None:
    assert policy.category("GPL-2.0-only WITH Classpath-exception-2.0") == "free-sharealike"
    assert policy.category("MIT WITH Classpath-exception-2.0") == "unknown"
    assert policy.verdict("MIT WITH Classpath-exception-2.0").verdict == "undetermined"
    assert policy.category("Classpath-exception-2.0") == "unknown"


@pytest.mark.parametrize("said", ["NONE", "NOASSERTION"])
def test_nothing_known_is_never_free(said: str) -> None:
    assert policy.category(said) == "unknown"
    for name in policy.names():
        assert policy.verdict(said, name).verdict == "undetermined"
