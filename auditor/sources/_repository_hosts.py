"""GitHub and GitLab: how a repository is named there, what the host's API says of it, and its files as an archive.

Fields: GitHub's `GET /repos/{owner}/{repo}` (`license.spdx_id`, found by Licensee in the licence file alone:
https://docs.github.com/en/rest/licenses) and `/tarball/{ref}`, or, of its top alone, `/contents`; GitLab's `GET /projects/{path}?license=true`
(`license.key`: https://docs.gitlab.com/api/projects) and `/repository/archive.tar.gz?sha={ref}`.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from auditor import unpack
from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.schema import Page
from auditor.sources import _repository_said as place
from auditor.target import Target

GITHUB, GITLAB = "https://api.github.com", "https://gitlab.com"
SSH = re.compile(r"(?:ssh://)?git@([\w.-]+)[:/](.+)")
WORD = r"[\w.-]+"
PAGES = frozenset(
    ("-", "blob", "raw", "tree", "commits", "issues", "merge_requests", "wikis")
)  # of GitLab, what is no project
LARGEST = 2 << 20  # KB of a repository whose files are fetched
NONE_FOUND = frozenset(("", "noassertion", "other", "none"))  # the host has seen a licence that it can't name


@dataclass(frozen=True, slots=True)
class Name:
    """A repository at its host; `below`: the folder asked for."""

    host: str  # github | gitlab
    path: str  # owner/name; of GitLab, groups may nest
    ref: str | None = None
    below: str = ""


def of(target: Target) -> Name | None:
    """Return the repository that a target names: its page, one of its folders, its clone URL; None for a file of it."""
    if target.path is not None:
        return None
    ssh = SSH.fullmatch(target.name)
    parts = urlsplit(f"https://{ssh[1]}/{ssh[2]}") if ssh else target.url
    if parts is None:
        return None
    host = (parts.hostname or "").removeprefix("www.")
    path = unquote(parts.path).strip("/")
    if ".." in path.split("/"):
        return None
    if host in ("github.com", "api.github.com"):
        return _github(path.removeprefix("repos/") if host.startswith("api.") else path)
    own = urlsplit(target.endpoints.get("gitlab", GITLAB)).hostname
    return _gitlab(path) if host in ("gitlab.com", own) or host.startswith("gitlab.") else None


def _github(path: str) -> Name | None:
    match = re.fullmatch(rf"({WORD}/{WORD}?)(?:\.git)?(?:/tree/([^/]+)(?:/(.+))?)?", path)
    return Name("github", match[1].removesuffix(".git"), match[2], match[3] or "") if match else None


def _gitlab(path: str) -> Name | None:
    match = re.fullmatch(rf"({WORD}(?:/{WORD})+?)(?:\.git)?(?:/-/tree/([^/]+)(?:/(.+))?)?", path)
    if match is None or PAGES & set(match[1].split("/")[2:]):
        return None
    return Name("gitlab", match[1].removesuffix(".git"), match[2], match[3] or "")


def about(target: Target, name: Name, get: Get) -> Page:
    """Return the page of what the host's API says; NotReachable where it does not answer."""
    page = get.file(_api(target, name) + ("?license=true" if name.host == "gitlab" else ""), "repository")
    try:
        said = json.loads(page.read())
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or not ("full_name" in said or "path_with_namespace" in said):
        raise BadInput(f"{page.locator} did not answer as {name.host}'s API does: check the name and --endpoint.")
    return page.with_(level="dataset", context={"format": "host", "id": target.name})


