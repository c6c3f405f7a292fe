"""Which column of a table says what: recognised from the names the field uses, or from the values of a headless table.

The names are those of the tables read for this: COCO-like and Openverse TSVs, Open Images, YFCC100M, LAION, img2dataset,
Common Voice, FSD, iNaturalist, Dolma, The Stack, Stack Exchange, bioregistry, MTEB (see docs of each in manifests/).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from auditor.errors import BadOption

ROLES: dict[str, tuple[str, ...]] = {
    "item_id": (
        *(
            "item_id",
            "image_id",
            "imageid",
            "photo_id",
            "photoid",
            "clip_id",
            "sample_id",
            "foreign_identifier",
            "foreign_id",
        ),
        *(
            "identifier",
            "id",
            "uid",
            "uuid",
            "object_id",
            "objectid",
            "photo_uuid",
            "key",
            "slice_file_name",
            "file_name",
            "filename",
            "fname",
            "file",
        ),
        *("path", "hexcode", "sentence_id", "slug", "prefix", "videoid", "hexsha", "name"),
    ),
    "item_url": (
        *(
            "item_url",
            "image_url",
            "imageurl",
            "photo_url",
            "original_url",
            "originalurl",
            "download_url",
            "downloadurl",
        ),
        *(
            "url",
            "content_url",
            "contenturl",
            "foreign_landing_url",
            "landing_url",
            "page_url",
            "pageurl",
            "link",
            "href",
        ),
        *("uri", "source_url", "metadata_url", "reference", "homepage", "source"),
    ),
    "license_text": (
        *(
            "license_expression",
            "license_spdx",
            "spdx_license",
            "spdx",
            "license_id",
            "license",
            "licence",
            "licenses",
            "licences",
        ),
        *(
            "license_name",
            "licence_name",
            "licensename",
            "license_title",
            "license_short_name",
            "license_code",
            "license_type",
        ),
        *("content_license", "contentlicense", "image_license", "detected_licenses", "metadata_license", "rights"),
        *(
            "dc_rights",
            "edm_rights",
            "dcterms_license",
            "dcterms_rights",
            "usage_terms",
            "usageterms",
            "rights_statement",
            "max_stars_repo_licenses",
        ),
    ),
    "license_url": (
        *(
            "license_url",
            "licence_url",
            "licenseurl",
            "license_uri",
            "licenseuri",
            "license_link",
            "license_href",
            "rights_uri",
        ),
        *(
            "rightsuri",
            "rights_statement_uri",
            "rights_statementuri",
            "web_statement",
            "webstatement",
            "cc_license_url",
        ),
    ),
    "license_version": ("license_version", "licence_version", "licenseversion"),
    "title": ("title", "name", "image_title", "caption", "text_title", "label_en", "annotation"),
    "creator": (
        *("creator", "author", "artist", "photographer", "username", "user_name", "uploader", "unickname", "owner"),
        *("rights_holder", "rightsholder", "openmoji_author", "contributor", "managedby", "user"),
    ),
    "split": ("split", "subset", "partition"),
    "label": ("label", "labels", "class", "class_name", "category", "species", "species_id", "group"),
    "language": ("language", "lang", "locale"),
    "copyright_text": ("copyright_text", "copyright", "copyright_notice", "copyrightnotice", "attribution"),
    "vocabulary": ("license_vocabulary",),
    "authority": (),  # never a column: `mention` where what the table says of licences only stands in the item, as links on a page do
    "was_derived_from": ("was_derived_from", "flickr_url", "original_landing_url", "originallandingurl"),
}

INSIDE = {  # keys of a licence given as an object
    "license_text": (
        *("spdx", "spdx_id", "id", "public_name", "name", "title", "short_name", "type", "license", "copyright", "def"),
    ),
    "license_url": ("url", "uri", "href", "path", "link"),
    "license_version": ("version",),
}
OBJECTS = (
    *("license", "licence", "licenses", "licences", "metadata_license", "rights"),
    *("rights_type", "image_rights", "license_info", "edm_rights"),  # Brooklyn Museum, Finna, Openverse, Europeana
)
# Objects of a record's own attributes
WRAPS = re.compile(r"(?i)^(?:_?links|attributes|metadata|properties|legal|_source)\.")

CODES = re.compile(
    r"(?i)(?:by|by-sa|by-nc|by-nd|by-nc-sa|by-nc-nd|by-nd-nc|nc|nd|sa|nc-sa|nc-nd|cc0|zero|pdm|mark|publicdomain|sampling\+?|nc-sampling\+)"
)
LOOKS = re.compile(
    r"(?i)creativecommons\.org|\bcc[ _-]?(?:by|0|zero)\b|\b(?:gpl|mit|apache|bsd)[ -]?(?:v?\d|licen)|licen[cs]ed? under|all rights reserved|"
    r"public domain|opendatacommons|rightsstatements\.org"
)
STEM = re.compile(r"(?:[a-z]+_)?licen[cs]e(?:_(?!(?:source|holder|owner|date|count)$)|$)")
NAMED = re.compile(
    r"(?i)licen[cs]|copyright|(?:^|[_.])rights?(?:[_.]|$)|(?:terms|conditions)(?:_of_use)?$|usage_terms|(?:use|usage)_?(?:rights|restrictions?|policy)"
    r"|(?:^|[_.])restrictions?$|(?:^|[_.])permissions?$|(?:^|[_.])usage$|(?:^|[_.])disclaimer$"
)
PROSE = frozenset(
    {
        "description",
        "descriptions",
        "notes",
        "note",
        "comment",
        "comments",
        "remarks",
        "summary",
        "about",
        "instructions",
    }
)
# Words of terms in a description; written for RE2. Only values that have one are read: most descriptions speak of other things.
TERMS = (
    r"(?i)\b(?:do not|don't|must not|may not|not (?:be )?[\"']?re-?(?:distribut|us|upload|post|sell|publish)|not (?:sell|for sale)|non-?commercial"
    r"|(?:no|not|not for) commercial|permission|rights reserved|copyright|licen[cs]e|terms of use|royalty"
    r"|(?:personal|private|educational|academic|research) (?:use|purposes?)|(?:ask|contact) me)"
)
RIGHTS = frozenset({"rights", "dc_rights", "dcterms_rights"})
# What in a field of rights is more than the name of who has them; written for RE2.
SPEAKS = (
    r"(?i:licen[cs]|reserved|commerc|domain|copyrighted|no copyright|creative ?commons|\bcc[ -]?(?:by|0|zero)|\bgpl|permission|permitted|rightsstatements"
    r"|gnu\.org|\b(?:uses?|used|terms|notice|restrict\w*|see|read|granted|allowed|credit|attribution|contact|unknown|none)\b"
    r"|\bfree(?:[ ,!]|$)|^(?:by|nc|nd|sa|zero|pdm|mark)(?:-(?:nc|nd|sa))*$)|^[A-Z]+[a-z]{0,2}[A-Z]+(?:-[A-Z]+)*$|^.{80}"
)
WEB = re.compile(r"(?i)(?:https?:)?//\S+|www\.\S+\.\S+")
NULLS = ("", "\\N", "\\\\N", "NULL", "null", "None", "NaN", "nan")


@dataclass
class Roles:
    """What was recognised: role -> columns (the first that has a value counts), and what was left aside."""

    columns: dict[str, list[str]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)  # columns that look like licence statements and have no role
    rights: list[str] = field(default_factory=list)  # who has them, beside a licence: read where it says more
    beside: list[str] = field(default_factory=list)  # those of them that are called so: what they say can only restrict
    prose: list[str] = field(default_factory=list)  # descriptions: where one speaks of terms, the same
    objects: list[str] = field(default_factory=list)  # JSON objects written as text: the same

    def needed(self) -> list[str]:
        """Return the columns that must be read."""
        named = [c for cs in (*self.columns.values(), self.rights, self.beside, self.prose, self.objects) for c in cs]
        return list(dict.fromkeys(named + [c for t in self.templates.values() for c in re.findall(r"{([^}]*)}", t)]))

    def said(self) -> str:
        """Say in words what was recognised."""
        every = {**{r: "|".join(c) for r, c in self.columns.items()}, **self.templates, **self.constants}
        return ", ".join(f"{r}={c}" for r, c in every.items()) or "no column recognised"


def norm(name: str) -> str:
    """Return a column name with case, spaces and punctuation folded: `License URL`, `licenseUrl` -> `license_url`."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", name.strip())
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def recognise(
    sample: Mapping[str, Sequence[str | None]],
    given: Mapping[str, str],
    *,
    named: bool,
    keyed: bool = False,
    where: str = "",
) -> Roles:
    """Give each role its columns from a sample (column -> values); `given` overrides; `named`: the columns have names.

    keyed: the records come from an object whose keys (column `@key`) are their ids.
    """
    roles = Roles()
    for role, said in given.items():
        _give(roles, role, said, list(sample), where)
    free = [c for c in sample if c not in roles.needed()]
    if named:
        _by_name(roles, sample, free, keyed)
    else:
        _by_value(roles, sample, free)
    _vocabulary(roles, sample)
    used = set(roles.needed())
    roles.unused = [c for c in sample if c not in used and _looks(c if named else "", sample[c])]
    return roles


