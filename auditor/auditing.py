"""The whole job: resolve -> fetch -> parse -> read -> conclude -> store."""

import hashlib
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor import __version__, sources
from auditor.digest import digest
from auditor.errors import AuditError, BadInput, NotReachable
from auditor.fetch import Get, typed, vouched
from auditor.known import dataset_of, described
from auditor.licensing import spdx_list
from auditor.resolve import resolve
from auditor.run import Job, Outcome, Workers, each, work
from auditor.schema import Page
from auditor.settle import settle
from auditor.stages import distinct
from auditor.store import Hashes, Store, settled_plan, undone
from auditor.target import Target
from auditor.wholes import conclude_dataset

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow.dataset as ds

    from auditor.appendix import Appendix
    from auditor.compatibility import Release
    from auditor.diff import Diff
    from auditor.following import Following
    from auditor.gate import Flag
    from auditor.report import Report
    from auditor.subset import Subset
    from auditor.verify import Verification


AHEAD = 2  # pages looked at before it is decided whether processes are worth their start
OWN = 0.5  # share of rows with a statement of their own from which reading, Python's own work, outweighs all else


@dataclass(frozen=True, slots=True)
class Audit:
    """An audit in its folder; its methods are the commands of the same names.

    >>> audit = Audit(Path("pictures.audit"))
    >>> audit.findings.count_rows()
    3
    >>> audit.report().free
    1
    >>> [str(flag) for flag in audit.gate("non-commercial,conflict")]
    ['non-commercial: 1 of 3 items']
    >>> audit.filter("free.csv", form="csv").items
    1
    >>> audit.appendix(form="csv").incomplete
    1
    >>> audit.diff(audit).empty
    True
    >>> audit.verify().holds
    True
    >>> "SPDX-2.3" in audit.export("spdx-json")
    True
    """

    folder: Path

    @property
    def info(self) -> dict[str, Any]:
        """audit.json: what was asked, with which versions, and what is known of the dataset as a whole."""
        return Store(self.folder).info()

    @property
    def title(self) -> str:
        """What the dataset is called: its manifest's title, the last part of a path, or what was typed."""
        info = self.info
        target, known = str(info["target"]), info["dataset"]["manifest"]
        if known:
            return str(known["title"])
        return target if ":" in target or "*" in target else Path(target).name or target

    @property
    def findings(self) -> "ds.Dataset":
        """The findings as one Arrow dataset (schema.FINDING), which reads what is asked of it and no more.

        DuckDB and Polars take it as it is, and read of the files only the columns and rows that a query needs:

        >>> import duckdb, polars
        >>> findings = Audit(Path("pictures.audit")).findings
        >>> findings.to_table(columns=["license_concluded"]).num_rows
        3
        >>> duckdb.sql("SELECT item_id FROM findings WHERE verdict = 'free'").fetchall()
        [('1',)]
        >>> polars.scan_pyarrow_dataset(findings).select("category").collect().height
        3
        """
        import pyarrow.dataset as ds

        from auditor.schema import FINDING

        return ds.dataset([str(f) for f in self.files], schema=FINDING, format="parquet")

    def to_pandas(self, **options: Any) -> "pd.DataFrame":
        """Return the findings as a DataFrame of Arrow's own columns, not copied; the options are Dataset.to_table's.

        >>> frame = Audit(Path("pictures.audit")).to_pandas(columns=["item_id", "verdict"])
        >>> frame["verdict"].tolist()
        ['free', 'non-free', 'undetermined']
        """
        import pandas as pd

        frame: pd.DataFrame = self.findings.to_table(**options).to_pandas(types_mapper=pd.ArrowDtype)
        return frame

    @property
    def files(self) -> list[Path]:
        """The findings' Parquet files, in the order of pages."""
        return [self.folder / "findings" / p.name for p in sorted(Store(self.folder).parts(), key=lambda p: p.name)]

    def report(self) -> "Report":
        """Return the freeness report."""
        from auditor.report import Report

        return Report.of(self)

    def _repr_html_(self) -> str:
        return self.report()._repr_html_()

    def filter(self, out: str | Path | None = None, **options: Any) -> "Subset":
        """Write the items that pass a policy (auditor.subset.subset has the options) and return what is lost."""
        from auditor.subset import subset

        return subset(self, Path(out) if out is not None else None, **options)

    def appendix(self, out: str | Path | None = None, **options: Any) -> "Appendix":
        """Write the credits of the items that pass (auditor.appendix.appendix has the options), or return them as text."""
        from auditor.appendix import appendix

        return appendix(self, Path(out) if out is not None else None, **options)

    def compatibility(self) -> "Release":
        """Return whether the items may be released together, under what, and how many are in the way of something freer."""
        return self.report().compatibility

    def diff(self, after: "Audit") -> "Diff":
        """Return what changed from this audit to a later one of the same dataset."""
        from auditor.diff import diff

        return diff(self, after)

    def verify(self, **options: Any) -> "Verification":
        """Hash the audit's bytes and derive its findings again (auditor.verify.verify has the options); true if it holds."""
        from auditor.verify import verify

        return verify(self, **options)

    def gate(self, conditions: str) -> "list[Flag]":
        """Return which conditions of a --fail-on hold, like `academic-only,unknown>1%`; none means it may pass."""
        from auditor.gate import gate

        return gate(self.report(), conditions)

    def export(self, form: str = "spdx-json", out: str | Path | None = None) -> str:
        """Return the audit as a document of another format: spdx-json, spdx-tv, spdx3, croissant, rocrate.

        Nothing is written: `out` is where you will write it, since the paths in a Croissant or RO-Crate start there.
        """
        from auditor.export import export

        return export(self, form, None if out is None else Path(out))


