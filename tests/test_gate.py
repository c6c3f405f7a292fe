"""May it pass? In words, and in the forms that other programs take: SARIF, JUnit, a GitHub Action, a pre-commit hook."""

import json
import os
import subprocess
import sys
from pathlib import Path

import junitparser
import pytest
import yaml
from sarif.loader import load_sarif_file

ROOT = Path(__file__).parent.parent
TABLE = "id,license\n1,CC BY 4.0\n2,CC BY-NC 4.0\n3,\n<script>,CC BY-NC 4.0\n"
CONDITIONS = "non-commercial,unknown>50%,conflict"
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture
def audited(tmp_path: Path) -> Path:
    (tmp_path / "t.csv").write_text(TABLE)
    assert _run(tmp_path, "audit", "t.csv", "-o", "a").returncode == 0
    return tmp_path


def _run(where: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "auditor", *args], cwd=where, capture_output=True, text=True, check=False
    )


def test_text(audited: Path) -> None:
    got = _run(audited, "gate", "a", "--fail-on", CONDITIONS)
    assert (got.returncode, got.stdout) == (
        1,
        "flagged  non-commercial: 2 of 4 items\npassed   unknown>50%\npassed   conflict\n",
    )
    assert _run(audited, "gate", "a", "--fail-on", "academic-only").returncode == 0
    assert _run(audited, "gate", "a", "--fail-on", "nonsense").returncode == 2


def test_sarif_is_taken_by_sarif_tools(audited: Path) -> None:
    got = _run(audited, "gate", "a", "--fail-on", CONDITIONS, "--format", "sarif", "-o", "gate.sarif")
    assert got.returncode == 1
    records = load_sarif_file(str(audited / "gate.sarif")).get_records()
    assert {(r["Severity"], r["Code"]) for r in records} == {("error", "non-commercial"), ("note", "non-commercial")}
    log = json.loads((audited / "gate.sarif").read_text())
    assert [r["id"] for r in log["runs"][0]["tool"]["driver"]["rules"]] == CONDITIONS.split(",")


def test_junit_is_taken_by_junitparser(audited: Path) -> None:
    got = _run(audited, "gate", "a", "--fail-on", CONDITIONS, "--format", "junit", "-o", "gate.xml")
    assert got.returncode == 1
    suites = junitparser.JUnitXml.fromfile(str(audited / "gate.xml"))
    cases = {case.name: [type(r).__name__ for r in case.result] for suite in suites for case in suite}
    assert cases == {"non-commercial": ["Failure"], "unknown>50%": [], "conflict": []}
    assert (suites.tests, suites.failures) == (3, 1)


def test_the_action_runs(tmp_path: Path) -> None:
    """Each step of the action but the installation, as GitHub's runner would call it."""
    (tmp_path / "t.csv").write_text(TABLE)
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    given = {"target": "t.csv", "fail-on": "non-commercial"}
    inputs = {name: given.get(name, one.get("default")) for name, one in action["inputs"].items()}
    step = next(s for s in action["runs"]["steps"] if s["name"] == "Audit")
    env = {k: inputs[v.removeprefix("${{ inputs.").removesuffix(" }}")] for k, v in step["env"].items()}
    env |= {"PATH": PATH, "HOME": str(tmp_path), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    got = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=tmp_path,
        env=env,
        check=False,
        capture_output=True,
    )
    assert got.returncode == 1, got.stderr
    assert "**NOT FREE as a whole" in (tmp_path / "summary.md").read_text()
    assert len(load_sarif_file(str(tmp_path / "auditor.audit.sarif")).get_records()) > 1


def test_the_hook_is_one_and_runs(tmp_path: Path) -> None:
    import shlex

    from pre_commit.clientlib import load_manifest

    (hook,) = load_manifest(str(ROOT / ".pre-commit-hooks.yaml"))
    (tmp_path / "t.csv").write_text(TABLE)
    command = [*shlex.split(hook["entry"]), "t.csv", "--fail-on", "non-commercial>1"]
    got = subprocess.run(
        command, cwd=tmp_path, env={"PATH": PATH, "HOME": str(tmp_path)}, check=False, capture_output=True
    )
    assert (got.returncode, got.stderr.count(b"flagged")) == (1, 1)
