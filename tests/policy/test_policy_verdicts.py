"""Verdicts under the built-in policies and a user's own: exact ids only, and never free against a clause."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor import policy
from auditor.errors import BadOption
from auditor.licensing import spdx_list
from auditor.policy import properties
from auditor.policy.expression import fold, parse


@pytest.mark.parametrize(
    ("expression", "verdicts"),  # dfsg, free-cultural-works, fsf, open-definition, osi
    [
        ("CC0-1.0", "free free free free undetermined"),
        ("CC-BY-4.0", "free free free free undetermined"),
        ("CC-BY-2.0", "non-free free undetermined free undetermined"),
        ("CC-BY-3.0-DE", "undetermined undetermined undetermined free undetermined"),
        ("LicenseRef-CC-BY-2.1-JP", "undetermined undetermined undetermined undetermined undetermined"),
        ("LicenseRef-CC-BY", "undetermined undetermined undetermined undetermined undetermined"),
        ("LicenseRef-CC-BY-NC-3.0-FR", "non-free non-free non-free non-free non-free"),
        ("CC-BY-ND-4.0", "non-free non-free non-free non-free non-free"),
        ("GFDL-1.2-only", "undetermined undetermined undetermined undetermined undetermined"),
        ("GFDL-1.2-or-later", "undetermined undetermined undetermined undetermined undetermined"),
        ("GFDL-1.3-no-invariants-or-later", "free free undetermined free undetermined"),
        ("GFDL-1.3-invariants-only", "non-free non-free non-free non-free non-free"),
        ("JSON", "non-free non-free non-free non-free non-free"),
        ("MIT", "free free free undetermined free"),
        ("Apache-2.0+", "free undetermined free undetermined free"),
        ("GPL-2.0", "free undetermined free undetermined free"),
        ("ODbL-1.0", "free undetermined free free undetermined"),
        ("C-UDA-1.0", "non-free non-free non-free non-free non-free"),
        ("LicenseRef-nobody-knows", "undetermined undetermined undetermined undetermined undetermined"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "free undetermined undetermined undetermined undetermined"),
        ("GPL-3.0-only WITH Classpath-exception-2.0", "undetermined " * 5),
        ("MIT OR CC-BY-NC-4.0", "free free free undetermined free"),
        ("MIT AND CC-BY-NC-4.0", "non-free non-free non-free non-free non-free"),
        ("MIT AND LicenseRef-nobody-knows", "undetermined undetermined undetermined undetermined undetermined"),
        ("CC-BY-NC-4.0 OR CC-BY-ND-4.0", "non-free non-free non-free non-free non-free"),
    ],
)
def test_verdicts(expression: str, verdicts: str) -> None:
    assert policy.names() == ("dfsg", "free-cultural-works", "fsf", "open-definition", "osi")
    assert [policy.verdict(expression, name).verdict for name in policy.names()] == verdicts.split()


def test_default_is_dfsg() -> None:
    assert policy.verdict("CC-BY-2.0") == policy.verdict("CC-BY-2.0", "dfsg")


@pytest.mark.parametrize("name", policy.names())
def test_no_policy_calls_free_what_its_clauses_forbid(name: str) -> None:
    rules = policy.load(name)
    assert rules.forbids.keys() >= policy.FORBIDDING
    for atom in {*properties.table(), *spdx_list.load(), *rules.lines}:
        if policy.restrictions(atom) & rules.forbids.keys():
            assert policy.verdict(atom, name).verdict == "non-free", atom


@pytest.mark.parametrize("name", policy.names())
def test_only_listed_ids_are_free(name: str) -> None:
    """Never by family: an id is free by its own line, or because it offers one that has its own."""
    free = {line.id for line in policy.explain(name) if line.verdict == "free"}
    for atom in {*properties.table(), *spdx_list.load()}:
        found = policy.verdict(atom, name)
        if found.verdict == "free":
            assert found.lines
            assert {line.id for line in found.lines} <= free
            offered = {line.id.removesuffix("-only") for line in found.lines}
            tree_ids = {atom.lower().removesuffix("-or-later").removesuffix("-only").removesuffix("+")}
            replaced = spdx_list.load().get(atom)
            assert {o.lower().removesuffix("-or-later") for o in offered} == tree_ids or replaced


def test_a_verdict_shows_its_evidence() -> None:
    found = policy.verdict("GFDL-1.3-no-invariants-only")
    (line,) = found.lines
    assert "no invariant sections" in line.words
    assert line.source.startswith("https://")
    assert line.clause in found.reason


def test_unlisted_by_osi_is_said_to_be_not_approved() -> None:
    assert policy.verdict("CC-BY-4.0", "osi").reason == "CC-BY-4.0 is not approved by the Open Source Initiative"


def own(tmp_path: Path, text: str) -> str:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_users_policy_builds_on_another(tmp_path: Path) -> None:
    mine = own(tmp_path, 'extends = "dfsg"\nfree = ["CC-BY-3.0-DE", "CC-BY-2.0"]\nnon_free = ["MIT"]\n')
    assert policy.verdict("CC-BY-3.0-DE", mine).verdict == "free"
    assert policy.verdict("CC-BY-2.0", mine).verdict == "free"
    assert policy.verdict("MIT", mine).verdict == "non-free"
    assert policy.verdict("ISC", mine).verdict == "free"
    assert policy.verdict("CC-BY-NC-4.0", mine).verdict == "non-free"
    assert "mine.toml" in policy.verdict("MIT", mine).reason


def test_a_users_policy_may_forbid_less_or_more(tmp_path: Path) -> None:
    mine = own(
        tmp_path, 'free = ["CC-BY-NC-4.0", "CC-BY-SA-4.0"]\n[forbids]\nproprietary = "no"\nno-derivatives = "no"\n'
    )
    assert policy.verdict("CC-BY-NC-4.0", mine).verdict == "free"
    assert policy.verdict("CC-BY-NC-3.0", mine).verdict == "undetermined"
    assert policy.verdict("CC-BY-ND-4.0", mine).verdict == "non-free"
    strict = tmp_path / "strict.toml"
    strict.write_text('extends = "osi"\n[forbids]\nshare-alike = "nothing viral"\n', encoding="utf-8")
    with pytest.raises(BadOption, match="share-alike"):
        policy.load(str(strict))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('free = ["MTI"]', "'MTI', which is no licence id"),
        ('free = ["MIT OR ISC"]', "no licence id"),
        ('free = ["Classpath-exception-2.0"]', "no licence id"),
        ('free = ["NOASSERTION"]', "no licence id"),
        ('free = ["GPL-2.0"]', "SPDX writes it 'GPL-2.0-only'"),
        ('free = ["mit"]', "SPDX writes it 'MIT'"),
        ('extends = "dfsg"\nfree = ["CC-BY-NC-4.0"]', "calls CC-BY-NC-4.0 free and forbids non-commercial"),
        ('extends = "dsfg"', "no policy 'dsfg'"),
        ('fre = ["MIT"]', "has a key 'fre'"),
        ('free = "MIT"', "must give 'free' as a list of licence ids"),
        ("title = 3", "must give 'title' as a string"),
        ('[forbids]\nnoncommercial = "x"', "forbids 'noncommercial'"),
        ("free = [", "cannot be read"),
    ],
)
def test_a_broken_policy_is_refused_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadOption) as error:
        policy.verdict("MIT", own(tmp_path, text))
    assert said in str(error.value)
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["dsfg", "", "/no/such/policy.toml", "../policies/dfsg"])
def test_a_policy_that_is_not_there(name: str) -> None:
    with pytest.raises(BadOption, match="there is no policy"):
        policy.verdict("MIT", name)


ATOMS = st.sampled_from(sorted(x for x in spdx_list.load() if spdx_list.load()[x].kind == "license"))
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.tuples(inner, st.sampled_from(("AND", "OR")), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
)


@given(EXPRESSIONS, st.sampled_from(policy.names()), st.sets(ATOMS, max_size=4))
def test_no_policy_calls_an_expression_free_against_its_clauses(
    tmp_path_factory: pytest.TempPathFactory, expression: str, base: str, more: set[str]
) -> None:
    """Nor a user's own that builds on one: whatever it adds, each part of a sum and one alternative must be allowed."""
    forbids = policy.load(base).forbids.keys()
    added = [x for x in sorted(more) if spdx_list.current(x) == x and not policy.restrictions(x) & forbids]
    mine = tmp_path_factory.mktemp("policy") / "mine.toml"
    mine.write_text(f"extends = {base!r}\nfree = {json.dumps(added)}\n".replace("'", '"'), encoding="utf-8")
    tree = parse(expression)
    assert tree is not None
    allowed = fold(tree, lambda atom: not policy.restrictions(atom) & forbids, all, any)
    for name in (base, str(mine)):
        assert allowed or policy.verdict(expression, name).verdict == "non-free"
    for atom in added:
        assert policy.verdict(atom, str(mine)).verdict == "free"


def test_a_users_policy_decides_an_audit(tmp_path: Path, auditor: Callable[..., Any]) -> None:
    mine = own(tmp_path, 'extends = "dfsg"\nfree = ["CC-BY-2.0"]\nnon_free = ["MIT"]\n')
    table = tmp_path / "t.csv"
    table.write_text("id,license\n1,CC BY 2.0\n2,MIT\n3,CC BY-NC 4.0\n", encoding="utf-8")
    done = auditor("audit", table, "-o", tmp_path / "audit", "--policy", mine, "--fail-on", "non-free>2")
    assert done.code == 0, done.err
    assert "3 items: 1 free (33.3 %), 2 not free (66.7 %), 0 undetermined" in done.out