def tree(target: Target, name: Name, get: Get) -> tuple[Path, Page]:
    """Return the folder of the repository's files in the audit's store, and the page of the archive that they came in."""
    api, ref = _api(target, name), quote(name.ref or "", safe="")
    if name.host == "github":
        page = get.file(f"{api}/tarball/{ref}".rstrip("/"), "repository")
    else:
        page = get.file(f"{api}/repository/archive.tar.gz" + (f"?sha={ref}" if ref else ""), "repository")
    assert page.path is not None
    archive = Path(page.path)
    here = replace(get, offline=False)  # unpacking asks no network
    folder = here.folder(f"{page.locator} {page.stamp}", lambda into: _unpack(archive, into)) / "tree"
    for reason, names in json.loads((folder.parent / "left.json").read_text(encoding="utf-8")).items():
        target.told(f"left out of the repository's files ({reason}): {', '.join(names[:20])}")
    inside = list(folder.iterdir())
    return (inside[0] if len(inside) == 1 and inside[0].is_dir() else folder), page


def too_large(about_page: Page) -> int:
    """Return how many MB a repository has, by GitHub's count in KB, where that is more than is fetched unasked; else 0."""
    size = json.loads(about_page.read()).get("size")
    return size >> 10 if isinstance(size, int) and size > LARGEST else 0


def top(target: Target, name: Name, get: Get, wanted: Callable[[str], bool]) -> Iterator[tuple[str, Page]]:
    """Yield the files at the top whose names are wanted, one by one, where the archive can't be had."""
    api, ref = _api(target, name), quote(name.ref or "", safe="")
    query = f"?ref={ref}" if ref else ""
    listing = get.file(
        f"{api}/contents{query}" if name.host == "github" else f"{api}/repository/tree{query}", "repository"
    )
    try:
        entries = json.loads(listing.read())
    except (ValueError, RecursionError):
        entries = None
    for entry in entries if isinstance(entries, list) else []:
        file = entry.get("name") if isinstance(entry, dict) and entry.get("type") in ("file", "blob") else None
        if isinstance(file, str) and "/" not in file and wanted(file):
            plain = quote(file, safe="")
            if name.host == "github":
                yield (
                    file,
                    get.file(f"{api}/contents/{plain}{query}", "repository").with_(context={"encoded": "base64"}),
                )
            else:
                yield file, get.file(f"{api}/repository/files/{plain}/raw{query or '?ref=HEAD'}", "repository")


def content(page: Page) -> bytes:
    """Return the bytes of a file at the top: GitHub's contents API gives them in base64, inside JSON."""
    if page.context.get("encoded") != "base64":
        return page.read()
    try:
        return base64.b64decode(json.loads(page.read())["content"])
    except (ValueError, LookupError, TypeError, RecursionError):
        raise BadInput(f"{page.locator} did not answer with a file's content: check --endpoint.") from None


def _unpack(archive: Path, into: Path) -> None:
    left = unpack.unpack(archive, into / "tree")
    (into / "left.json").write_text(json.dumps(left), encoding="utf-8")


def _api(target: Target, name: Name) -> str:
    default = GITHUB if name.host == "github" else _origin(target)
    base = target.endpoints.get(name.host, default).rstrip("/")
    return (
        f"{base}/repos/{name.path}" if name.host == "github" else f"{base}/api/v4/projects/{quote(name.path, safe='')}"
    )


def _origin(target: Target) -> str:
    return f"{target.url.scheme}://{target.url.netloc}" if target.url is not None else GITLAB


def claims(base: dict[str, Any], said: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what the API says: the licence that the host found by itself, and what the repository is a fork of."""
    license_ = said.get("license")
    given = license_ if isinstance(license_, dict) else {}
    text = next((t for t in (given.get("spdx_id"), given.get("key")) if isinstance(t, str)), "")
    parent = said.get("parent") or said.get("forked_from_project")
    origin = (parent.get("html_url") or parent.get("web_url")) if isinstance(parent, dict) else None
    base = base | {"title": said.get("full_name") or said.get("path_with_namespace")}
    base |= {"was_derived_from": [origin]} if isinstance(origin, str) else {}
    if text.lower() not in NONE_FOUND:
        yield base | {"authority": "aggregator", "place": place.HOST, "license_text": text}
    elif "was_derived_from" in base:
        yield base
