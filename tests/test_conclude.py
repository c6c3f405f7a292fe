"""The rules of judgement (DESIGN section 4) over generated claims, datasets and access terms."""

import random
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from auditor import policy
from auditor.conclude import conclude
from auditor.licensing import read
from auditor.policy import CATEGORIES, FORBIDDING, VERDICTS
from auditor.schema import AUTHORITIES, CLAIM
from auditor.stages import Judge
from auditor.statements import WHOLE, Conclusion, Dataset, Said
from auditor.wholes import conclude_dataset

TEXTS = (
    "CC-BY-4.0",
    "CC BY",
    "CC-BY-SA-4.0",
    "CC BY-SA",
    "CC-BY-SA-3.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-ND-4.0",
    "CC0-1.0",
    "MIT License",
    "GPL-2.0-or-later",
    "GFDL-1.2-or-later",
    "ODbL-1.0",
    "C-UDA-1.0",
    "MIT OR CC-BY-NC-4.0",
    "MIT AND CC-BY-SA-4.0",
    "MIT License for non-commercial use",
    "For research use only",
    "All rights reserved",
    "Public domain",
    "No known copyright restrictions",
    "see the website",
    "",
)
OWN = [a for a in AUTHORITIES if a != "access"]
POLICIES = policy.names()


def said(
    text: str, authority: str = "host", scope: str | None = None, place: str | None = None, as_of: str | None = None
) -> Said:
    return Said(read(text), text, None, authority, scope, place, as_of)


def spelt(spelling: tuple[str, str], authority: str, scope: str | None, place: str | None) -> Said:
    text, vocabulary = spelling
    return Said(read(text, vocabulary=vocabulary), text, None, authority, scope, place)


SPELT = (("4", "flickr"), ("0", "flickr"), ("7", "flickr"), ("GPL-2+", "debian"), ("other", "huggingface"))
SPELT += (("cc-by-nc-4.0", "huggingface"), ("CC0: Public Domain", "kaggle"), ("Attribution NonCommercial", "freesound"))
SCOPE = st.sampled_from((None, "media", "metadata", "annotations", "part"))
PLACES = st.sampled_from((None, "tag", "readme", "flickr"))
CLAIMS = st.builds(said, st.sampled_from(TEXTS), st.sampled_from(OWN), SCOPE, PLACES) | st.builds(
    spelt, st.sampled_from(SPELT), st.sampled_from(OWN), SCOPE, PLACES
)
DAYS = st.sampled_from((None, "2010", "2010-05-01", "2020-01-31", "not a date"))
DATED = st.builds(
    said, st.sampled_from(TEXTS), st.sampled_from(OWN), SCOPE, st.sampled_from((None, "flickr", "commons")), DAYS
)
SEVERAL = st.lists(CLAIMS, min_size=1, max_size=4)
ACCESS = st.lists(
    st.builds(said, st.sampled_from(TEXTS), st.just("access"), st.just("access")), max_size=2, unique=True
)
SCOPES = st.sampled_from((None, "media", "database", "annotations", "software"))
STATEMENTS = st.lists(
    st.builds(said, st.sampled_from(TEXTS), st.sampled_from(("curation", "dataset")), SCOPES), max_size=3
)
ANCESTORS = st.lists(
    st.builds(said, st.sampled_from(TEXTS), st.just("dataset"), SCOPES, st.sampled_from(("photos", "texts"))),
    max_size=2,
    unique=True,
)
DATASETS = st.builds(
    Dataset,
    st.sampled_from(("own", "third-party", "mixed", "unknown")),
    STATEMENTS.map(tuple),
    ACCESS.map(tuple),
    ANCESTORS.map(tuple),
)


def rank(found: Conclusion) -> int:
    return VERDICTS.index(found.verdict)


def speaks(claim: Said) -> bool:
    """Whether it says anything of the item itself."""
    return claim.scope in WHOLE and claim.reading.license != "NONE"


