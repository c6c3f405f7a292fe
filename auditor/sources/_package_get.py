"""A package from its registry, by the registry's own client: one file in a folder, nothing in it built or run."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from packageurl import PackageURL

from auditor.errors import BadInput, BadOption, NotReachable
from auditor.store import hash_file

SECONDS = 1800
NAMES = {
    "pypi": r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?",
    "npm": r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[A-Za-z0-9~_-][A-Za-z0-9._~-]*",
    "deb": r"[a-z0-9][a-z0-9+.-]+",
}
VERSION = r"[A-Za-z0-9][A-Za-z0-9.!+:~_-]*"
UNREACHED = re.compile(
    r"(?i)after connection broken|NewConnectionError|ProxyError|SSLError|Read timed out|ConnectTimeout"
    r"|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|CERT_|Failed to fetch"
    r"|Could not (?:connect|resolve)|Temporary failure|Unable to connect"
    r"|\b50[0234] (?:Server|Bad|Service|Internal|Gateway)"
)


@dataclass(frozen=True, slots=True)
class Package:
    """What was fetched: one file of one version, as the registry gave it."""

    purl: str  # with its version
    name: str
    version: str
    file: str
    sha256: str
    retrieved: str  # ISO, UTC

    def write(self, into: Path) -> None:
        """Keep it beside the file."""
        (into / "package.json").write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Package":
        """Return what `write` kept."""
        return cls(**json.loads((folder / "package.json").read_text(encoding="utf-8")))


def parse(purl: str) -> PackageURL:
    """Read a package URL that can be fetched; BadOption says what is wrong with it."""
    try:
        said = PackageURL.from_string(purl)
    except ValueError as error:
        raise BadOption(
            f"{purl} is not a package URL ({error}): write pkg:pypi/NAME, pkg:npm/NAME or pkg:deb/debian/NAME."
        ) from None
    if said.type not in NAMES or (said.type == "deb" and said.namespace != "debian"):
        raise BadOption(f"{purl}: packages come from pkg:pypi/NAME, pkg:npm/NAME and pkg:deb/debian/NAME.")
    if not re.fullmatch(NAMES[said.type], full_name(said)) or (
        said.version and not re.fullmatch(VERSION, said.version)
    ):
        raise BadOption(f"{purl}: that is no name or version a package there can have: check the spelling.")
    if said.type == "deb" and (said.qualifiers or {}).get("arch") == "source":
        raise BadOption(
            f"{purl}: only binary packages are fetched: leave `arch=source` out, or give an unpacked source's folder."
        )
    return said


def full_name(purl: PackageURL) -> str:
    """Return the name as the registry's client takes it, with npm's scope."""
    return f"{purl.namespace}/{purl.name}" if purl.type == "npm" and purl.namespace else purl.name


def fetch(purl: PackageURL, into: Path) -> Package:
    """Fetch the package's file into `into`; NotReachable or BadInput in one sentence."""
    {"pypi": _pypi, "npm": _npm, "deb": _deb}[purl.type](purl, into)
    files = [f for f in into.iterdir() if f.is_file()]
    if len(files) != 1:
        raise NotReachable(f"{purl}: the client laid down {len(files)} files where one was asked for: try again.")
    name, version = _named(purl, files[0])
    whole = PackageURL(purl.type, purl.namespace, purl.name, version).to_string()
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    return Package(whole, name, version, files[0].name, hash_file(files[0]), now)