def _give(roles: Roles, role: str, said: str, columns: list[str], where: str) -> None:
    if role not in ROLES:
        raise BadOption(f"--column {role}=…: there is no such role; the roles are {', '.join(ROLES)}.")
    if role == "authority":
        if said != "mention":
            raise BadOption(
                f"--column authority={said}: only `mention` can be said, that a licence only stands in the item."
            )
        roles.constants[role] = said
    elif "{" in said:
        missing = [c for c in re.findall(r"{([^}]*)}", said) if c not in columns]
        if missing:
            raise BadOption(f"--column {role}={said}: {where} has no column {missing[0]!r}; it has {_listed(columns)}.")
        roles.templates[role] = said
    elif said in columns:
        roles.columns[role] = [said]
    elif said.isdigit() and int(said) < len([c for c in columns if c != "@key"]):
        roles.columns[role] = [[c for c in columns if c != "@key"][int(said)]]
    elif role == "vocabulary":
        roles.constants[role] = said
    else:
        raise BadOption(f"--column {role}={said}: {where} has no column {said!r}; it has {_listed(columns)}.")


def _listed(columns: list[str]) -> str:
    shown = ", ".join(columns[:20])
    return shown + (f" and {len(columns) - 20} more" if len(columns) > 20 else "")


def _by_name(roles: Roles, sample: Mapping[str, Sequence[str | None]], free: list[str], keyed: bool) -> None:
    names: dict[str, str] = {}
    for column in free:
        names.setdefault(norm(column), column)
    for column in free:
        if NAMED.search(bare := norm(WRAPS.sub("", column))):
            names.setdefault(bare, column)
    taken = set(roles.needed())
    for role, known in ROLES.items():
        if role in roles.columns or role in roles.templates or role in roles.constants:
            continue
        found = [names[k] for k in known if k in names and names[k] not in taken]
        if role == "item_id":
            found = ["@key"] if keyed else [c for c in found if distinct(sample[c])][:1]
        elif role == "item_url":
            found = [c for c in found if _share(WEB, sample[c]) >= 0.8][:1]
        elif role in INSIDE:
            if role == "license_text" and found and _holds_names(found[0], sample, names):
                roles.rights, found = found[:1], found[1:]
            found = found[:1] + [names[f"{o}_{k}"] for o in OBJECTS for k in INSIDE[role] if f"{o}_{k}" in names]
        else:
            found = [c for c in found if role != "title" or c not in taken][:1]
        found = [c for c in dict.fromkeys(found) if c not in taken and any(v is not None for v in sample[c])]
        if found:
            roles.columns[role] = found
            taken.update(found if role != "item_id" else [])
    _only_one(roles, sample, names, taken)
    _only_address(roles, sample, taken)