def below(claims: list[Said], new: Said) -> bool:
    """Whether a claim is of equal or lower rank than the highest of the others that says anything of the item."""
    top = min((AUTHORITIES.index(c.authority) for c in claims if speaks(c)), default=len(AUTHORITIES))
    return AUTHORITIES.index(new.authority) >= top


@given(st.lists(DATED, min_size=1, max_size=4), DATASETS, st.randoms(use_true_random=False))
@example([said("CC0-1.0", "mention", place="b"), said("CC0-1.0", "mention", place="a")], Dataset(), random.Random(2))
@example(
    [said("CC-BY-4.0", "dataset", "part")],
    Dataset("own", (said("CC-BY-4.0", "curation", "database"), said("CC-BY-4.0", "dataset", "database"))),
    random.Random(2),
)
@example(
    [said("CC-BY-NC-4.0", "dataset", "part")],
    Dataset("own", (said("CC-BY-4.0", "curation", "media"), said("CC-BY-4.0", "dataset", "media"))),
    random.Random(2),
)
def test_the_order_of_claims_never_matters(claims: list[Said], dataset: Dataset, dice: object) -> None:
    mixed = list(claims)
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    turned = replace(dataset, said=dataset.said[::-1], access=dataset.access[::-1], ancestors=dataset.ancestors[::-1])
    assert conclude(mixed, turned) == conclude(claims, dataset)
    assert conclude(claims + claims, dataset) == conclude(claims, dataset)


@given(STATEMENTS, st.randoms(use_true_random=False))
def test_the_order_of_a_datasets_statements_never_matters(statements: list[Said], dice: object) -> None:
    mixed = list(statements)
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    found, other = conclude_dataset(Dataset("own", tuple(statements))), conclude_dataset(Dataset("own", tuple(mixed)))
    assert (found.verdict, found.category, found.license_concluded) == (
        other.verdict,
        other.category,
        other.license_concluded,
    )


@given(SEVERAL, CLAIMS, DATASETS, st.sampled_from(POLICIES))
def test_a_claim_of_equal_or_lower_rank_never_makes_an_item_free(
    claims: list[Said], new: Said, dataset: Dataset, under: str
) -> None:
    """Rule 7."""
    assume(below(claims, new))
    before, after = conclude(claims, dataset, under), conclude([*claims, new], dataset, under)
    assert before.verdict == "free" or after.verdict != "free"


@given(SEVERAL, CLAIMS, st.sampled_from(POLICIES))
@example([said("For research use only", "author")], said("CC-BY-SA-4.0", "host"), "dfsg")
@example([said("CC-BY-NC-4.0", "host")], said("MIT License", "host"), "dfsg")
def test_a_claim_of_equal_or_lower_rank_never_makes_a_verdict_freer(claims: list[Said], new: Said, under: str) -> None:
    """Rule 7."""
    assume(below(claims, new))
    assert rank(conclude([*claims, new], Dataset(), under)) >= rank(conclude(claims, Dataset(), under))


@given(st.lists(DATED, min_size=1, max_size=3), DATED, DATASETS, st.sampled_from(POLICIES))
@example(
    [said("CC-BY-4.0", "embedded")],
    said("CC-BY-4.0", "uploader", None, "flickr"),
    Dataset("unknown", (said("MIT License for non-commercial use", "dataset"),)),
    "dfsg",
)
def test_what_was_said_on_another_day_never_makes_an_item_free(
    claims: list[Said], new: Said, dataset: Dataset, under: str
) -> None:
    """Rule 7: an earlier Creative Commons grant may leave a verdict open; only a host's own later word may better it."""
    if not below(claims, new) or (new.authority == "host" and new.as_of != "2010") or new.as_of == "not a date":
        return
    before, after = conclude(claims, dataset, under), conclude([*claims, new], dataset, under)
    opened = after.verdict == "undetermined" and "rule 7" in after.license_comments
    known = new.authority == "host" and any(c.authority == "host" and c.as_of for c in claims)  # it may explain
    assert rank(after) >= rank(before) or opened or known


