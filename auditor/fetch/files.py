"""Whole files of any size, into the store: limits on time, none on size; what broke off is gone on with."""

import json
import shutil
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from auditor.errors import NotReachable
from auditor.fetch import keys, manners, session
from auditor.fetch.ask import shown
from auditor.fetch.errand import Failed, Reply
from auditor.fetch.guard import Refused
from auditor.fetch.session import Session

TRIES, LONGEST_WAIT = 4, 60.0  # seconds; a host that asks to wait longer is not asked again in this run
ANSWER, PARTIAL = "answer.json", "partial.json"


def name_of(url: str) -> str:
    """Return the file name that a URL's answer is stored under."""
    name = url.split("?", 1)[0].split("#", 1)[0].rstrip("/").rsplit("/", 1)[-1][-200:]
    return {"": "index", ".": "index", "..": "index", ANSWER: f"body-{ANSWER}", PARTIAL: f"body-{PARTIAL}"}.get(
        name, name
    )


def fetch(
    door: Session, url: str, source: str, into: Path, endpoints: Mapping[str, str], earlier: Path | None = None
) -> None:
    """Fetch a URL's answer into the folder `into`, beside answer.json; NotReachable in one sentence.

    earlier: the folder of an earlier audit's answer, taken over where the host says that nothing changed.
    """
    state = into / PARTIAL
    said: dict[str, Any] = json.loads(state.read_text(encoding="utf-8")) if state.exists() else {}
    for again in range(1, TRIES + 1):
        try:
            reply, hops = _follow(door, url, source, into / name_of(url), endpoints, said, earlier)
            break
        except Failed as error:
            state.write_text(json.dumps(said), encoding="utf-8")
            if not error.again or again == TRIES:
                raise NotReachable(
                    f"{shown(url)} could not be fetched (it {keys.hide(source, error.why)}): check the address and the network, then run it again."
                ) from None
            time.sleep(manners.pause(again))
    if reply.status_code == 304 and earlier is not None:
        old = json.loads((earlier / ANSWER).read_text(encoding="utf-8"))
        shutil.copyfile(earlier / name_of(url), into / name_of(url))
        answer = old | {"unchanged_since": old["retrieved"]}
    else:
        answer = {
            "url": hops[-1][1] if hops else shown(url), "status": reply.status_code, "media_type": reply.headers.get("content-type"),
            "sha256": reply.content.decode(), "etag": reply.headers.get("etag"), "last_modified": reply.headers.get("last-modified"), "hops": hops,
        }  # fmt: skip
    answer["retrieved"] = datetime.now(UTC).replace(microsecond=0).isoformat()
    (into / ANSWER).write_text(json.dumps(answer), encoding="utf-8")
    state.unlink(missing_ok=True)


def _follow(
    door: Session,
    url: str,
    source: str,
    body: Path,
    endpoints: Mapping[str, str],
    said: dict[str, Any],
    earlier: Path | None,
) -> tuple[Reply, list[list[Any]]]:
    hops: list[list[Any]] = []
    at = url
    while True:
        try:
            place = door.guard.place(at)
        except Refused as error:
            raise Failed(
                "guard",
                f"leads to an address that is not asked: {error}" if hops else f"was not asked: {error}",
                again=False,
            ) from None
        target, signed = keys.signed(source, place, endpoints)
        headers = signed | (_conditions(earlier) if not hops else {})
        reply = session.download(door, place, body, said, headers, target)
        if (
            reply.status_code in manners.REDIRECTS
            and len(hops) < manners.HOPS
            and (where := reply.headers.get("location"))
        ):
            at = urljoin(at, where)
            hops.append([reply.status_code, keys.hide(source, shown(at))])
            continue
        if reply.status_code == 200 or (reply.status_code == 304 and earlier is not None):
            return reply, hops
        again, why = (
            reply.status_code == 429 or reply.status_code >= 500,
            f"answered {reply.status_code} {reply.reason}".strip(),
        )
        wait = manners.after(reply.headers.get("retry-after")) if again else None
        if wait is not None and wait > LONGEST_WAIT:
            raise Failed("server", f"{why} and asks to be left alone for {wait:,.0f} seconds", again=False)
        time.sleep(wait or 0.0)
        raise Failed("server", why, again=again)


def _conditions(earlier: Path | None) -> dict[str, str]:
    if earlier is None or not (earlier / ANSWER).is_file():
        return {}
    said = json.loads((earlier / ANSWER).read_text(encoding="utf-8"))
    sent = {"If-None-Match": said.get("etag"), "If-Modified-Since": said.get("last_modified")}
    return {k: v for k, v in sent.items() if v and not said.get("hops")}
