"""What the documents show is true: their commands run, and the code has what they name."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

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


MADE = ("_build", "_generated", "notebooks")  # by docs/conf.py
PAGES = [
    str(p.relative_to(ROOT))
    for p in sorted((ROOT / "docs").rglob("*.md"))
    if p.relative_to(ROOT / "docs").parts[0] not in MADE
]
OWN = ("docs/tutorial.md", "docs/how-to/release.md")  # pages with a test of their own
BLOCK = re.compile(r"^```(sh|python|text|yaml)( slow)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def shown(page: str, folder: Path, slow: bool) -> int:
    """Run a page's blocks in order in one folder; a `text` block is what the block before it prints, some lines (and where … stands, words) left out.

    Blocks marked `slow` ask a registry. Return how many blocks were run.
    """
    said, ran, skipped = "", 0, False
    for language, marked, block in BLOCK.findall((ROOT / page).read_text(encoding="utf-8")):
        if language == "yaml":
            assert yaml.safe_load(block)
        elif language == "text" and not skipped:
            missing = in_order(block, said)
            assert not missing, f"{page}: {missing!r} is not printed, or not in this place, in: {said}"
        elif language != "text":
            skipped = bool(marked) and not slow
            if not skipped:
                said = done(block if language == "sh" else f"python - <<'END'\n{block}END\n", folder)
                ran += 1
    return ran


def done(script: str, folder: Path) -> str:
    run = shell(script, folder)
    assert run.returncode == 0, f"{script}{run.stdout}{run.stderr}"
    return run.stdout


def in_order(block: str, said: str) -> str | None:
    """Return the first line of a block that is not among the lines that were printed, in their order."""
    lines = iter(" ".join(line.split()) for line in said.splitlines())
    for wanted in (" ".join(line.split()) for line in block.splitlines() if line.strip()):
        like = re.compile(".*".join(map(re.escape, wanted.split("…"))))
        if not any(map(like.fullmatch, lines)):
            return wanted
    return None


def test_what_the_tutorial_shows(tmp_path: Path) -> None:
    assert shown("docs/tutorial.md", tmp_path, slow=False)


@pytest.mark.slow
def test_the_path_of_a_release(tmp_path: Path) -> None:
    """Audit, filter, appendix, export, verify, gate: one page, from a table to a release that keeps its promise."""
    assert shown("docs/how-to/release.md", tmp_path, slow=False)
    kept = (tmp_path / "sounds-free.csv").read_text(encoding="utf-8")
    assert [row.split(",")[0] for row in kept.splitlines()] == ["id", "s1", "s2", "s3", "s5"]


@pytest.mark.slow
@pytest.mark.parametrize("page", [p for p in PAGES if re.search("```sh\n", (ROOT / p).read_text()) and p not in OWN])
def test_what_a_page_shows(page: str, tmp_path: Path) -> None:
    assert shown(page, tmp_path, slow=False)


@pytest.mark.slow
@pytest.mark.registry
@pytest.mark.parametrize("page", [p for p in PAGES if "```sh slow" in (ROOT / p).read_text(encoding="utf-8")])
def test_what_a_page_shows_of_a_registry(page: str, tmp_path: Path) -> None:
    assert shown(page, tmp_path, slow=True)


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q", "docs", str(tmp_path / "site")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    for page in PAGES:
        built = tmp_path / "site" / Path(page).relative_to("docs").with_suffix(".html")
        assert built.is_file(), f"{page} is not in the site"
    reference = (tmp_path / "site" / "reference" / "commands.html").read_text(encoding="utf-8")
    assert "auditor gate" in reference and "--fail-on" in reference
    for made in (tmp_path / "site").rglob("*.html"):
        asked = re.findall(
            r"<(?:script|img|link|iframe)[^>]*(?:src|href)=\"(https?:[^\"]+)", made.read_text(encoding="utf-8")
        )
        assert not asked, f"{made.name} asks {asked}: the site must work without a network"


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