@given(SEVERAL, CLAIMS)
@example([said("No known copyright restrictions", "host")], said("CC-BY-4.0", "host"))
@example([said("CC-BY-SA-4.0", "host"), said("CC-BY-NC-4.0", "aggregator")], said("MIT License", "host"))
def test_a_claim_of_equal_or_lower_rank_never_makes_a_category_free(claims: list[Said], new: Said) -> None:
    """Rules 4 and 7: a restriction that was stated stays in the category."""
    assume(below(claims, new))
    before, after = conclude(claims, Dataset()), conclude([*claims, new], Dataset())
    if before.category in FORBIDDING and after.category in FORBIDDING:
        assert CATEGORIES.index(after.category) >= CATEGORIES.index(before.category)
    assert before.category in ("free", "free-sharealike") or after.category not in ("free", "free-sharealike")


@given(SEVERAL, DATASETS, ACCESS, st.sampled_from(POLICIES))
def test_access_terms_stay_apart(claims: list[Said], dataset: Dataset, access: list[Said], under: str) -> None:
    """Rule 6: terms of the route change the access category and nothing else."""
    other = replace(dataset, access=tuple(access))
    found, again = conclude(claims, dataset, under), conclude(claims, other, under)
    assert replace(found, access_category=None) == replace(again, access_category=None)
    assert (again.access_category is None) == (not access)


@given(ACCESS)
def test_access_terms_of_a_dataset_stay_apart(access: list[Said]) -> None:
    dataset = Dataset("own", (said("CC-BY-4.0", "dataset"),))
    found = conclude_dataset(replace(dataset, access=tuple(access)))
    assert replace(found, access_category=None) == conclude_dataset(dataset)


@given(SEVERAL, DATASETS, st.sampled_from(POLICIES))
def test_what_is_not_determined_is_never_free(claims: list[Said], dataset: Dataset, under: str) -> None:
    """Rule 3."""
    for found in (conclude(claims, dataset, under), conclude([], dataset, under), conclude_dataset(dataset, under)):
        if found.license_concluded in ("NONE", "NOASSERTION"):
            assert found.verdict != "free"
            assert found.license_concluded != "NONE"  # NONE is declared, never concluded


@given(DATASETS, st.sampled_from(POLICIES))
def test_an_item_without_a_licence_inherits_only_from_its_own_publisher(dataset: Dataset, under: str) -> None:
    """Rule 5."""
    found = conclude([], dataset, under)
    assert found.license_declared == "NONE" or dataset.items_from == "own"
    if dataset.items_from != "own":
        assert (found.license_declared, found.license_concluded) == ("NONE", "NOASSERTION")
        assert found.verdict == "undetermined"
    if found.verdict == "free":
        licensed = [s for s in dataset.said if s.scope in WHOLE and policy.covers(s.reading.license) != "database"]
        assert any(policy.verdict(s.reading.license, under).verdict == "free" for s in licensed)


@given(DATASETS, st.sampled_from(POLICIES))
def test_a_dataset_is_free_only_where_every_scope_is_and_its_items_are_its_own(dataset: Dataset, under: str) -> None:
    found = conclude_dataset(dataset, under)
    if found.verdict == "free":
        assert dataset.items_from == "own"
        stated = [s for s in dataset.said if s.scope in (*WHOLE, "database") and s.reading.license != "NONE"]
        curated = {s.scope for s in stated if s.authority == "curation"}
        for s in stated:
            if s.authority == "curation" or s.scope not in curated:
                assert policy.verdict(s.reading.license, under).verdict == "free"
        assert any(s.scope in WHOLE and policy.covers(s.reading.license) != "database" for s in stated)


