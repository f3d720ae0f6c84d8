"""Integration Points as data: a folder of YAML files each, read once, checked with errors a clerk understands."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from office.errors import SiteDataError, UnknownSite

__all__ = [
    "Access",
    "Address",
    "AppointmentRules",
    "Consent",
    "Coordinates",
    "Handover",
    "Hours",
    "Intake",
    "IntakeField",
    "Origin",
    "Site",
    "SpecialDay",
    "Town",
    "TownMatch",
    "find_site",
    "find_town",
    "get_site",
    "load_sites",
    "normal",
    "sites",
]

DATA = Path(__file__).parent / "data"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Periods = tuple[tuple[time, time], ...]
Route = Literal["direct", "referral", "voluntary_or_compulsory"]


@dataclass(frozen=True)
class Town:
    """A municipality; `spellings` are other ways people write it, in any script."""

    name: str
    spellings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Address:
    street: str
    postcode: str
    city: str


@dataclass(frozen=True)
class SpecialDay:
    """What holds on one day instead of the week's pattern and the holidays; no periods: closed.

    `by_appointment`: on that day the office is there for people with an appointment only.
    """

    periods: Periods
    by_appointment: bool = False


@dataclass(frozen=True)
class Hours:
    """Weekly opening hours; index 0 is Monday. Public holidays of NRW are closed without being named here.

    A period that ends at 0:00 ends at midnight. `by_appointment` are the weekdays on which appointments are
    given outside the periods; a weekday of them without periods is 'by appointment only', not closed.
    """

    weekly: tuple[Periods, ...]
    by_appointment: frozenset[int]
    special: Mapping[date, SpecialDay]


@dataclass(frozen=True)
class AppointmentRules:
    """How slots are cut: length and horizon, how long ahead, and how many counters work side by side."""

    length_minutes: int
    notice_hours: int
    horizon_weeks: int
    counters: int


@dataclass(frozen=True)
class Access:
    """How people come to this office.

    `route` is "direct" (anyone of the groups may come), "referral" (the offices in `through` pre-select and
    send people) or "voluntary_or_compulsory". `groups` are residence statuses or target groups, as codes;
    `nationalities` those the office named as having a good prospect to stay. `max_months` is the longest stay.
    """

    route: Route
    through: tuple[str, ...]
    groups: tuple[str, ...]
    compulsory_since: date | None
    max_months: int | None
    nationalities: tuple[str, ...] | None = None
    voluntary_for: tuple[str, ...] | None = None
    compulsory_for: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Coordinates:
    """Where a house or the centre of a town lies, in degrees (WGS 84)."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Origin:
    """On which day data were true, when staff confirmed them (None: never), and where they are from."""

    as_of: date
    confirmed_on: date | None
    source: str


@dataclass(frozen=True)
class IntakeField:
    """One thing the intake form asks; `fact` is the assistant's name for it, None: it does not ask that."""

    name: str
    always: bool
    fact: str | None


@dataclass(frozen=True)
class Intake:
    """The intake form (Erhebungsbogen). `fields_from` "draft": the office's own form is not known to us."""

    form: str | None
    shared_by: tuple[str, ...] | None
    fields_from: str | None
    fields: tuple[IntakeField, ...] | None
    origin: Origin


@dataclass(frozen=True)
class Consent:
    """The consent to pass data on (Einverständniserklärung): which data, and to whom."""

    form: str | None
    data: tuple[str, ...] | None
    recipients: tuple[str, ...] | None
    origin: Origin


@dataclass(frozen=True)
class Handover:
    """What happens when another office becomes responsible; `within_days` are calendar days.

    `passed_on` goes from office to office, `person_gets` is given to the person early; `benefit_ends`
    "when_granted": the old benefit stops only once the new one is granted.
    """

    way: str | None
    starts_with: str | None
    between: tuple[str, ...] | None
    within_days: int | None
    passed_on: tuple[str, ...] | None
    person_gets: tuple[str, ...] | None
    benefit_ends: str | None
    adviser: str | None
    leaves_when: tuple[str, ...] | None
    origin: Origin


