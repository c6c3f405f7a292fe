"""What the documents show is true: their commands run, and the code has what they name."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Run

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def shell(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", "-euo", "pipefail", "-c", script]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=300
    )


def test_the_commands_of_the_readme(tmp_path: Path) -> None:
    local, _, planned = blocks("sh")
    run = shell(planned, tmp_path)
    assert run.returncode == 0 and "2 hosts" in run.stdout and "Nothing was asked." in run.stdout, run.stderr
    run = shell(local, tmp_path)
    assert run.returncode == 0, run.stderr
    assert "3 items: 1 free (33.3 %), 1 not free (33.3 %), 1 undetermined (33.3 %)." in run.stdout
    assert "LicenseRef-CC-BY-3.0-DE" in run.stdout or "CC-BY-3.0-DE" in run.stdout
    assert "GPL-2.0-or-later" in run.stdout
    assert "academic-only" in run.stdout
    assert "# Freeness of" in (tmp_path / "pictures.md").read_text(encoding="utf-8")
    (python,) = blocks("python")
    (tmp_path / "shown.py").write_text(python, encoding="utf-8")
    run = subprocess.run([sys.executable, "shown.py"], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0 and "CC-BY-NC-4.0" in run.stdout and "NOASSERTION" in run.stdout, run.stderr


@pytest.mark.slow
@pytest.mark.registry
def test_the_commands_of_the_readme_that_ask_a_registry(tmp_path: Path) -> None:
    _, registry, _ = blocks("sh")
    run = shell(registry, tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("under the policy `dfsg`") >= 1 and "under the policy `open-definition`" in run.stdout


def test_licences_can_be_searched(auditor: Callable[..., Run]) -> None:
    run = auditor("licenses", "attribution", "share", "4.0")
    assert "CC-BY-SA-4.0\tfree-sharealike\tfree\tCreative Commons Attribution Share Alike 4.0 International" in run.out
    assert auditor("licenses", "no", "such", "licence").out == ""
    assert "LicenseRef-academic-only\tacademic-only\tnon-free" in auditor("licenses", "LicenseRef-academic").out


def test_help_is_there_at_once() -> None:
    taken = []
    for _ in range(3):
        before = os.times()
        run = subprocess.run([sys.executable, "-m", "auditor", "--help"], capture_output=True, text=True)
        after = os.times()
        taken.append(after.children_user + after.children_system - before.children_user - before.children_system)
        assert run.returncode == 0 and "audit" in run.stdout
    assert min(taken) < 0.4


def test_the_architecture_names_what_is_there() -> None:
    said = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for name in re.findall(r"\b([a-z_]+\.py)\b", said):
        assert name == "audit.py" or list((ROOT / "auditor").rglob(name)), (
            f"ARCHITECTURE.md names {name}, which is not there"
        )
    top = {p.name for p in (ROOT / "auditor").iterdir() if p.suffix == ".py" and not p.name.startswith("_")}
    quiet = {"schema.py", "data.py", "errors.py", "digest.py"}
    assert {n for n in top - quiet if n not in said} == set(), "ARCHITECTURE.md leaves out modules"


def test_contributing_points_at_files_that_are_there() -> None:
    said = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name in re.findall(r"`((?:licenses|manifests|auditor|tests)/[\w./-]+)`", said):
        if "NAME" not in name:
            assert (ROOT / name).exists(), name


def test_no_address_of_a_machine_or_registry_is_committed() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not in a git checkout: nothing is committed here")
    hosts = [
        ".".join(w) for w in (("pypi", "org"), ("pythonhosted", "org"), ("registry", "npmjs"), ("deb", "debian", "org"))
    ]
    for name in listed.stdout.split():
        path = ROOT / name
        if path.suffix in (".py", ".md", ".toml", ".tsv", ".json", "") and path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            for host in hosts:
                assert host not in text, f"{name} names {host}"
