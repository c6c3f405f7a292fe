"""One requests session for all downloads: limits on time, retries with back-off, a User-Agent that says who asks."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from auditor import __version__
from auditor.errors import NotReachable
from auditor.fetch.ask import Ask, answered, failed
from auditor.schema import Page

CONNECT, READ = 10.0, 60.0  # seconds
AGAIN = (429, 500, 502, 503, 504)


@cache
def session() -> requests.Session:
    """Return the session; `trust_env` is off, so that no credentials of a netrc file go to a stranger's host."""
    made = requests.Session()
    made.trust_env = False
    made.headers["User-Agent"] = f"auditor/{__version__} (licence metadata of datasets)"
    retry = Retry(
        total=4, connect=1, backoff_factor=1.0, status_forcelist=AGAIN, allowed_methods=("GET",), raise_on_status=False
    )
    made.mount("https://", HTTPAdapter(max_retries=retry))
    made.mount("http://", HTTPAdapter(max_retries=retry))
    return made


def download(url: str, into: Path) -> dict[str, Any]:
    """Stream a URL's answer into a file; return status, media type and SHA-256. NotReachable unless it is a 200."""
    sums = hashlib.sha256()
    try:
        with session().get(url, stream=True, timeout=(CONNECT, READ)) as answer, into.open("wb") as out:
            if answer.status_code != 200:
                raise NotReachable(f"{url} answered {answer.status_code} {answer.reason}: check the address.")
            for block in answer.iter_content(1 << 20):
                sums.update(block)
                out.write(block)
            media = answer.headers.get("Content-Type")
            return {"url": answer.url, "status": answer.status_code, "media_type": media, "sha256": sums.hexdigest()}
    except requests.RequestException as error:
        raise NotReachable(
            f"{url} could not be fetched ({_why(error)}): check the address and the network, then run it again."
        ) from None


def answer(ask: Ask) -> Page:
    """Return the page of an answer, its body up to `ask.most` bytes."""
    ranged = {} if ask.first is None else {"Range": f"bytes=0-{ask.first - 1}"}
    most = ask.most if ask.first is None else min(ask.first, ask.most)
    try:
        with session().get(ask.url, headers={**ask.headers, **ranged}, stream=True, timeout=(CONNECT, READ)) as got:
            body = got.raw.read(most + 1, decode_content=True)
            hops = [[h.status_code, h.headers.get("Location", "")] for h in got.history]
            if got.status_code in AGAIN:
                said = f"{ask.url} answered {got.status_code} {got.reason}: ask again later."
                return failed(ask, "rate" if got.status_code == 429 else "server", said, hops)
            cut = ask.first is None and len(body) > most
            return answered(ask, got.status_code, got.headers.items(), body[:most], hops, cut)
    except requests.Timeout as error:
        return failed(ask, "timeout", f"{ask.url} did not answer in time ({_why(error)}): ask again later.")
    except (requests.RequestException, OSError) as error:
        return failed(ask, "connect", f"{ask.url} could not be fetched ({_why(error)}): ask again later.")


def _why(error: Exception) -> str:
    inner: BaseException = error
    while inner.__cause__ or inner.__context__:
        inner = inner.__cause__ or inner.__context__ or inner
    return " ".join(str(inner).split())[:120] or type(error).__name__
