"""Reading what stands beside site.yml: intake form, consent to pass data on, hand-over between offices."""

from datetime import date
from pathlib import Path
from typing import Any

from office import data_files as files
from office import site_words as words
from office.data_files import UNKNOWN, Faults
from office.errors import SiteDataError
from office.sites import Consent, Handover, Intake, IntakeField, Origin

_ORIGIN = ("as_of", "confirmed_on", "source")
_INTAKE = ("form", "shared_by", "fields_from", "fields", *_ORIGIN)
_CONSENT = ("form", "data", "recipients", *_ORIGIN)
_HANDOVER = (
    "way",
    "starts_with",
    "between",
    "within_days",
    "passed_on",
    "person_gets",
    "benefit_ends",
    "adviser",
    "leaves_when",
    *_ORIGIN,
)


def read_intake(path: Path) -> Intake:
    """Read intake.yml; raises SiteDataError with every fault found in it."""
    raw, faults = _begin(path, _INTAKE)
    intake = Intake(
        form=files.code("form", raw["form"], words.FORMS, faults),
        shared_by=files.codes("shared_by", raw["shared_by"], words.OFFICES, faults),
        fields_from=files.code("fields_from", raw["fields_from"], words.FIELDS_FROM, faults),
        fields=_fields(raw["fields"], faults),
        origin=_origin(raw, faults),
    )
    if intake.fields is not None and raw["fields_from"] == UNKNOWN:
        faults.add("fields_from", "say whether the fields are the office's own (office) or only a draft (draft).")
    _end(faults)
    return intake


def _fields(raw: Any, faults: Faults) -> tuple[IntakeField, ...] | None:
    if raw == UNKNOWN:
        return None
    if not isinstance(raw, list):
        faults.add("fields", f"must be a list of fields, or '{UNKNOWN}'.")
        return None
    found = []
    for place, item in ((f"fields: no. {number}", item) for number, item in enumerate(raw, 1)):
        block = files.section(place, item, "field needed fact", faults)
        if block is None:
            if item == UNKNOWN:
                faults.add(place, "must have the entries field, needed, fact.")
            continue
        name = files.code(f"{place}: field", block["field"], words.FIELDS, faults)
        needed = files.code(f"{place}: needed", block["needed"], words.NEEDED, faults)
        fact = None if block["fact"] in ("none", UNKNOWN) else str(block["fact"])
        if name and needed:
            found.append(IntakeField(name, needed == "always", fact))
    return tuple(found)


def read_consent(path: Path) -> Consent:
    """Read consent.yml; raises SiteDataError with every fault found in it."""
    raw, faults = _begin(path, _CONSENT)
    consent = Consent(
        form=files.code("form", raw["form"], words.FORMS, faults),
        data=files.codes("data", raw["data"], words.CONSENT_DATA, faults),
        recipients=files.codes("recipients", raw["recipients"], words.OFFICES, faults),
        origin=_origin(raw, faults),
    )
    if consent.form in ("joint", "own") and consent.recipients is None:
        faults.add("recipients", "where there is a consent form, say to whom the data go.")
    _end(faults)
    return consent


def read_handover(path: Path) -> Handover:
    """Read handover.yml; raises SiteDataError with every fault found in it."""
    raw, faults = _begin(path, _HANDOVER)
    within = None
    if raw["within_days"] != UNKNOWN:
        within = files.number("within_days", raw["within_days"], 1, 366, faults)
    handover = Handover(
        way=files.code("way", raw["way"], words.WAYS, faults),
        starts_with=files.code("starts_with", raw["starts_with"], words.STARTS, faults),
        between=files.codes("between", raw["between"], words.OFFICES, faults),
        within_days=within,
        passed_on=files.codes("passed_on", raw["passed_on"], words.HANDED_ON, faults),
        person_gets=files.codes("person_gets", raw["person_gets"], words.PERSON_GETS, faults),
        benefit_ends=files.code("benefit_ends", raw["benefit_ends"], words.BENEFIT_ENDS, faults),
        adviser=files.code("adviser", raw["adviser"], words.ADVISER, faults),
        leaves_when=files.codes("leaves_when", raw["leaves_when"], words.LEAVES, faults),
        origin=_origin(raw, faults),
    )
    _end(faults)
    return handover


def _begin(path: Path, keys: tuple[str, ...]) -> tuple[dict[str, Any], Faults]:
    file = f"{path.parent.name}/{path.name}"
    faults = Faults(file)
    return files.load_yaml(path, file, keys, faults), faults


def _end(faults: Faults) -> None:
    if faults.list:
        raise SiteDataError(faults.list)


def _origin(raw: dict[str, Any], faults: Faults) -> Origin:
    as_of: date = files.known_day("as_of", raw["as_of"], faults)
    return Origin(as_of, files.day("confirmed_on", raw["confirmed_on"], faults), files.needed(raw, "source", faults))