@given(SEVERAL, DATASETS, st.sampled_from(OWN))
def test_a_statement_that_says_nothing_changes_nothing(claims: list[Said], dataset: Dataset, authority: str) -> None:
    empty = said("", authority)
    assert conclude([*claims, empty], dataset) == conclude(claims, dataset)
    dataset = replace(dataset, said=(*dataset.said, said("CC-BY-4.0", "dataset")))
    told = replace(dataset, said=(*dataset.said, empty))
    assert conclude_dataset(told) == conclude_dataset(dataset)


@given(DATASETS, STATEMENTS, STATEMENTS, st.sampled_from(POLICIES))
def test_an_ancestor_never_makes_a_verdict_freer(
    dataset: Dataset, some: list[Said], more: list[Said], under: str
) -> None:
    """Rules 6 and 7: of the dataset as a whole, and of an item that inherits its licence."""
    dataset = replace(dataset, ancestors=())
    before, after = replace(dataset, ancestors=tuple(some)), replace(dataset, ancestors=(*more, *some))
    listed = [said("CC-BY-4.0", "aggregator")]  # by its collection, which may be made of what it was derived from
    if conclude(listed, after, under).verdict == "free":
        assert all(policy.verdict(a.reading.license, under).verdict != "non-free" for a in more)
    assert rank(conclude(listed, after, under)) >= rank(conclude(listed, dataset, under))
    for conclusion in (lambda d: conclude_dataset(d, under), lambda d: conclude([], d, under)):
        assert rank(conclusion(after)) >= rank(conclusion(before)) >= rank(conclusion(dataset))
        assert conclusion(before) == conclusion(replace(dataset, ancestors=tuple(some[::-1])))
        if conclusion(after).verdict == "free":
            assert all(policy.verdict(a.reading.license, under).verdict == "free" for a in more)


def test_what_a_dataset_was_derived_from_binds_it() -> None:
    """Rule 6: the restriction, and the step at which it enters, are named."""
    photos = said("CC-BY-NC-4.0", "dataset", "media", "photos")
    bound = Dataset("own", (said("CC0-1.0", "dataset"),), (), (photos,))
    for found in (conclude_dataset(bound), conclude([], bound)):
        assert (found.license_concluded, found.category, found.verdict) == ("CC0-1.0", "non-commercial", "non-free")
        assert found.reason == "it was derived from photos, of which is said: CC-BY-NC-4.0"
        assert "rule 6" in found.license_comments


def test_what_a_collection_was_made_from_leaves_what_an_items_own_host_says() -> None:
    """Which of its items came from there is not known of one that the collection alone calls free; a host knows."""
    made = Dataset("third-party", ancestors=(said("CC-BY-NC-4.0", "dataset", "media", "photos"),))
    found = {a: conclude([said("CC-BY-4.0", a)], made).verdict for a in ("author", "host", "uploader", "aggregator")}
    assert found == {"author": "free", "host": "free", "uploader": "undetermined", "aggregator": "undetermined"}


def test_the_worst_of_what_it_was_derived_from_decides() -> None:
    """Whatever comes first by its words."""
    vague = said("CC BY", "dataset", "media", "texts")
    for words in ("CC-BY-NC-4.0", "For research use only"):
        barred = said(words, "dataset", "media", "photos")
        for some in ((vague, barred), (barred, vague)):
            found = conclude([], Dataset("own", (said("CC0-1.0", "dataset"),), (), some))
            assert (found.verdict, "photos" in found.reason) == ("non-free", True)


def test_of_several_scopes_the_worst_decides_and_what_it_was_made_from_binds_them() -> None:
    media, whole = said("CC-BY-4.0", "dataset", "media"), said("CC-BY-NC-4.0", "dataset", "database")
    assert conclude_dataset(Dataset("own", (media, whole))).verdict == "non-free"
    free = (media, said("CC0-1.0", "dataset", "database"))
    assert conclude_dataset(Dataset("own", free)).verdict == "free"
    bound = conclude_dataset(Dataset("own", free, (), (said("CC-BY-NC-4.0", "dataset", "media", "photos"),)))
    assert (bound.verdict, bound.category) == ("non-free", "non-commercial")


