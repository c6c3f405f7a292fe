"""The one door out: every byte that is not already on this machine comes in through `Get`, and is kept."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from auditor.errors import NotReachable
from auditor.fetch import limits
from auditor.fetch.ask import Ask
from auditor.schema import Page

__all__ = ["Ask", "Get"]

IN_FLIGHT = 64  # requests at once, over all hosts


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:20]


@dataclass
class Get:
    """Fetches into `store` (an audit's `pages/files`), once: what is there is not asked for again.

    offline: never ask the network; NotReachable for what is not in the store.
    """

    store: Path
    offline: bool = False
    told: Callable[[str], None] = lambda _: None
    endpoints: Mapping[str, str] = field(default_factory=dict)  # --endpoint SOURCE=URL

    def each(self, asks: Iterable[Ask]) -> Iterator[Page]:
        """Yield exactly one page an ask, as they finish; asks are pulled as there is room for them."""
        with ThreadPoolExecutor(IN_FLIGHT) as threads:
            flying: set[Future[Page]] = set()
            for ask in asks:
                if len(flying) >= 2 * IN_FLIGHT:
                    done, flying = wait(flying, return_when=FIRST_COMPLETED)
                    yield from (f.result() for f in done)
                flying.add(threads.submit(self.one, ask))
            while flying:
                done, flying = wait(flying, return_when=FIRST_COMPLETED)
                yield from (f.result() for f in done)

    def one(self, ask: Ask) -> Page:
        """Return the page of one request; what could not be had is a page with status 0 and `failure`."""
        from auditor.fetch.ask import failed
        from auditor.fetch.session import answer

        if self.offline:
            return failed(ask, "offline", f"{ask.url} was not asked, since --offline forbids it: run again without it.")
        return answer(ask)

    def base(self, source: str, default: str) -> str:
        """Return the address that a source is asked at: `--endpoint SOURCE=URL`, else the default."""
        return self.endpoints.get(source, default).rstrip("/")

    def key(self, source: str) -> bool:
        """Say whether there is a credential for a source, in the environment."""
        key = limits.of(source).key
        return key is not None and bool(os.environ.get(key.name))

    def folder(self, key: str, make: Callable[[Path], None]) -> Path:
        """Return the stored folder of `key`; where there is none, `make` fills a new one, which appears whole or not at all."""
        place = self.store / _name(key)
        if place.is_dir():
            return place
        if self.offline:
            raise NotReachable(f"{key} is not in the audit's store and --offline forbids asking: run once without it.")
        partial = place.with_name(place.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        make(partial)
        os.rename(partial, place)
        return place

    def file(self, url: str, source: str) -> Page:
        """Return the page of a URL's answer, its body streamed into the store under the URL's own file name."""
        name = url.split("?", 1)[0].split("#", 1)[0].rstrip("/").rsplit("/", 1)[-1] or "index"
        place = self.folder(url, lambda into: self._download(url, into / name, into / "answer.json"))
        answer = json.loads((place / "answer.json").read_text(encoding="utf-8"))
        return Page(
            source=source,
            locator=url,
            path=str(place / name),
            retrieved=datetime.fromisoformat(answer["retrieved"]),
            status=answer["status"],
            media_type=answer["media_type"],
            sha256=answer["sha256"],
            stamp=answer["sha256"],
        )

    def _download(self, url: str, body: Path, answer: Path) -> None:
        from auditor.fetch.session import download

        said = download(url, body)
        said["retrieved"] = datetime.now(UTC).replace(microsecond=0).isoformat()
        answer.write_text(json.dumps(said), encoding="utf-8")