def run(command: Sequence[str], where: Path, missing: str) -> subprocess.CompletedProcess[str]:
    """Run a registry's client in `where`, without a shell; NotReachable, saying `missing`, where there is none."""
    environment = os.environ | {"LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
    try:
        return subprocess.run(
            command, cwd=where, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, errors="replace", timeout=SECONDS, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        raise NotReachable(missing) from None
    except subprocess.TimeoutExpired:
        raise NotReachable(f"{command[0]} had no answer within {SECONDS // 60} minutes: try again later.") from None


def _pypi(purl: PackageURL, into: Path) -> None:
    what = f"{purl.name}=={purl.version}" if purl.version else purl.name
    command = [sys.executable, "-m", "pip", "download", "-vv", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar=off", "--retries=1", "--dest=.", "--", what]
    done = run(command, into, "pip is missing: install it into auditor's environment.")
    if done.returncode:
        _failed(purl, done, _pip_says)


def _pip_says(purl: PackageURL, said: str) -> str:
    if "No module named pip" in said:
        return "pip is missing in auditor's environment: install it there (`python -m ensurepip`)."
    versions = re.search(r"\(from versions: ([^)]*)\)", said)
    known = versions.group(1).split(", ") if versions and versions.group(1) not in ("", "none") else []
    if purl.version and known and purl.version not in known:
        last = f"the last of {len(known)} it has are {', '.join(known[-5:])}"
        return f"PyPI has no wheel of {purl.name} {purl.version} for this Python; {last}."
    if "No sources permitted" in said or "No binaries permitted" in said:
        why = "a source distribution runs its code when it is fetched"
        return f"PyPI has {_what(purl)} as source only, and {why}: unpack it yourself and give its folder."
    if "wheel's tags" in said:
        return f"no wheel of {_what(purl)} fits this Python and machine: fetch one elsewhere and give the file."
    return f"PyPI has no package {_what(purl)}: check its name and version."


def _npm(purl: PackageURL, into: Path) -> None:
    what = f"{full_name(purl)}@{purl.version or 'latest'}"
    command = ["npm", "pack", "--ignore-scripts", "--json", "--loglevel=error", "--fetch-retries=1", "--", what]
    done = run(command, into, "npm is missing: install Node.js and npm to fetch packages of that registry.")
    if done.returncode:
        _failed(purl, done, _npm_says)


def _npm_says(purl: PackageURL, said: str) -> str:
    if "ETARGET" in said:
        return f"npm has no version {purl.version} of {full_name(purl)}: check the version."
    if "E404" in said:
        return f"npm has no package {_what(purl)}: check its name and version."
    return f"npm could not fetch {_what(purl)} ({_last(said)}): see what it says."


def _deb(purl: PackageURL, into: Path) -> None:
    arch = (purl.qualifiers or {}).get("arch")
    what = purl.name + (f":{arch}" if arch and re.fullmatch(r"[a-z0-9-]+", arch) else "")
    what += f"={purl.version}" if purl.version else ""
    done = run(
        ["apt-get", "download", "-q", "--", what], into, "apt-get is missing: Debian packages need a Debian system."
    )
    if done.returncode:
        _failed(purl, done, _apt_says)


def _apt_says(purl: PackageURL, said: str) -> str:
    if "Version" in said and "was not found" in said:
        return f"apt-get knows no version {purl.version} of {purl.name}: see `apt-cache policy {purl.name}`."
    if "Unable to locate" in said or "no candidate" in said:
        return f"apt-get knows no package {purl.name}: check its name, and run `apt-get update` if its index is old."
    return f"apt-get could not fetch {_what(purl)} ({_last(said)}): see what it says."


def _failed(purl: PackageURL, done: subprocess.CompletedProcess[str], says: Callable[[PackageURL, str], str]) -> None:
    said = f"{done.stdout}\n{done.stderr}"
    if re.search(r"(?i)no space left|ENOSPC", said):
        raise BadInput(f"the disk is full: {_what(purl)} could not be fetched; make room and run again.")
    if UNREACHED.search(said):
        raise NotReachable(
            f"the registry of {purl} could not be reached: check the network, or audit a file or folder instead."
        )
    raise BadInput(says(purl, said))


def _what(purl: PackageURL) -> str:
    return f"{full_name(purl)} {purl.version}" if purl.version else full_name(purl)


def _last(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if re.match(r"E:|npm error|ERROR", line.strip())]
    return (lines[0] if lines else "no reason given")[:160]


def _named(purl: PackageURL, file: Path) -> tuple[str, str]:
    """Return name and version as the file's name says them (PEP 427; npm pack; Debian policy 5.6.12 in a file name)."""
    if purl.type == "deb":
        name, version, *_ = unquote(file.name).split("_")
        return name, version
    if purl.type == "pypi":
        name, version, *_ = file.name.split("-")
        return name, version
    stem = full_name(purl).removeprefix("@").replace("/", "-")
    return full_name(purl), file.name.removesuffix(".tgz").removeprefix(f"{stem}-")
