"""Where an item comes from, under one name whatever the URL: `flickr:photo:123` of every form of a Flickr photo's URL.

The names are what following asks for: a key is asked once, however many items share it. A URL that is not
certainly one thing has no name: better none than another's.

Sources of the forms. Flickr: the tests of the repository Flickr-Foundation/flickr-url-parser, the fall11 list of
ImageNet, YFCC100M's list of videos. Wikimedia: fall11. iNaturalist: the API answers that pyinaturalist recorded.
Freesound: ESC-50's LICENSE, recorded API answers. Internet Archive: the links of bioregistry and Common Pile rows. GBIF: recorded
API answers (rgbif). Openverse: its API's documentation. Simple Icons: README.md of npm simple-icons 16.37.0 ("CDN Usage").
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    import pyarrow as pa

START = r"(?i)^(?:https?:)?(?://)?(?:www\.)?"
END = r"(?:[/?#].*)?$"
USER = r"(?:[0-9]+@N[0-9]+|[\w.%-]+)"
# Unambiguous at every letter, so that RE2 matches in one pass, three times as fast.
PICTURE = r"(?P<id>[0-9]+)_[0-9a-f]{6,}(?:_[a-z0-9]{1,2}){0,2}\.(?:jpe?g|png|gif)(?:(?:[?#/]|%3F).*)?$"

# One named group, `id`; written for Python's re and for RE2 alike, so no look-around.
PLAIN: tuple[tuple[str, str], ...] = (
    ("flickr:photo:", START + r"(?:farm[0-9]+\.|live\.)?static\.?flickr\.com/[0-9]+/" + PICTURE),
    ("flickr:photo:", START + r"c[0-9]+\.staticflickr\.com/[0-9]+/[0-9]+/" + PICTURE),
    ("flickr:photo:", START + r"photos[0-9]+\.flickr\.com/(?:[0-9]+/)?" + PICTURE),
    ("flickr:photo:", START + r"live\.staticflickr\.com/video/(?P<id>[0-9]+)/[0-9a-f]{6,}/.*$"),
    ("flickr:photo:", START + r"(?:m\.|secure\.)?flickr\.com/photos?/+" + USER + r"/+(?P<id>[0-9]+)" + END),
    ("flickr:photo:", START + r"flickr\.com/videos/" + USER + r"/(?P<id>[0-9]+)/play/.*$"),
    ("flickr:photo:", START + r"flickr\.com/(?:photo|video)\w*\.gne\?(?:[^#]*&)?id=(?P<id>[0-9]+)(?:[&#].*)?$"),
    (
        "inaturalist:photo:",
        START + r"(?:static\.)?inaturalist(?:-open-data\.s3\.amazonaws\.com|\.org)/photos/(?P<id>[0-9]+)" + END,
    ),
    ("inaturalist:observation:", START + r"inaturalist\.org/observations/(?P<id>[0-9]+)" + END),
    ("freesound:sound:", START + r"freesound\.org/people/[^/?#]+/sounds/(?P<id>[0-9]+)" + END),
    ("freesound:sound:", START + r"freesound\.org/(?:s|apiv2/sounds)/(?P<id>[0-9]+)" + END),
    (
        "freesound:sound:",
        START
        + r"(?:cdn\.)?freesound\.org/(?:data/)?previews/[0-9]+/(?P<id>[0-9]+)_[0-9]+-[hl]q\.(?:mp3|ogg)(?:\?.*)?$",
    ),
    ("gbif:occurrence:", START + r"(?:api\.)?gbif\.org/(?:v1/)?occurrence/(?P<id>[0-9]+)" + END),
    ("openverse:image:", START + r"(?:api\.)?openverse\.org/(?:v1/images|image)/(?P<id>[0-9a-f-]{36})" + END),
    ("openverse:audio:", START + r"(?:api\.)?openverse\.org/(?:v1/)?audio/(?P<id>[0-9a-f-]{36})" + END),
    ("simple-icons:icon:", START + r"cdn\.simpleicons\.org/(?P<id>[a-z0-9_-]+)" + END),
    (
        "simple-icons:icon:",
        START + r"(?:cdn\.jsdelivr\.net/npm|unpkg\.com)/simple-icons(?:@[^/]+)?/icons/(?P<id>[a-z0-9_-]+)\.svg" + END,
    ),
    ("internet-archive:item:", START + r"archive\.org/(?:details|download|stream)/(?P<id>[\w.-]+)" + END),
)
# The page of each, in one of the forms above that need no more than its number.
PAGES = {
    "flickr:photo:": "https://www.flickr.com/photo.gne?id={}",
    "inaturalist:photo:": "https://www.inaturalist.org/photos/{}",
    "inaturalist:observation:": "https://www.inaturalist.org/observations/{}",
    "freesound:sound:": "https://freesound.org/s/{}/",
    "gbif:occurrence:": "https://www.gbif.org/occurrence/{}",
    "openverse:image:": "https://openverse.org/image/{}",
    "openverse:audio:": "https://openverse.org/audio/{}",
    "simple-icons:icon:": "https://cdn.simpleicons.org/{}",
    "internet-archive:item:": "https://archive.org/details/{}",
    "commons:file:": "https://commons.wikimedia.org/wiki/File:{}",
}
# What the things of one prefix are, for people.
CALLED = {
    "flickr:photo": "photos on Flickr",
    "inaturalist:photo": "photos on iNaturalist",
    "inaturalist:observation": "observations on iNaturalist",
    "freesound:sound": "sounds on Freesound",
    "gbif:occurrence": "occurrences at GBIF",
    "openverse:image": "pictures found by Openverse",
    "openverse:audio": "sounds found by Openverse",
    "simple-icons:icon": "icons of Simple Icons",
    "internet-archive:item": "items of the Internet Archive",
    "commons:file": "files on Wikimedia Commons",
}
NOT_PHOTOS = r"(?i)flickr\.com/photos?/+(?:tags|archives|sets)/"  # here the number is not a photo's
HOSTS = r"(?i)flickr|flic\.kr|wikimedia\.org|wikipedia\.org|inaturalist|freesound\.org|archive\.org|gbif\.org|openverse\.org|simple-?icons"

SHORT = re.compile(
    START + r"(?:flic\.kr/p/|flickr\.com/photo\.gne\?short=)(?P<short>(?-i:[1-9A-HJ-NP-Za-km-z]{1,12}))(?:[/?#&].*)?$"
)
BASE58 = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
UPLOAD = re.compile(
    START
    + r"upload\.wikimedia\.org/(?P<project>[a-z]+)/(?P<wiki>[a-z-]+)/(?:thumb/|transcoded/)?(?P<old>archive/)?"
    + r"[0-9a-f]/[0-9a-f]{2}/(?P<name>[^/?#]+)"
    + END
)
FILE_PAGE = re.compile(
    START
    + r"(?P<wiki>[a-z-]+)\.(?:m\.)?(?P<project>wikimedia|wikipedia)\.org/(?:wiki/|w/index\.php\?title=)"
    + r"(?:(?:File|Image)(?::|%3A)|Special(?::|%3A)(?:FilePath|Redirect/file)/)(?P<name>[^/?#&]+)(?:[/?#&].*)?$"
)

_PLAIN = tuple((prefix, re.compile(pattern, re.ASCII)) for prefix, pattern in PLAIN)
_HOSTS, _NOT_PHOTOS = re.compile(HOSTS), re.compile(NOT_PHOTOS)


def canonical(url: str | None) -> str | None:
    """Return the origin's name, as `host:kind:id`, or None for a URL of no known form."""
    if url is None or not _HOSTS.search(url):
        return None
    url = url.strip(" \t\r\n")
    if _NOT_PHOTOS.search(url):
        return None
    for prefix, pattern in _PLAIN:
        if found := pattern.match(url):
            return prefix + found["id"]
    return next((name for rule in _OTHERS if (name := rule(url)) is not None), None)


