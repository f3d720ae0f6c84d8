"""Sites as data: what the slides say, what they do not say, and what a clerk may have got wrong."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

import office.sites
from eligibility import facts_schema
from office.errors import SiteDataError, UnknownSite
from office.sites import find_site, find_town, get_site, load_sites, sites

FOLDER = Path(office.sites.__file__).parent / "data" / "sites"


def test_the_three_integration_points_have_the_towns_of_the_slides():
    assert {id: len(site.towns) for id, site in sites().items()} == {
        "herford": 9, "mettmann": 10, "warendorf": 13,
    }  # fmt: skip
    assert len(sites()["warendorf"].outposts) == 12
    assert "Ahlen" not in sites()["warendorf"].outposts


def test_mettmann_is_as_the_slides_say():
    site = get_site("mettmann")
    assert (site.address.street, site.address.postcode, site.address.city) == (
        "Ötzbachstr. 1", "40822", "Mettmann",
    )  # fmt: skip
    assert len(site.email) == 2
    assert site.interpreters == ("ar",)
    assert site.as_of == date(2016, 2, 29)
    assert site.confirmed_on is None


def test_what_the_slides_do_not_say_is_unknown_not_assumed():
    for id in ("warendorf", "herford"):
        site = get_site(id)
        assert (site.hours, site.address, site.phone, site.interpreters, site.appointments) == (None,) * 5
    assert get_site("mettmann").phone is None


def test_access_differs_by_county():
    assert get_site("warendorf").access.through == ("sozialamt", "auslaenderbehoerde")
    assert get_site("herford").access.max_months == 12
    assert get_site("herford").access.compulsory_since == date(2016, 1, 1)
    assert get_site("mettmann").access.max_months is None


def test_no_mailbox_or_line_of_a_private_person_is_in_the_data():
    for site in sites().values():
        for address in site.email + site.employer_email:
            assert "Integration-Point" in address or address.startswith("Mettmann.Arbeitgeber@")
        assert site.phone is None


@pytest.mark.parametrize(
    ("said", "id"),
    [
        ("Mettmann", "mettmann"), ("mettman", "mettmann"), ("Metmann", "mettmann"), ("ميتمان", "mettmann"),
        ("في ميتمان", "mettmann"), ("Monheim", "mettmann"), ("Wulfrath", "mettmann"),
        ("WUELFRATH", "mettmann"), ("hildn", "mettmann"), ("Hilden", "mettmann"), ("هيلدن", "mettmann"),
        ("Kreis Mettmann", "mettmann"), ("integration point mettmann", "mettmann"),
        ("Ahlen", "warendorf"), ("بهيلدن", "mettmann"), ("metman", "mettmann"),
        ("warendrof", "warendorf"), ("Beckem", "warendorf"), ("Drensteinfort", "warendorf"),
        ("Oelde", "warendorf"), ("فاريندورف", "warendorf"), ("Kreis Warendorf", "warendorf"),
        ("Herford", "herford"), ("هرفورد", "herford"), ("Bunde", "herford"), ("Löhne", "herford"),
        ("Loehne", "herford"), ("Rodinghausen", "herford"), ("in Vlotho", "herford"), ("herfort", "herford"),
    ],
)  # fmt: skip
def test_a_town_is_found_misspelt_and_in_arabic_letters(said, id):
    site = find_site(said)
    assert site is not None
    assert site.id == id


@pytest.mark.parametrize(
    "said",
    ["Alen", "wählen", "zahlen", "ohne", "Lohn", "einer", "الآن", "ولدي", "hidden",
     "children", "bestellen", "Hunde",
     "Herten", "Aalen", "Aachen", "آخن", "Hamm", "Hagen", "Velen", "Hildesheim", "Olpe", "Solingen", "Essen",
     "دورتموند", "Köln", "Dortmund", "Leverkusen", "Wuppertal", "Senden", "Siegen",
     "Damascus", "دمشق", "Haus", "enge", "und", "", " ", "x" * 5000, "wo", "Wetter", "Minden", "Verl",
     "'; DROP TABLE", "\u202e", "12345", "morgen", "Arbeit", "hallo", "Langen", "Rees", "Ahaus", "Warburg"],
)  # fmt: skip
def test_a_town_elsewhere_or_a_word_is_never_taken_for_one_of_ours(said):
    assert find_site(said) is None


def test_every_spelling_in_the_data_leads_to_its_own_town():
    for site in sites().values():
        for town in site.towns:
            for name in (town.name, *town.spellings, town.name.upper(), f"in {town.name}"):
                match = find_town(name)
                assert match is not None
                assert (match.site, match.town, match.exact) == (site, town.name, True), name


def test_any_one_letter_lost_from_a_long_name_never_gives_another_site():
    for site in sites().values():
        for town in site.towns:
            for gap in range(len(town.name)):
                match = find_town(town.name[:gap] + town.name[gap + 1 :])
                assert match is None or match.site in (site, None), town.name


def test_a_known_town_elsewhere_is_named_as_such_and_a_guess_says_so():
    assert find_town("Essen").site is None
    assert find_town("Essen").town == "Essen"
    assert find_town("Mettman").exact is False


def test_an_unknown_site_names_those_there_are():
    with pytest.raises(UnknownSite, match="herford, mettmann, warendorf"):
        get_site("atlantis")


def copy(tmp_path, site="mettmann", name=None):
    folder = tmp_path / (name or site)
    shutil.copytree(FOLDER / site, folder)
    return folder


def edit(path, *changes):
    text = path.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    path.write_text(text, encoding="utf-8")


def broken(tmp_path, *changes, site="mettmann", file="site.yml"):
    edit(copy(tmp_path, site) / file, *changes)
    with pytest.raises(SiteDataError) as error:
        load_sites(tmp_path)
    return error.value.faults


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('monday: ["08:30-13:30"]', 'monday: ["8.30 Uhr"]', "monday: '8.30 Uhr' is not a time from–to like"),
        ('monday: ["08:30-13:30"]', 'monday: ["13:30-08:30"]', "ends before it begins"),
        ('monday: ["08:30-13:30"]', 'monday: ["08:30-25:00"]', "hour above 23"),
        ('monday: ["08:30-13:30"]', 'monday: ["08:30-12:00", "11:00-13:00"]', "not overlap"),
        ("    wednesday: closed\n", "", "hours: weekly: wednesday: is missing"),
        ("wednesday: closed", "mittwoch: closed", "hours: weekly: mittwoch: there is no such entry"),
        ("special: {}", "special: {2027-02-30: closed}", "'2027-02-30' is not a day that exists"),
        ("special: {}", "special: {2027-12-24: zu}", "must be 'closed', 'by appointment' or a list of times"),
        ('"40822"', "4082", "'4082' is not a postcode of five digits"),
        ("Mettmann.Arbeitgeber@arbeitsagentur.de", "Mettmann.Arbeitgeber", "is not an e-mail address"),
        ("phone: unknown\n", "", "phone: is missing; write 'phone: unknown' if it is not known"),
        ("phone: unknown", "fone: unknown", "fone: there is no such entry"),
        ("route: direct", "route: maybe", "'maybe' is not one of direct, referral"),
        ("length_minutes: 30", "length_minutes: 20", "20 is not a multiple of 15"),
        ("counters: 1", "counters: many", "'many' is not a whole number from 1 to 50"),
        ("main_town: Mettmann", "main_town: Bonn", "main_town: 'Bonn' is not among the towns"),
        ("id: mettmann", "id: hilden", "the folder is called mettmann"),
        ("as_of: 2016-02-29", "as_of: 2015-02-29", "'2015-02-29' is not a day that exists"),
        ("as_of: 2016-02-29", "as_of: unknown", "as_of: must be known"),
        ("name: Integration Point Mettmann", "name: unknown", "name: must be known"),
        ("phone: unknown", "phone: unknown\nphone: unknown", "'phone' stands here twice"),
        ("house: unknown", "house: {has: [lift], has_not: []}", "house: has: 'lift' is not one of step_free, parking"),
        ("house: unknown", "house: {has: [parking], has_not: [parking]}", "house: 'parking' stands in 'has' and in"),
        ("phone: unknown", "phone: [", "line "),
    ],
)  # fmt: skip
def test_a_fault_names_its_place_and_what_may_stand_there(tmp_path, before, after, said):
    faults = broken(tmp_path, (before, after))
    assert any(said in fault for fault in faults), faults
    assert all(fault.startswith("mettmann/site.yml: ") for fault in faults)


def test_all_faults_are_told_at_once(tmp_path):
    faults = broken(tmp_path, ("route: direct", "route: x"), ('"40822"', "x"), ("counters: 1", "counters: 0"))
    assert len(faults) == 3


def test_times_and_days_without_quotes_are_read_as_written(tmp_path):
    edit(copy(tmp_path) / "site.yml", ('["08:30-13:30"]', "[08:30-13:30]"))
    assert load_sites(tmp_path)["mettmann"].hours == sites()["mettmann"].hours


def test_a_town_in_two_sites_is_refused(tmp_path):
    copy(tmp_path)
    edit(copy(tmp_path, name="other") / "site.yml", ("id: mettmann", "id: other"))
    with pytest.raises(SiteDataError, match=r"Hilden is in mettmann/site\.yml as well"):
        load_sites(tmp_path)


def test_a_file_that_is_not_utf_8_is_refused_in_words(tmp_path):
    (copy(tmp_path) / "site.yml").write_bytes("name: Wülfrath".encode("latin-1"))
    with pytest.raises(SiteDataError, match=r"mettmann/site\.yml: save the file as UTF-8"):
        load_sites(tmp_path)


def test_a_fourth_integration_point_is_one_more_folder(tmp_path):
    for id in sites():
        copy(tmp_path, id)
    folder = copy(tmp_path, "herford", "lippe")
    text = (folder / "site.yml").read_text(encoding="utf-8")
    towns = re.search(r"towns:.*?\noutposts", text, re.S)[0]
    edit(
        folder / "site.yml",
        (towns, "towns:\n  Detmold: []\n  Lemgo: []\noutposts"),
        ("id: herford", "id: lippe"),
        ("main_town: Herford", "main_town: Detmold"),
    )
    found = load_sites(tmp_path)
    assert sorted(found) == ["herford", "lippe", "mettmann", "warendorf"]
    assert found["lippe"].handover.adviser == "stays"


def test_a_file_that_is_missing_is_named_with_what_to_do(tmp_path):
    (copy(tmp_path) / "consent.yml").unlink()
    with pytest.raises(SiteDataError, match=r"mettmann/consent\.yml: is missing; copy it from another site"):
        load_sites(tmp_path)


def test_files_at_a_wrong_place_or_of_a_wrong_name_are_refused(tmp_path):
    folder = copy(tmp_path)
    (folder / "openings.yml").write_text("a: b", encoding="utf-8")
    (tmp_path / "lippe.yml").write_text("a: b", encoding="utf-8")
    with pytest.raises(SiteDataError) as error:
        load_sites(tmp_path)
    assert error.value.faults == [
        "lippe.yml: a site is a folder; put this file into lippe/ and call it site.yml.",
        "mettmann/openings.yml: there is no such file; there are: site.yml, intake.yml, consent.yml, handover.yml.",
    ]


@pytest.mark.parametrize(
    ("file", "before", "after", "said"),
    [
        ("intake.yml", "form: joint", "form: perhaps", "form: 'perhaps' is not one of joint, own, none, and not 'unknown'"),
        ("intake.yml", "field: school", "field: religion", "fields: no. 8: field: 'religion' is not one of name_and_birth"),
        ("intake.yml", "needed: always", "needed: yes", "fields: no. 1: needed: 'yes' is not one of always, optional"),
        ("intake.yml", "fields_from: draft", "fields_from: unknown", "fields_from: say whether the fields are the office's own"),
        ("intake.yml", "as_of: 2016-02-29", "as_of: 29.02.2016", "'29.02.2016' is not a day that exists; write it like"),
        ("consent.yml", "recipients: [agentur, jobcenter, sozialamt]", "recipients: [police]",
         "recipients: 'police' is not one of agentur, jobcenter"),
        ("consent.yml", "recipients: [agentur, jobcenter, sozialamt]", "recipients: unknown", "say to whom the data go"),
        ("consent.yml", "source: ", "sauce: ", "sauce: there is no such entry; there are: form, data"),
        ("handover.yml", "within_days: 7 ", "within_days: soon ", "within_days: 'soon' is not a whole number from 1 to 366"),
        ("handover.yml", "passed_on: [handover_note", "passed_on: [gossip", "passed_on: 'gossip' is not one of handover_note"),
        ("handover.yml", "benefit_ends: when_granted", "benefit_ends: at once", "'at once' is not one of when_granted"),
        ("handover.yml", "way: agreed", "way: [", "handover.yml: line "),
        ("site.yml", "coordinates: unknown", "coordinates: {latitude: north, longitude: \"7.8\"}", "'north' is not an angle"),
        ("site.yml", "services: [joint", "services: [dance, joint", "services: 'dance' is not one of advice_at"),
        ("site.yml", "nationalities: [SY", "nationalities: [Syria", "'Syria' is not a country of two letters like SY"),
    ],
)  # fmt: skip
def test_faults_in_any_file_say_what_is_allowed(tmp_path, file, before, after, said):
    faults = broken(tmp_path, (before, after), site="warendorf", file=file)
    assert any(said in fault for fault in faults), faults
    assert all(fault.startswith(f"warendorf/{file}: ") for fault in faults)


def test_warendorf_hands_over_within_seven_days_and_no_gap_opens():
    handover = get_site("warendorf").handover
    assert (handover.starts_with, handover.within_days) == ("positive_decision", 7)
    assert handover.passed_on == ("handover_note", "cv", "application_papers", "recognition_papers")
    assert handover.person_gets == ("jobcenter_application", "child_benefit_application")
    assert handover.benefit_ends == "when_granted"
    assert get_site("warendorf").consent.recipients == ("agentur", "jobcenter", "sozialamt")


def test_in_herford_the_adviser_stays_and_the_stay_is_limited():
    site = get_site("herford")
    assert site.handover.adviser == "stays"
    assert "twelve_months" in site.handover.leaves_when
    assert (site.access.compulsory_for, site.access.voluntary_for) == (("change_to_sgb2",), ("everyone_else",))


def test_fields_that_are_only_a_draft_say_so_and_what_is_unknown_stays_unknown():
    assert get_site("warendorf").intake.fields_from == "draft"
    for id in ("mettmann", "herford"):
        assert (get_site(id).intake.form, get_site(id).consent.form, get_site(id).intake.fields) == (None, None, None)


def test_every_fact_a_form_names_is_one_the_assistant_knows():
    named = {field.fact for site in sites().values() for field in site.intake.fields or () if field.fact}
    assert named and named <= set(facts_schema())


def test_nothing_is_confirmed_before_staff_confirm_it():
    for site in sites().values():
        for origin in (site, site.intake.origin, site.consent.origin, site.handover.origin):
            assert (origin.as_of, origin.confirmed_on) == (date(2016, 2, 29), None)


def test_no_name_of_a_person_stands_in_the_files():
    for path in FOLDER.rglob("*.yml"):
        text = path.read_text(encoding="utf-8").lower()
        assert not any(name in text for name in ("taha", "wortmann", "dzaack", "franke", "beier", "698150", "535702"))
