"""Distances between towns: from dated coordinates with a source, or not said at all."""

from datetime import date

import pytest

from office.errors import SiteDataError
from office.sites import sites
from office.towns import FILE, as_of, distance_km, nearest_site, read_coordinates, town_coordinates


@pytest.mark.parametrize(
    ("one", "other", "km"),
    # As measured on a map, to a few kilometres.
    [("Mettmann", "Düsseldorf", 14), ("Herford", "Bielefeld", 15), ("Ahlen", "Münster", 30), ("Ahlen", "Herford", 67)],
)
def test_known_distances_are_met(one, other, km):
    assert abs(distance_km(one, other) - km) <= 3
    assert distance_km(one, other) == distance_km(other, one)


def test_a_town_is_no_way_from_itself_however_it_is_written():
    assert distance_km("Wülfrath", "wuelfrath") == 0


def test_every_town_of_ours_has_its_place():
    assert [
        town.name for site in sites().values() for town in site.towns if distance_km(town.name, site.main_town) is None
    ] == []


def test_a_town_the_data_do_not_know_has_no_distance():
    assert distance_km("Atlantis", "Ahlen") is None
    assert nearest_site("Atlantis") is None
    # There are several towns of this name, so none is in the data.
    assert distance_km("Langen", "Ahlen") is None


@pytest.mark.parametrize(
    ("town", "site"), [("Düsseldorf", "mettmann"), ("Bielefeld", "herford"), ("Hamm", "warendorf")]
)
def test_the_nearest_site_is_told_for_a_town_nearby(town, site):
    assert nearest_site(town).site.id == site


@pytest.mark.parametrize("town", ["Berlin", "München", "Hamburg"])
def test_far_away_no_site_is_near(town):
    assert nearest_site(town) is None


def test_the_data_carry_their_day_and_source():
    assert as_of() == date(2026, 7, 1)
    assert "GeoNames" in FILE.read_text(encoding="utf-8").splitlines()[1]
    assert len(town_coordinates()) > 200


@pytest.mark.parametrize(("text", "said"), [("Ahlen\t51", "line 1"), ("Ahlen\tnorth\t7.1", "line 1"), ("", "as_of")])
def test_a_broken_file_names_its_line(tmp_path, text, said):
    path = tmp_path / "towns.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SiteDataError, match=said):
        read_coordinates(path)