def test_a_vague_statement_beside_an_exact_one_keeps_its_verdict() -> None:
    """Rule 7: what is said at equal rank cannot make it freer; the reason names the more exact one."""
    for claims in (["CC BY-SA", "CC-BY-SA-3.0"], ["CC-BY-SA-3.0", "CC BY-SA"]):
        found = conclude([said(c) for c in claims], Dataset())
        assert (found.license_concluded, found.verdict) == ("LicenseRef-CC-BY-SA", "undetermined")
        assert "CC-BY-SA-3.0, stated beside it at equal rank" in found.reason


def test_words_that_restrict_bind_though_no_licence_is_read_in_them() -> None:
    """Rule 7, below a free word and beside another that is unread."""
    limits = said("MIT License for non-commercial use", "aggregator")
    assert limits.reading.license == "NOASSERTION" and limits.reading.restrictions
    found = conclude([said("CC-BY-4.0", "host"), limits], Dataset())
    assert (found.license_concluded, found.category, found.verdict != "free") == ("NOASSERTION", "non-commercial", True)
    other = replace(limits, authority="host")
    for words in ("A website says it", "see the website"):
        for claims in ([said(words, "host"), other], [other, said(words, "host")]):
            assert conclude(claims, Dataset()).category == "non-commercial"


def test_a_curation_of_a_datasets_own_items_stands_for_what_it_decides() -> None:
    words = (said("CC BY-SA", "dataset"), said("CC-BY-SA-3.0", "curation"))
    found = conclude([said("CC-BY-SA-3.0", "uploader", place="header")], Dataset("own", words))
    assert (found.license_concluded, found.verdict) == ("CC-BY-SA-3.0", "free")


def test_terms_of_access_that_were_not_read_are_unknown() -> None:
    terms = (said("you must agree to the terms on our site", "access", "access"),)
    assert conclude([said("CC0-1.0")], Dataset(access=terms)).access_category == "unknown"
    assert conclude([said("CC0-1.0")], Dataset()).access_category is None


def test_a_history_is_one_hosts_and_explains_no_more_than_it_says() -> None:
    def dated(text: str, day: str, place: str = "flickr", authority: str = "host") -> Said:
        return said(text, authority, None, place, day)

    by, nc = dated("CC-BY-4.0", "2015-01-01"), dated("CC-BY-NC-4.0", "2010-01-01")
    copied = said("CC-BY-NC-4.0", "aggregator")
    assert conclude([by, nc, copied], Dataset()).license_concluded == "CC-BY-4.0", (
        "the aggregator copied what was said before"
    )
    for claims in (
        [by, dated("CC-BY-NC-4.0", "2010-01-01", "commons")],  # another host contradicts, whenever it speaks
        [dated("CC-BY-NC-4.0", "2015-01-01"), dated("CC-BY-4.0", "2010-01-01", "commons")],
        [by, nc, dated("CC-BY-NC-4.0", "2020-01-01", "list", "aggregator")],  # said after the change
        [by, dated("see the website", "2010-01-01"), said("For research use only, see the website", "aggregator")],
    ):
        found = conclude(claims, Dataset())
        assert (found.license_concluded, found.verdict != "free") == ("NOASSERTION", True), claims


def test_share_alike_is_a_restriction_that_must_not_be_lost() -> None:
    found = conclude([said("CC-BY-4.0", "host"), said("CC-BY-SA-4.0", "aggregator")], Dataset())
    assert (found.license_concluded, found.category) == ("NOASSERTION", "free-sharealike")
    assert conclude([said("CC-BY-SA-4.0", "host"), said("CC-BY-4.0", "aggregator")], Dataset()).verdict == "free"