@dataclass
class Plan:
    """The pages of one run as they are fetched: the dataset's own first, then the items'."""

    seen: list[Page] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

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
    allow_hosts: Collection[str] = (),
    contact: str = "",
    executor: Executor | None = None,
    workers: int | None = None,
    processes: bool = False,
    follow: bool = False,
    rounds: int = 2,
    dry_run: bool = False,
    refresh: bool = False,
    told: Callable[[str], None] = lambda _: None,
    progress: Callable[[Iterator[Outcome], Plan], Iterable[Outcome]] = lambda outcomes, _: outcomes,
    watch: Callable[[int, int], None] = lambda _done, _total: None,
) -> Audit:
    """Audit a dataset into the folder `out`, going on from what is already there; AuditError where it can't be done.

    `follow`: ask for the items' origins too, in `rounds`; `watch` is told how many of how many were asked.
    `dry_run`: ask no origin; `info["plan"]` says which hosts would be asked how often, and how long it takes.
    `refresh`: a new audit beside the one that is there, `out.2` and so on, that asks whether the earlier answers still hold.
    """
    from auditor.policy import load

    load(policy)
    vouched(endpoints or {}, allow_hosts)
    plan = Plan()

    def tell(what: str) -> None:
        if what not in plan.notes:
            plan.notes.append(what)
            told(what)

    known, source = resolve(target, columns=columns, manifest=manifest, endpoints=endpoints, told=tell)
    folder, earlier = Path(out) if out is not None else Path(default_folder(target)), None
    if refresh:
        earlier, folder = renewed(folder)
        told(f"asking whether what {earlier} was answered has changed; the new audit is {folder}.")
    fresh = not folder.exists()
    store = Store(folder)
    store.open()
    try:
        with Get(
            folder / "pages" / "files",
            offline=offline,
            told=tell,
            endpoints=endpoints or {},
            allow=allow_hosts,
            contact=contact,
            trusted=typed(target),
            asked=folder / "pages",
            earlier=earlier and earlier / "pages",
        ) as get:
            run = _Run(store, known, source, plan, policy, Workers(executor, workers, processes), progress)
            run.whole(fetched(known, source, get), get, _Follow(follow, rounds, watch, dry_run))
    except BaseException as error:
        store.close()
        if fresh and isinstance(error, AuditError):
            shutil.rmtree(folder, ignore_errors=True)
        raise
    store.close()
    return Audit(folder)


