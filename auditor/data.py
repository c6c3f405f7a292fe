"""Where the knowledge lies: `licenses/` and `manifests/`, in a checkout or inside the wheel."""

from functools import cache
from pathlib import Path


@cache
def folder(name: str) -> Path:
    """Return the folder of knowledge called `licenses` or `manifests`."""
    package = Path(__file__).parent
    for place in (package / "_data" / name, package.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"auditor's own folder {name!r} is missing: install auditor again.")