def test_a_part_of_an_item_binds_it() -> None:
    """An observation under CC0 whose photo is not for commercial use, or of whose photo nothing could be read."""
    record = said("CC0-1.0", "aggregator")
    found = conclude([record, said("CC-BY-NC-4.0", "host", "part")], Dataset())
    assert (found.license_concluded, found.category) == ("CC0-1.0 AND CC-BY-NC-4.0", "non-commercial")
    assert found.verdict == "non-free"
    for parts in (
        [said("see the website", "host", "part")],
        [said("", "host", "part"), said("CC0-1.0", "host", "part")],
    ):
        found = conclude([record, *parts], Dataset())
        assert (found.license_concluded, found.category, found.verdict) == ("NOASSERTION", "unknown", "undetermined")


def test_what_a_dataset_says_of_all_its_items_binds_those_taken_from_it_until_their_host_speaks() -> None:
    """An aggregator's CC0 over icons whose project says that its CC0 is not theirs; or that they are not for sale."""
    taken, open_ = said("CC0-1.0", "aggregator"), said("See individual licenses.", "dataset", "part", "logos")
    found = conclude([taken, open_], Dataset())
    assert (found.license_declared, found.license_concluded) == ("CC0-1.0", "NOASSERTION")
    assert (found.verdict, "of all items of logos, where it comes from, is said" in found.reason) == (
        "undetermined",
        True,
    )
    barred = conclude([taken, said("CC-BY-NC-4.0", "dataset", "part", "logos")], Dataset())
    assert (barred.license_concluded, barred.verdict) == ("CC0-1.0 AND CC-BY-NC-4.0", "non-free")
    assert barred.conflict is not None and barred.conflict.startswith("aggregator against dataset; aggregator: CC0-1.0")
    for words in ("MIT", "CC-BY-ND-4.0"):
        own = conclude([taken, open_, said(words, "host")], Dataset())
        assert own == conclude([taken, said(words, "host")], Dataset())
    assert conclude([taken, open_, said("", "host")], Dataset()).verdict == "undetermined"


def test_what_a_file_says_of_itself_stands_and_is_told_where_its_publisher_says_otherwise() -> None:
    inside = said("CC-BY-NC-4.0", "embedded")
    for items_from in ("third-party", "mixed", "unknown"):
        whole = (said("MIT License", "dataset"), said("CC-BY-SA-4.0", "dataset"))
        found = conclude([inside], Dataset(items_from, whole))
        assert (found.license_concluded, found.verdict) == ("CC-BY-NC-4.0", "non-free")
        assert found.conflict is not None and found.conflict.startswith(
            "embedded against dataset; embedded: CC-BY-NC-4.0"
        )
        for among in ("CC-BY-NC-4.0", "see the website"):
            assert conclude([inside], Dataset(items_from, (said(among, "dataset"),))).conflict is None
        assert conclude([inside], Dataset(items_from, (*whole, said("CC-BY-NC-4.0", "dataset")))).conflict is None


def test_a_licence_of_what_was_added_is_not_the_items() -> None:
    for scope in ("annotations", "metadata", "database", "software"):
        found = conclude([said("CC0-1.0", "uploader", scope)], Dataset("third-party"))
        assert (found.license_declared, found.verdict) == ("NONE", "undetermined"), scope


ATOMS = st.sampled_from(
    ("CC-BY-4.0", "MIT", "CC-BY-NC-4.0", "CC-BY-SA-3.0", "CC-BY-2.0", "C-UDA-1.0", "LicenseRef-CC-BY")
)


@given(ATOMS, ATOMS, st.sampled_from(POLICIES))
def test_or_takes_the_best_and_the_worst(one: str, other: str, under: str) -> None:
    """Rule 8."""
    alone = [rank(conclude([said(x)], Dataset(), under)) for x in (one, other)]
    assert rank(conclude([said(f"{one} OR {other}")], Dataset(), under)) == min(alone)
    assert rank(conclude([said(f"{one} AND {other}")], Dataset(), under)) == max(alone)