def fetched(target: Target, source: str, get: Get) -> Iterator[Page]:
    """Yield a source's pages of what the user named, after those of what lies beside it."""
    module = sources.source(source)
    if getattr(module, "BESIDE", False):
        from auditor.sources._repository_whole import around

        yield from around(target)
    found = module.fetch(target, get)
    try:
        first = next(found, None)
    except NotReachable as error:
        if not get.offline or target.path is not None:
            raise
        found, first = sources.source("manifest").instead(target, get, "it", error), None
    yield from found if first is None else chain([first], found)


def renewed(folder: Path) -> tuple[Path, Path]:
    """Return the last finished audit of `folder`, `folder.2`, … and the next one, which may have been begun already."""
    earlier, number = folder, 2
    Store(folder).info()
    while (following := folder.with_name(f"{folder.name}.{number}")).exists():
        if not Store(following).finished():
            break
        earlier, number = following, number + 1
    return earlier, following


def default_folder(target: str) -> str:
    """Return the folder name for a target that comes with no -o."""
    import re

    last = re.sub(r"[?#].*", "", target).rstrip("/").rsplit("/", 1)[-1]
    return (re.sub(r"[^\w.@+-]+", "-", last).strip("-.") or "dataset") + ".audit"


@dataclass(frozen=True, slots=True)
class _Follow:
    """Whether origins are asked for, in how many rounds, and who is told of it."""

    ask: bool
    rounds: int
    watch: Callable[[int, int], None]
    dry: bool = False  # only say what asking would take