def _holds_names(column: str, sample: Mapping[str, Sequence[str | None]], names: Mapping[str, str]) -> bool:
    """Say whether a column of rights mostly names who has them, while one that is called like a licence stands beside it."""
    if norm(column) not in RIGHTS or _share(re.compile(SPEAKS), sample[column], whole=False) >= 0.5:
        return False
    beside = [c for n, c in names.items() if n in ROLES["license_url"] or STEM.match(n)]
    return any(v is not None for c in beside for v in sample[c])


def _only_one(
    roles: Roles, sample: Mapping[str, Sequence[str | None]], names: Mapping[str, str], taken: set[str]
) -> None:
    """Where nothing says a licence so far, the one column that is called something like it does: `license_raw`.

    Without one, that of copyright notices, where they mostly go on to a licence: Auckland Museum's `© … CC BY`.
    """
    if any(r in roles.columns or r in roles.templates for r in ("license_text", "license_url")):
        return
    stems = dict.fromkeys(c for n, c in names.items() if STEM.match(n))
    like = [c for c in stems if c not in taken and any(v is not None for v in sample[c])]
    if len(like) == 1:
        web = _share(WEB, sample[like[0]]) >= 0.8
        roles.columns["license_url" if web else "license_text"] = like
    notices = roles.columns.get("copyright_text", [])
    if not like and notices and _share(LOOKS, sample[notices[0]], whole=False) >= 0.5:
        roles.columns["license_text"] = notices[:1]


