"""From what the user typed to a Target, and from a Target to the source that knows it best."""

import glob
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from auditor import manifests, sources
from auditor.errors import BadInput, BadOption, UnknownTarget
from auditor.target import Target


def resolve(
    name: str,
    *,
    columns: Mapping[str, str] | None = None,
    manifest: str | None = None,
    endpoints: Mapping[str, str] | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> tuple[Target, str]:
    """Return the target and the name of its source; UnknownTarget says what was tried."""
    known = manifests.find(manifest) if manifest else None
    if manifest and known is None:
        raise BadOption(f"no manifest is called {manifest!r}: `auditor datasets` lists those there are.")
    target = _placed(
        Target(name=name, columns=dict(columns or {}), manifest=known, endpoints=dict(endpoints or {}), told=told)
    )
    if known is None and target.path is None and not target.matches:
        target = _known(target)  # a folder that is called like a dataset need not be it
    source = best(target)
    if source is None:
        raise UnknownTarget(_tried(target))
    return target, source


def _known(target: Target) -> Target:
    """Return the target with the manifest that knows its name or URL, which may come without its scheme."""
    found = manifests.find(target.name)
    if found is None and "." in target.name.split("/")[0] and target.url is None:
        found = manifests.find(url := f"https://{target.name}")
        return replace(target, manifest=found, name=url) if found is not None else target
    return replace(target, manifest=found)


def best(target: Target) -> str | None:
    """Return the name of the source that knows the target best, or None."""
    scores = [(_knows(n, target), n) for n in sources.names()]
    score, name = max(scores, key=lambda s: s[0])
    return name if score > 0 else None


def _knows(name: str, target: Target) -> float:
    try:
        return sources.knows(name, target)
    except (
        ValueError,
        LookupError,
        OSError,
        RecursionError,
    ):  # bytes that break one source must not hide them from the others
        return 0.0


def _placed(target: Target) -> Target:
    """Give the target its path, where it is a file, a folder or a glob of files."""
    if target.url is not None or target.name.startswith("pkg:"):
        return target
    path = Path(target.name)
    try:
        if path.exists():
            return replace(target, path=path)
        if glob.has_magic(target.name):
            found = tuple(sorted(Path(p) for p in glob.glob(target.name, recursive=True) if Path(p).is_file()))
            if not found:
                raise BadInput(
                    f"no file matches {target.name!r}: check the pattern (quote it, so that the shell leaves it alone)."
                )
            return replace(target, matches=found)
    except (OSError, ValueError):
        return target
    return target


def _tried(target: Target) -> str:
    if target.path is not None and target.path.is_file():
        try:
            if not target.path.stat().st_size:
                return f"{target.name} is empty: there is nothing to audit in it."
            with target.path.open("rb"):
                pass
        except OSError as error:
            return f"{target.name} cannot be read ({error.strerror}): check its permissions."
    near = [m.name for m in manifests.search(target.name)[:3]] if target.path is None else []
    hint = f" Did you mean {', '.join(near)}?" if near else ""
    if target.path is None and target.url is None and ("/" in target.name or "." in target.name):
        return f"{target.name} does not exist: no such file, and no source or manifest has that name.{hint}"
    if target.path is None:
        return f"no file, folder or dataset is known by the name {target.name}: see `auditor datasets`, `auditor sources`.{hint}"
    what = "file" if target.path.is_file() else "folder"
    return f"no source can tell what the {what} {target.name} holds: `auditor sources` says what is read."
