"""How far towns lie apart, as the crow flies; a town whose place is not in the data has no distance."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from types import MappingProxyType

from office.errors import SiteDataError
from office.sites import DATA, Coordinates, Site, normal, sites

__all__ = ["Nearest", "as_of", "distance_km", "nearest_site", "town_coordinates"]

FILE = DATA / "town_coordinates.tsv"
EARTH_KM = 6371.0
# Farther than this nobody is helped by hearing which of our offices is the nearest.
NEAR_KM = 60


@dataclass(frozen=True)
class Nearest:
    """The Integration Point whose main town is nearest, and about how many kilometres away it is."""

    site: Site
    km: int


def distance_km(one: str, other: str) -> int | None:
    """Return the whole kilometres between the centres of two towns; None if one of them is not in the data."""
    a, b = (town_coordinates().get(normal(name)) for name in (one, other))
    return None if a is None or b is None else round(_great_circle(a, b))


def nearest_site(town: str) -> Nearest | None:
    """Return the nearest site for a town outside; None if that cannot be told, or none is near."""
    found = [Nearest(site, km) for site in sites().values() if (km := distance_km(town, site.main_town)) is not None]
    best = min(found, key=lambda near: near.km, default=None)
    return best if best is not None and best.km <= NEAR_KM else None


def _great_circle(a: Coordinates, b: Coordinates) -> float:
    south, north = radians(a.latitude), radians(b.latitude)
    east = radians(b.longitude - a.longitude)
    half = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin(east / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(half))


def as_of() -> date:
    """Return the day of the coordinates."""
    return _read()[0]


def town_coordinates() -> Mapping[str, Coordinates]:
    """Return the centres of towns by normal name."""
    return _read()[1]


@cache
def _read() -> tuple[date, Mapping[str, Coordinates]]:
    return read_coordinates(FILE)


def read_coordinates(path: Path) -> tuple[date, Mapping[str, Coordinates]]:
    """Read a file of coordinates; raises SiteDataError that names the line."""
    found: dict[str, Coordinates] = {}
    stated: date | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("# as_of:"):
            stated = date.fromisoformat(line.removeprefix("# as_of:").strip())
        if not line.strip() or line.startswith("#"):
            continue
        try:
            name, latitude, longitude = line.split("\t")[:3]
            found[normal(name)] = Coordinates(float(latitude), float(longitude))
        except ValueError:
            raise SiteDataError(
                [f"{path.name}: line {number}: must be town, latitude, longitude, with tabs between."]
            ) from None
    if stated is None:
        raise SiteDataError([f"{path.name}: needs a line '# as_of: 2026-07-01' that says how old the data are."])
    return stated, MappingProxyType(found)