@dataclass(frozen=True)
class Site:
    """One Integration Point. None always means: not known; nothing is assumed in its place.

    `as_of` is the day on which the data were true; `confirmed_on` the day staff confirmed them, None: never.
    `languages` and `interpreters` are ISO 639 codes; `services`, `benefits` and `employers` are codes, put
    into words elsewhere. Intake, consent and hand-over are None only where a test builds a site by hand.
    """

    id: str
    name: str
    county: str
    towns: tuple[Town, ...]
    main_town: str
    outposts: tuple[str, ...]
    address: Address | None
    email: tuple[str, ...]
    employer_email: tuple[str, ...]
    phone: str | None
    coordinates: Coordinates | None
    hours: Hours | None
    appointments: AppointmentRules | None
    languages: tuple[str, ...] | None
    interpreters: tuple[str, ...] | None
    access: Access
    services: tuple[str, ...]
    benefits: str | None
    employers: tuple[str, ...]
    as_of: date
    confirmed_on: date | None
    source: str
    intake: Intake | None = None
    consent: Consent | None = None
    handover: Handover | None = None
    house: Mapping[str, bool] = field(default_factory=dict)
    """What the house has and has not (codes: site_words.HOUSE); what is missing here is not known."""


@dataclass(frozen=True)
class TownMatch:
    """A town that was recognised. `site` None: it is outside all sites. `exact` False: guessed."""

    town: str
    site: Site | None
    exact: bool


def sites() -> Mapping[str, Site]:
    """Return all Integration Points by id; the files are read at the first call only."""
    return _all_sites()


@cache
def _all_sites() -> Mapping[str, Site]:
    return load_sites(DATA / "sites")


def load_sites(folder: Path) -> Mapping[str, Site]:
    """Read every site of a folder, one folder each; raises SiteDataError that lists all faults of all files."""
    from office.site_files import read_site

    faults = [
        f"{path.name}: a site is a folder; put this file into {path.stem}/ and call it site.yml."
        for path in sorted(folder.glob("*.y*ml"))
    ]
    found: dict[str, Site] = {}
    owner: dict[str, str] = {}
    for path in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "_"))):
        try:
            site = read_site(path)
        except SiteDataError as error:
            faults += error.faults
            continue
        found[site.id] = site
        for town in site.towns:
            first = owner.setdefault(normal(town.name), path.name)
            if first != path.name:
                faults.append(
                    f"{path.name}/site.yml: towns: {town.name} is in {first}/site.yml as well; a town has one site."
                )
    if faults:
        raise SiteDataError(faults)
    return MappingProxyType(found)


def get_site(id: str) -> Site:
    """Return the site with this id; raises UnknownSite, which names those there are."""
    try:
        return sites()[id]
    except KeyError:
        raise UnknownSite(f"There is no site {id!r}; there are: {', '.join(sites())}.") from None


# Words that stand before a town's name without being part of it.
_BEFORE = re.compile(
    r"^(?:(?:integration ?points?|kreis|landkreis|stadt|gemeinde|county of|county|city of|city|town of|town|"
    r"district|in|im|bei|near|aus|from|مدينه|منطقه|بلديه|في|من) )+"
)
# Letters that Arabic, Persian and Kurdish keyboards give for what the reader takes as the same sound.
_ARABIC_SAME = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ئ": "ي", "ة": "ه", "ؤ": "و", "ک": "ك"}
    | {"گ": "غ", "ڤ": "ف", "پ": "ب", "چ": "ش", "ژ": "ز", "\u0640": ""}
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
# Words of everyday questions that are one letter away from a town (Hilden, Spenge).
_ORDINARY = frozenset({"hidden", "hilfen", "bilden", "spende", "spenden"})
# 'in', 'to' and 'and' are one letter in Arabic, written together with the name.
_ARABIC_BEFORE = re.compile(r"^(?:[وفبلك]|ال)(?=[\u0600-\u06ff]{3})")