def called(place: str) -> str:
    """Say what lies at a place that `canonical` names the things of, like `flickr:photo`; empty for any other, as a host."""
    project, _, wiki = place.partition(":")
    if project in ("wikipedia", "wikimedia") and wiki:
        return f"files on {wiki}.{project}.org"
    return CALLED.get(place, "")


def canonical_array(urls: "pa.Array") -> "pa.Array":
    """Return the origins' names of an Arrow array: `canonical` of each, in bulk; null where there is none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(urls.type):
        return canonical_array(urls.dictionary).take(urls.indices)
    places = pc.indices_nonzero(pc.match_substring_regex(urls, HOSTS).fill_null(False))
    if not len(places):
        return pa.nulls(len(urls), pa.string())
    some = pc.ascii_trim(urls.take(places), " \t\r\n")
    some = pc.if_else(pc.match_substring_regex(some, NOT_PHOTOS), None, some)
    names = pa.nulls(len(some), pa.string())
    for prefix, pattern in PLAIN:
        left = pc.if_else(pc.is_null(names), some, None)
        if left.null_count == len(left):
            break
        ids = pc.struct_field(pc.extract_regex(left, pattern), [0])
        names = pc.coalesce(names, pc.binary_join_element_wise(prefix, ids, ""))
    names = _rest(names, some)
    return names if len(names) == len(urls) else _spread(names, places, len(urls))


def _rest(names: "pa.Array", urls: "pa.Array") -> "pa.Array":
    """Name those of the rarer forms, one by one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    places = pc.indices_nonzero(pc.and_(pc.is_null(names), pc.is_valid(urls)))
    if not len(places):
        return names
    found = pa.array([canonical(u) for u in urls.take(places).to_pylist()], pa.string())
    return pc.coalesce(names, _spread(found, places, len(names)))


def _spread(values: "pa.Array", places: "pa.Array", length: int) -> "pa.Array":
    """Put values at their places in an array of nulls."""
    import numpy as np
    import pyarrow as pa

    indices = np.full(length, len(values), dtype=np.int64)
    indices[places.to_numpy(zero_copy_only=False)] = np.arange(len(values))
    return pa.concat_arrays([values, pa.nulls(1, pa.string())]).take(pa.array(indices))


def _short(url: str) -> str | None:
    """Flickr's short links hold the photo's number in base 58."""
    found = SHORT.match(url)
    if found is None:
        return None
    number = 0
    for letter in found["short"]:
        number = number * 58 + BASE58.index(letter)
    return f"flickr:photo:{number}"


def _upload(url: str) -> str | None:
    found = UPLOAD.match(url)
    if found is None:
        return None
    name = unquote(found["name"])
    if found["old"]:
        name = re.sub(r"^[0-9]{14}!", "", name)
    return _file(found["project"], found["wiki"], name)


def _page(url: str) -> str | None:
    found = FILE_PAGE.match(url)
    return None if found is None else _file(found["project"], found["wiki"], unquote(found["name"]))


def _file(project: str, wiki: str, name: str) -> str:
    """Name a file by its wiki; a title's first letter is upper case there, and a space is an underscore."""
    project, wiki = project.lower(), wiki.lower()
    title = name.replace(" ", "_")
    title = title[:1].upper() + title[1:]
    place = "commons" if wiki == "commons" else f"{project}:{wiki}"
    return f"{place}:file:{title}"


_OTHERS: tuple[Callable[[str], str | None], ...] = (_short, _upload, _page)
