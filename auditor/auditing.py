"""The whole job: resolve -> fetch -> parse -> read -> conclude -> store."""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor import __version__, manifests, sources
from auditor.conclude import Dataset, Said, conclude_dataset
from auditor.digest import digest
from auditor.errors import AuditError, BadInput
from auditor.fetch import Get
from auditor.resolve import resolve
from auditor.run import Job, Outcome, each, process_pool, work
from auditor.schema import Page
from auditor.settle import settle
from auditor.stages import STATEMENT, said
from auditor.store import Store, settled_plan, undone
from auditor.target import Target

if TYPE_CHECKING:
    import pyarrow.dataset as ds

    from auditor.report import Report


@dataclass(frozen=True, slots=True)
class Audit:
    """An audit in its folder."""

    folder: Path

    @property
    def info(self) -> dict[str, Any]:
        """audit.json: what was asked, with which versions, and what is known of the dataset as a whole."""
        return Store(self.folder).info()

    @property
    def findings(self) -> "ds.Dataset":
        """The findings as one Arrow dataset (schema.FINDING): `.to_table()`, `.to_batches()`; no copy is made."""
        import pyarrow.dataset as ds

        from auditor.schema import FINDING

        return ds.dataset([str(f) for f in self.files], schema=FINDING, format="parquet")

    @property
    def files(self) -> list[Path]:
        """The findings' Parquet files, in the order of pages."""
        return [self.folder / "findings" / p.name for p in sorted(Store(self.folder).parts(), key=lambda p: p.name)]

    def report(self) -> "Report":
        """Return the freeness report."""
        from auditor.report import Report

        return Report.of(self)

    def export(self, form: str = "spdx-json") -> str:
        """Return the audit as a document of another format: spdx-json, spdx-tv."""
        from auditor.export import export

        return export(self, form)


@dataclass
class Plan:
    """The pages of one run as they are fetched: the dataset's own first, then the items'."""

    seen: list[Page] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    done: int = 0

    def hash(self) -> str:
        """Hash of the pages of items, in order."""
        keys = "\n".join(p.key for p in self.seen if p.level == "items")
        return hashlib.sha256(keys.encode()).hexdigest()[:20]


def audit(
    target: str,
    out: str | Path | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    manifest: str | None = None,
    policy: str = "dfsg",
    offline: bool = False,
    endpoints: Mapping[str, str] | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    processes: bool = False,
    told: Callable[[str], None] = lambda _: None,
    progress: Callable[[Iterator[Outcome], Plan], Iterable[Outcome]] = lambda outcomes, _: outcomes,
) -> Audit:
    """Audit a dataset into the folder `out`, going on from what is already there; AuditError where it can't be done."""
    from auditor.policy import load

    load(policy)
    plan = Plan()

    def tell(what: str) -> None:
        if what not in plan.notes:
            plan.notes.append(what)
            told(what)

    if processes and executor is None:
        executor = process_pool(workers)
    known, source = resolve(target, columns=columns, manifest=manifest, endpoints=endpoints, told=tell)
    folder = Path(out) if out is not None else Path(default_folder(target))
    fresh = not folder.exists()
    store = Store(folder)
    store.open()
    try:
        _run(store, known, source, plan, policy, offline, executor, workers, progress)
    except BaseException as error:
        store.close()
        if fresh and isinstance(error, AuditError):
            shutil.rmtree(folder, ignore_errors=True)
        raise
    store.close()
    return Audit(folder)


def default_folder(target: str) -> str:
    """Return the folder name for a target that comes with no -o."""
    import re

    last = re.sub(r"[?#].*", "", target).rstrip("/").rsplit("/", 1)[-1]
    return (re.sub(r"[^\w.@+-]+", "-", last).strip("-.") or "dataset") + ".audit"


