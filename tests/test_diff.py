"""Two audits side by side: what came, went and changed, and which way."""

from pathlib import Path

from auditor.auditing import Audit, audit

HEAD = "id,license\n"


def _audit(where: Path, name: str, rows: str) -> Audit:
    (where / f"{name}.csv").write_text(HEAD + rows)
    return audit(str(where / f"{name}.csv"), where / name)


def test_what_changed(tmp_path: Path) -> None:
    a = _audit(tmp_path, "a", "1,CC0\n2,CC BY 4.0\n3,CC BY-NC 4.0\n4,\n5,MIT\n")
    b = _audit(tmp_path, "b", "1,CC0\n2,CC BY-NC 4.0\n3,CC BY 4.0\n4,whatever\n6,MIT\n7,MIT\n")
    found = a.diff(b)
    assert (found.items, found.changed, found.worse, found.better) == ((5, 6), 2, 1, 1)
    assert (found.added, found.removed) == ({"free": 2}, {"free": 1})
    first = found.changes[0]
    assert first.worse
    assert (first.before[2], first.after[2], first.examples) == ("CC-BY-4.0", "CC-BY-NC-4.0", ["2"])
    assert found.verdicts == {"free": (3, 4), "undetermined": (1, 1), "non-free": (1, 1)}
    page = found.render()
    assert "**Concluded otherwise now: 2 of the items in both**; less free 1, freer 1. New items 2, gone 1." in page
    assert "**less free** CC-BY-NC-4.0 (non-commercial, non-free)" in page


def test_an_audit_does_not_differ_from_itself(tmp_path: Path) -> None:
    a = _audit(tmp_path, "a", "1,CC0\n2,CC BY 4.0\n")
    found = a.diff(a)
    assert found.empty
    assert found.render().splitlines()[2] == "**No item differs**: 2 items in each, with equal conclusions."


def test_another_policy_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(HEAD + "1,CC BY 2.0\n")
    a = audit(str(tmp_path / "t.csv"), tmp_path / "a", policy="dfsg")
    b = audit(str(tmp_path / "t.csv"), tmp_path / "b", policy="open-definition")
    found = a.diff(b)
    assert found.made["policy"] == ("dfsg", "open-definition")
    assert "- policy: dfsg → open-definition" in found.render()