def test_a_database_licence_does_not_license_contents() -> None:
    """Rule 5, of ODbL and ODC-By."""
    for text in ("ODbL-1.0", "ODC-By-1.0"):
        for scope in (None, "data", "database"):
            found = conclude([], Dataset("own", (said(text, "dataset", scope),)))
            assert (found.license_declared, found.license_concluded) == ("NONE", "NOASSERTION")
            assert (found.verdict, found.category) == ("undetermined", "unknown")
            assert (
                conclude_dataset(Dataset("own", (said(text, "dataset", scope),)), "open-definition").verdict
                == "undetermined"
            )
    both = Dataset("own", (said("ODC-By-1.0", "dataset", "database"), said("CC0-1.0", "dataset", "data")))
    assert conclude([], both).license_concluded == "CC0-1.0"


def test_academic_access_over_a_free_item() -> None:
    """Rule 6: ImageNet's terms of access over a photo that its host says is CC BY."""
    terms = said(
        "Researcher shall use the Database only for non-commercial research and educational purposes.",
        "access",
        "access",
    )
    found = conclude([said("CC-BY-2.0", "host")], Dataset("third-party", (), (terms,)), "open-definition")
    assert (found.license_concluded, found.category) == ("CC-BY-2.0", "free")
    assert (found.access_category, found.verdict) == ("academic-only", "free")


@pytest.mark.parametrize(
    ("claims", "licence", "category"),
    [
        ((("CC-BY-4.0", "host"), ("CC-BY-4.0", "aggregator")), "CC-BY-4.0", "free"),
        ((("CC BY", "aggregator"), ("CC-BY-2.0", "host")), "CC-BY-2.0", "free"),
        ((("CC-BY-NC-4.0", "aggregator"), ("CC-BY-4.0", "host")), "NOASSERTION", "non-commercial"),
        ((("CC-BY-4.0", "aggregator"), ("CC-BY-NC-4.0", "host")), "CC-BY-NC-4.0", "non-commercial"),
        ((("CC-BY-NC-4.0", "aggregator"), ("CC-BY-4.0", "curation")), "CC-BY-4.0", "free"),
        ((("see the website", "host"), ("CC-BY-4.0", "aggregator")), "NOASSERTION", "unknown"),
        ((("see the website", "aggregator"), ("CC-BY-4.0", "host")), "CC-BY-4.0", "free"),
    ],
)
def test_who_decides(claims: tuple[tuple[str, str], ...], licence: str, category: str) -> None:
    """Rules 5 to 7, by example; the lower claim that says something else is kept as a conflict."""
    found = conclude([said(*c) for c in claims], Dataset())
    assert (found.license_concluded, found.category) == (licence, category)
    assert (found.verdict == "free") <= (category == "free")


def test_a_dataset_that_forbids_what_its_item_allows() -> None:
    """Rules 5 and 7: of its own items the dataset is the lowest-ranked voice, but it is one; of others' works it is none."""
    stricter = (said("CC-BY-NC-4.0", "dataset", "media"),)
    item = [said("CC-BY-4.0", "uploader")]
    found = conclude(item, Dataset("own", stricter))
    assert (found.license_concluded, found.verdict) == ("NOASSERTION", "undetermined")
    assert found.conflict is not None and found.conflict.startswith("uploader against dataset; ")
    assert conclude(item, Dataset("third-party", stricter)).license_concluded == "CC-BY-4.0"