@dataclass
class _Run:
    """One run over one audit: fetch, work, settle, follow, write down."""

    store: Store
    target: Target
    source: str
    plan: Plan
    policy: str
    workers: Workers
    progress: Callable[[Iterator[Outcome], Plan], Iterable[Outcome]]
    broken: list[Outcome] = field(default_factory=list)
    worked: int = 0  # pages worked on in this run

    def whole(self, fetched: Iterator[Page], get: Get, follow: _Follow) -> None:
        """Do the whole job over pages as they are fetched, or over those of an audit."""
        with closing(self.store.hashes()) as hashes:
            self._whole(number(fetched, self.plan, hashes), hashes, get, follow)

    def _whole(self, pages: Iterator[Page], hashes: Hashes, get: Get, follow: _Follow) -> None:
        started = _now()
        first, dataset, manifest = dataset_of(pages, self.target)
        first += list(islice(pages, AHEAD)) if first else []
        made = digest({"dataset": repr(dataset), "policy": self.policy, "columns": dict(self.target.columns)})
        job = Job(self.store.folder, dataset, self.policy, made)
        info = self._asked(made, started) | {
            "manifest": manifest and manifest.name,
            "dataset": described(dataset, self.policy, manifest),
        }
        self.store.write_info(info)
        self._work(job, first, pages)
        self._settle(job)
        self.store.write_pages(self.plan.seen, hashes)
        info["follow"] = self._follow(job, get, follow)
        info["plan"] = self._estimates(job, get, follow) if follow.dry else None
        self.store.clear(keep={p.name for p in self.store.parts()})
        shutil.rmtree(self.store.folder / "tmp", ignore_errors=True)
        self.store.write_info(info | self._found())

    def _asked(self, made: str, started: str) -> dict[str, Any]:
        asked = {
            "target": self.target.name,
            "source": self.source,
            "policy": self.policy,
            "columns": dict(self.target.columns),
        }
        return asked | {
            "auditor": __version__,
            "spdx_list": spdx_list.version(),
            "digest": made,
            "started": started,
            "finished": None,
        }

    def _found(self) -> dict[str, Any]:
        errors = [{"page": o.page, "locator": o.locator, "error": o.error} for o in self.broken]
        rows = sum(p.rows for p in self.store.parts())
        return {
            "finished": _now(),
            "rows": rows,
            "pages": len(self.plan.seen),
            "notes": self.plan.notes,
            "errors": errors,
        }

    def _work(self, job: Job, first: list[Page], pages: Iterator[Page]) -> None:
        """Work on every page that is not done; BadInput where none of them could be read."""
        live = [p for p in self.store.parts() if p.digest == job.digest]
        self.store.drop(p for p in self.store.parts() if p.digest != job.digest)
        self.store.clear(keep={p.name for p in live})
        if python_bound(first):
            self.workers = replace(self.workers, processes=True)
        jobs = (
            (job, page, own)
            for page in chain(first, pages)
            for own, done in [undone(live, page, job.digest)]
            if not done
        )
        for outcome in self.progress(each(work, jobs, self.workers), self.plan):
            self.worked += 1
            self.broken += [outcome] if outcome.error else []
        items = sum(p.level == "items" for p in self.plan.seen)
        if self.broken and len(self.broken) == items:
            raise BadInput(self.broken[0].error or "")
        if not items:
            _only_dataset(job, self.plan)

    def _settle(self, job: Job) -> None:
        """Leave exactly the parts of this run's pages, and one finding for every id."""
        keys = {p.key for p in self.plan.seen}
        self.store.drop(p for p in self.store.parts() if p.page not in keys)
        pages = [p for p in self.plan.seen if p.level == "items"]
        again = any(p.again for p in self.store.parts())  # what they hold would stand in a page worked on anew, too
        if settled_plan(self.store.folder) not in (None, self.plan.hash()) or (again and self.worked):
            self.store.forget()
            for _ in each(work, ((job, p, []) for p in pages), self.workers):
                pass
        settle(job, pages, self.workers, self.plan.hash())

    def _follow(self, job: Job, get: Get, follow: _Follow) -> dict[str, Any] | None:
        """Ask for the items' origins, where that is wanted; conclude the items again with all that is stored of them."""
        pages = [p for p in self.plan.seen if p.level == "items"]
        ask = follow.ask and not follow.dry
        if not pages or not (ask or (self.store.pages / "origins").is_dir()):
            return None
        return self._following(job, pages, follow).whole(get, ask and not get.offline, follow.watch)

    def _estimates(self, job: Job, get: Get, follow: _Follow) -> list[dict[str, Any]]:
        """Say by host what following would ask."""
        return [asdict(e) for e in self._following(job, [], follow).estimates(get)]

    def _following(self, job: Job, pages: list[Page], follow: _Follow) -> "Following":
        from auditor.following import Following

        return Following(job, pages, self.workers, self.plan.hash(), follow.rounds)


def python_bound(first: list[Page]) -> bool:
    """Say whether processes are worth their start: by the source, or since most rows say something of their own."""
    source = sources.source(first[0].source) if first else None
    if getattr(source, "PYTHON_BOUND", False):
        return len(first) > AHEAD
    if source is None or len(first) < 2 or getattr(source, "MERGE", False):
        return False  # read as a whole, so that a page's first rows cost as much as all
    try:
        batch = next((b for b in source.parse(first[0]) if b.num_rows), None)
    except Exception:  # any bytes may come in: whoever works on the page tells what is wrong with it
        return False
    return batch is not None and len(distinct(batch)[1]) > max(1000, OWN * batch.num_rows)


def _now() -> str:
    return datetime.now(UTC).replace(microsecond=0).isoformat()


def number(pages: Iterable[Page], plan: Plan, hashes: Hashes) -> Iterator[Page]:
    """Number the pages in the order of fetching, and keep them for the plan; their files are hashed meanwhile."""
    for index, page in enumerate(pages):
        numbered = page.with_(number=index)
        plan.seen.append(numbered)
        hashes.ahead(numbered)
        yield numbered


def _only_dataset(job: Job, plan: Plan) -> None:
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