def _only_address(roles: Roles, sample: Mapping[str, Sequence[str | None]], taken: set[str]) -> None:
    """Where no column is called like the item's address, the one whose values are addresses and no licences gives it."""
    if "item_url" in roles.columns or "item_url" in roles.templates:
        return
    web = [c for c in sample if c not in taken and _share(WEB, sample[c]) >= 0.9]
    if len(web) == 1 and not NAMED.search(web[0]) and _share(LOOKS, sample[web[0]], whole=False) < 0.1:
        roles.columns["item_url"] = web


def _by_value(roles: Roles, sample: Mapping[str, Sequence[str | None]], free: list[str]) -> None:
    def first(role: str, fits: "list[str]") -> None:
        if role not in roles.columns and role not in roles.templates and fits:
            roles.columns[role] = fits[:1]

    columns = list(sample)
    codes = [c for c in free if _share(CODES, sample[c]) >= 0.9]
    first("license_url", [c for c in free if _share(re.compile(r"(?i)\S*creativecommons\.org/\S+"), sample[c]) >= 0.9])
    first(
        "license_text",
        codes or [c for c in free if _share(LOOKS, sample[c], whole=False) >= 0.9 and c not in roles.needed()],
    )
    for column in roles.columns.get("license_text", []):
        after = columns[columns.index(column) + 1 :][:1]
        first("license_version", [c for c in after if _share(re.compile(r"\d\.\d"), sample[c]) >= 0.9])
    first("item_url", [c for c in free if c not in roles.needed() and _share(WEB, sample[c]) >= 0.9])
    short = re.compile(r"[\w.:/@+-]{1,100}")
    first(
        "item_id",
        [c for c in free if _share(short, sample[c]) >= 0.99 and distinct(sample[c]) and _share(WEB, sample[c]) < 0.5],
    )


def _vocabulary(roles: Roles, sample: Mapping[str, Sequence[str | None]]) -> None:
    """A column of Creative Commons' bare codes (`by-nc`) is read as such; a bare `by` alone means nothing."""
    if "vocabulary" in roles.columns or "vocabulary" in roles.constants:
        return
    texts = roles.columns.get("license_text", [])
    if len(texts) == 1 and _share(CODES, sample[texts[0]]) >= 0.9:
        roles.constants["vocabulary"] = "openverse"


def _looks(name: str, values: Sequence[str | None]) -> bool:
    said = [v for v in values if v]
    return bool(said) and (is_called_so(name) or _share(LOOKS, said, whole=False) >= 0.3)


def is_called_so(name: str) -> bool:
    """Say whether a column's name says that licences, rights or terms stand in it."""
    return bool(NAMED.search(name) or NAMED.search(norm(name)))


def _share(pattern: re.Pattern[str], values: Sequence[str | None], whole: bool = True) -> float:
    said = [v.strip() for v in values if v is not None]
    match = pattern.fullmatch if whole else pattern.search
    return sum(bool(match(v)) for v in said) / len(said) if said else 0.0


def distinct(values: Sequence[str | None]) -> bool:
    """Say whether the values tell rows apart: at most one in ten missing or standing twice."""
    return bool(values) and len(set(values) - {None}) >= 0.9 * len(values)