def _run(
    store: Store,
    target: Target,
    source: str,
    plan: Plan,
    policy: str,
    offline: bool,
    executor: Executor | None,
    workers: int | None,
    progress: Callable[[Iterator[Outcome], Plan], Iterable[Outcome]],
) -> None:
    started = datetime.now(UTC).replace(microsecond=0)
    get = Get(store.pages / "files", offline=offline, told=target.told)
    pages = number(sources.source(source).fetch(target, get), plan)
    first, dataset, manifest = dataset_of(pages, target)
    made = digest({"dataset": repr(dataset), "policy": policy, "columns": dict(target.columns)})
    job = Job(store.folder, dataset, policy, made)
    info = {
        "target": target.name, "source": source, "policy": policy, "manifest": manifest and manifest.name,
        "auditor": __version__, "spdx_list": _list_version(), "digest": made, "started": started.isoformat(),
        "columns": dict(target.columns),
        "dataset": described(dataset, policy),
        "finished": None,
    }
    store.write_info(info)
    live = [p for p in store.parts() if p.digest == made]
    store.drop(p for p in store.parts() if p.digest != made)
    store.clear(keep={p.name for p in live})
    broken: list[Outcome] = []
    items = 0

    def jobs() -> Iterator[tuple[Job, Page, Any]]:
        for page in chain(first, pages):
            parts, done = undone(live, page, made)
            if not done:
                yield job, page, parts
            else:
                plan.done += 1

    for outcome in progress(each(work, jobs(), executor, workers), plan):
        plan.done += 1
        broken += [outcome] if outcome.error else []
    items = sum(p.level == "items" for p in plan.seen)
    if broken and len(broken) == items:
        raise BadInput(broken[0].error or "")
    if not items:
        broken += _only_dataset(job, plan)
    keys = {p.key for p in plan.seen}
    store.drop(p for p in store.parts() if p.page not in keys)
    if settled_plan(store.folder) not in (None, plan.hash()):
        store.forget()
        for _ in each(work, ((job, p, []) for p in plan.seen if p.level == "items"), executor, workers):
            pass
    settle(job, lambda: (p for p in plan.seen if p.level == "items"), plan.hash())
    store.clear(keep={p.name for p in store.parts()})
    shutil.rmtree(store.folder / "tmp", ignore_errors=True)
    store.write_pages(plan.seen)
    finished = datetime.now(UTC).replace(microsecond=0).isoformat()
    store.write_info(
        info
        | {
            "finished": finished,
            "rows": sum(p.rows for p in store.parts()),
            "pages": len(plan.seen),
            "notes": plan.notes,
            "errors": [{"page": o.page, "locator": o.locator, "error": o.error} for o in broken],
        }
    )


def number(pages: Iterable[Page], plan: Plan) -> Iterator[Page]:
    """Number the pages in the order of fetching, and keep them for the plan."""
    for index, page in enumerate(pages):
        numbered = page.with_(number=index)
        plan.seen.append(numbered)
        yield numbered


def dataset_of(pages: Iterator[Page], target: Target) -> tuple[list[Page], Dataset, manifests.Manifest | None]:
    """Read the pages that speak of the dataset itself; return the first page of items, and what is known of the whole."""
    first: list[Page] = []
    claims: list[dict[str, Any]] = []
    manifest = target.manifest
    items_from = None
    for page in pages:
        name = page.context.get("manifest")
        manifest = manifest or (manifests.find(name) if name else None)
        items_from = items_from or page.context.get("items_from")
        if page.level != "dataset":
            first = [page]
            break
        for batch in sources.source(page.source).parse(page):
            claims += batch.to_pylist()
    if manifest is not None:
        claims += manifest.claims()
        items_from = manifest.items_from
    every = [said(tuple(c.get(f) for f in STATEMENT)) for c in claims]
    access = tuple(s for s in every if s.authority == "access" or s.scope == "access")
    of_it = tuple(dict.fromkeys(s for s in every if s not in access))
    return first, Dataset(items_from or "unknown", of_it, tuple(dict.fromkeys(access))), manifest


def described(dataset: Dataset, policy: str) -> dict[str, Any]:
    """Return what is known of the dataset as a whole, for audit.json."""
    return {
        "items_from": dataset.items_from,
        "statements": [_stated(s) for s in (*dataset.said, *dataset.access)],
        "conclusion": asdict(conclude_dataset(dataset, policy)),
    }


def _stated(one: Said) -> dict[str, Any]:
    reading = {"license": one.reading.license, "category": one.reading.category, "rule": one.reading.rule}
    return {"text": one.text, "url": one.url, "authority": one.authority, "scope": one.scope} | reading


def _only_dataset(job: Job, plan: Plan) -> list[Outcome]:
    """Write the one finding, of level `dataset`, of an audit without items."""
    import pyarrow as pa

    from auditor.schema import FINDING
    from auditor.store import PartWriter

    page = plan.seen[0] if plan.seen else None
    if page is None:
        raise BadInput("nothing was found that speaks of items or of the dataset: there is nothing to audit.")
    found = asdict(conclude_dataset(job.dataset, job.policy))
    row = {"item_id": page.locator, "level": "dataset", "page_key": page.key, "row": 0} | found
    row = {k: v for k, v in row.items() if k in FINDING.names}
    PartWriter(job.folder, page, job.digest, []).write([pa.RecordBatch.from_pylist([row], schema=FINDING)])
    return []


def _list_version() -> str:
    from auditor.licensing import spdx_list

    return spdx_list.version()