def test_a_rule_is_named_in_every_conclusion() -> None:
    host, other = said("CC-BY-4.0", "host"), said("CC-BY-4.0", "aggregator")
    assert conclude([host, other], Dataset()).license_comments.endswith(
        "as host states (rule 6; before aggregator, rule 5)"
    )
    assert "rule 4" in conclude([host, said("MIT", "host")], Dataset()).license_comments
    assert "rule 5" in conclude([], Dataset("own", (said("CC-BY-4.0", "dataset"),))).license_comments
    assert "rule 5" in conclude([], Dataset("third-party", (said("CC-BY-4.0", "dataset"),))).license_comments
    assert "rule 3" in conclude([], Dataset()).license_comments


def test_dates_matter_between_the_claims_on_one_item_only() -> None:
    """The stage hands a date on where an item's claims differ in it, whatever else stands on the page."""
    rows = [
        ("a", 0, "All rights reserved", "2020-01-01"),
        ("a", 0, "CC-BY-4.0", "2010-01-01"),
        ("b", 1, "CC-BY-4.0", "2010-01-01"),
        ("b", 1, "CC-BY-4.0", "2010-01-01"),
        ("c", 2, "CC-BY-4.0", None),
        ("c", 2, "CC-BY-NC-4.0", "2010-01-01"),
    ]
    claims = [{"item_id": i, "row": r, "license_text": t, "authority": "host", "as_of": d} for i, r, t, d in rows]
    judge = Judge(Dataset())
    found = judge.batch(pa.RecordBatch.from_pylist(claims, schema=CLAIM), "p").to_pylist()
    assert [(f["item_id"], f["license_concluded"], f["verdict"]) for f in found] == [
        ("a", "LicenseRef-All-Rights-Reserved", "undetermined"),
        ("b", "CC-BY-4.0", "free"),
        ("c", "NOASSERTION", "non-free"),
    ]
    alone = [
        judge.batch(pa.RecordBatch.from_pylist(claims[i : i + 2], schema=CLAIM), "p").to_pylist() for i in (0, 2, 4)
    ]
    assert [f for one in alone for f in one] == found


def test_a_mention_can_only_restrict() -> None:
    """A column without a role never frees an item; beside the dataset's own word it is the lower one."""
    mention, strict = said("CC-BY-4.0", "mention", place="notes"), said("CC-BY-NC-4.0", "mention", place="notes")
    alone = conclude([mention], Dataset())
    assert (alone.license_concluded, alone.verdict) == ("CC-BY-4.0", "undetermined")
    assert conclude([strict], Dataset()).verdict == "non-free"
    own = Dataset("own", (said("CC0-1.0", "dataset"),))
    assert (conclude([mention], own).license_concluded, conclude([mention], own).verdict) == ("CC0-1.0", "free")
    assert conclude([said("CC-BY-4.0", "uploader"), strict], Dataset()).license_concluded == "NOASSERTION"


def test_a_licence_of_the_database_alone_does_not_free_an_item() -> None:
    found = conclude([said("ODbL-1.0", "aggregator")], Dataset())
    assert (found.license_concluded, found.verdict) == ("ODbL-1.0", "undetermined")
    assert found.reason == "ODbL-1.0 covers the database, not its contents"
    with_contents = conclude([said("ODbL-1.0 AND LicenseRef-DbCL-1.0", "aggregator")], Dataset(), "open-definition")
    assert "covers the database" not in with_contents.reason


def test_a_publisher_who_forbids_elsewhere_what_its_own_label_allows() -> None:
    forbids = Dataset("unknown", (said("For research use only", "uploader", place="readme"),))
    own = conclude([said("CC-BY-4.0", "uploader")], forbids)
    assert (own.license_concluded, own.verdict, own.category) == ("NOASSERTION", "undetermined", "academic-only")
    others = conclude([said("CC-BY-4.0", "aggregator")], forbids)
    assert (others.license_concluded, others.verdict) == (
        "CC-BY-4.0",
        "free",
    )  # what others granted, it can't take back
    allows = conclude([said("see the website", "uploader")], Dataset("unknown", (said("CC0-1.0", "uploader"),)))
    assert allows.verdict == "undetermined"