def normal(name: str) -> str:
    """Return a name as it is compared: small letters, umlauts as two letters, no marks, single spaces."""
    return _plain(unicodedata.normalize("NFC", name).casefold().translate(_UMLAUTS))


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold().translate(_ARABIC_SAME))
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter)).translate(_ARABIC_SAME)
    return " ".join(re.sub(r"[^\w]+|_", " ", kept).split())


def find_site(name: str) -> Site | None:
    """Return the site for a town, a county or a site's own name; None if none of ours or not clear.

    Misspelt names are understood where only one town can be meant. Never a confident wrong town: a name
    that is as close to a town elsewhere gives None.
    """
    match = find_town(name)
    return match.site if match else None


@lru_cache(maxsize=2048)
def find_town(name: str) -> TownMatch | None:
    """Return the town that is meant, one outside our sites included; None if it cannot be told."""
    if len(name) > 80:
        return None
    index = _index()
    keys = {shorter for key in (normal(name), _plain(name)) for shorter in (key, _BEFORE.sub("", key))}
    keys |= {_ARABIC_BEFORE.sub("", key) for key in keys}
    for key in sorted(keys, key=len, reverse=True):
        if key in index:
            return index[key]
    guesses = [_guess(key) for key in sorted(keys, key=len) if len(key) >= 4]
    return next((guess for guess in guesses if guess), None)


def _guess(key: str) -> TownMatch | None:
    """Return the town that is meant by a misspelt name; None if there is none, or more than one site's."""
    if key in _ORDINARY:
        return None
    found: list[tuple[int, TownMatch]] = []
    for known, match in _index().items():
        # The first letter is hardly ever the wrong one, and 'zahlen' is not Ahlen.
        if known[0] == key[0] and abs(len(known) - len(key)) <= 2:
            distance = _distance(key, known)
            # A town elsewhere counts against ours at one letter, however short it is.
            if distance <= max(_letters_wrong(known), 0 if match.site else 1):
                found.append((distance, match))
    closest = min((distance for distance, _ in found), default=0)
    nearest = [match for distance, match in found if distance == closest]
    if len({match.site.id if match.site else match.town for match in nearest}) != 1:
        return None
    return TownMatch(nearest[0].town, nearest[0].site, exact=False)


def _letters_wrong(known: str) -> int:
    """Return how many letters may be wrong. None in a short name: too many ordinary words are as near."""
    return 0 if len(known) < 6 else 1 if len(known) < 8 else 2


def _distance(one: str, other: str) -> int:
    """Return how many letters must be changed, added, left out or swapped with their neighbour."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, wanted in enumerate(other, 1):
            cost = min(above[column] + 1, line[-1] + 1, above[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and wanted == one[row - 2]:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, above = above, line
    return above[-1]


@cache
def _index() -> Mapping[str, TownMatch]:
    index: dict[str, TownMatch] = {}
    for line in (DATA / "towns_elsewhere.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            names = [name.strip() for name in line.split("=")]
            for name in names:
                _enter(index, name, TownMatch(names[0], None, exact=True))
    for site in sites().values():
        for name in (site.id, site.name, site.county):
            _enter(index, name, TownMatch(site.main_town, site, exact=True))
        for town in site.towns:
            for name in (town.name, *town.spellings):
                _enter(index, name, TownMatch(town.name, site, exact=True))
    return MappingProxyType(index)


def _enter(index: dict[str, TownMatch], name: str, match: TownMatch) -> None:
    # 'Wülfrath' is also written 'Wulfrath' by people whose keyboard has no umlauts.
    index[normal(name)] = match
    index[_plain(name)] = match
