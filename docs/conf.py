"""Builds the documents with Sphinx: `make docs`. Nothing is asked of the network, and a warning is an error."""

import shutil
from pathlib import Path

from typer.testing import CliRunner

from auditor import __version__, policy
from auditor.cli import app

HERE = Path(__file__).parent
project = "auditor"
copyright = "The auditor authors, Apache-2.0"
release = version = __version__
extensions = ["myst_nb", "sphinx.ext.autodoc"]
exclude_patterns = ["_build", "_generated", "notebooks/README.md"]
html_theme = "furo"
html_title = f"auditor {__version__}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
default_role = "literal"  # what stands in single backticks in a docstring
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 90
python_use_unqualified_type_names = True
nb_execution_mode = "off"  # they hold what they gave when they were last run: `make notebooks`
myst_heading_anchors = 3
suppress_warnings = ["config.cache"]


def commands() -> str:
    """Return the reference of the command line: what each `--help` prints."""
    run = CliRunner()
    said = []
    for name in (c.name or c.callback.__name__ for c in app.registered_commands):
        shown = run.invoke(app, [name, "--help"], prog_name="auditor", env={"COLUMNS": "100"}).output
        said.append(f"## auditor {name}\n\n```text\n{shown.strip()}\n```")
    return "\n\n".join(said) + "\n"


def policies() -> str:
    """Return what each policy says of itself, what it forbids, and how many licences it lists."""
    said = []
    for one in map(policy.load, policy.names()):
        listed = [f"{sum(line.verdict == v for line in one.lines.values()):,} {v}" for v in policy.VERDICTS]
        said.append(f"## {one.name}: {one.title}\n\n{one.about}\n\nLicences listed: {', '.join(listed)}.\n")
        said += [
            "| it forbids | by |",
            "| --- | --- |",
            *(f"| {what} | {why} |" for what, why in one.forbids.items()),
            "",
        ]
    return "\n".join(said)


def written(name: str, text: str) -> None:
    """Write a page that is made from the code, where it changed: else everything would be built anew."""
    path = HERE / "_generated" / name
    path.parent.mkdir(exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


written("commands.md", commands())
written("policies.md", policies())
shutil.rmtree(HERE / "notebooks", ignore_errors=True)
shutil.copytree(HERE.parent / "notebooks", HERE / "notebooks")
