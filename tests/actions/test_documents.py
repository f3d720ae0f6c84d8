"""Papers: which list, who fills in what, and what the benefit is called on that day."""

import pytest

from actions.documents import benefit_name, lists, papers


def test_papers_for_what_is_asked_with_buttons(talk):
    t = talk()
    assert t.say("ask_required_documents") == ["ask.procedure"]
    said = t.press("procedure.benefits_first_application")
    assert said[0] == "documents.benefit_name"
    assert "documents.office.jobcenter" in said
    assert "documents.apply_early" in said


def test_the_employer_s_form_is_named_for_a_work_permit(talk):
    t = talk()
    t.say("ask_required_documents", procedure="work_permit")
    assert t.message("documents.forms_employer")["values"]["papers"] == ["employment_declaration"]
    assert "Erklärung zum Beschäftigungsverhältnis" in t.words()


def test_in_february_2016_the_employer_s_form_had_another_name(talk):
    t = talk("2016-02-29T10:00")
    t.say("ask_required_documents", procedure="work_permit")
    assert t.message("documents.forms_employer")["values"]["papers"] == ["employment_declaration_2016"]


@pytest.mark.parametrize(
    ("now", "name"),
    [
        ("2016-02-29T10:00", "alg2"),
        ("2022-12-31T10:00", "alg2"),
        ("2023-01-01T10:00", "buergergeld"),
        ("2026-06-30T10:00", "buergergeld"),
        ("2026-07-01T10:00", "grundsicherungsgeld"),
    ],
)
def test_the_benefit_bears_its_name_of_the_day(talk, now, name):
    t = talk(now)
    t.say("ask_required_documents", procedure="benefits_first_application")
    assert t.message("documents.benefit_name")["values"] == {"name": name}
    assert benefit_name(t.now.date()) == name


def test_who_holds_a_gestattung_is_told_that_the_sozialamt_pays(talk):
    t = talk()
    t.say("inform", residence_status="aufenthaltsgestattung")
    said = t.say("ask_required_documents", procedure="benefits_first_application")
    assert said[0] == "documents.asylblg_first"


def test_who_may_work_freely_needs_no_application(talk):
    # law sheet 4.1, Doc-03: § 25 Abs. 2 AufenthG needs no work permit at all
    t = talk()
    t.say("inform", residence_status="ae_25_2_refugee")
    assert t.say("ask_required_documents", procedure="work_permit") == ["documents.no_permit_needed"]


def test_papers_we_have_no_list_for_lead_to_a_person(talk):
    t = talk()
    assert t.say("ask_required_documents", procedure="vocational_language_course") == ["referral.documents"]
    t.say("ask_required_documents")
    assert t.say("dont_know") == ["referral.documents"]


@pytest.mark.parametrize("procedure", [p for p in lists() if p not in ("periods", "benefit_names")])
def test_every_list_can_be_said(talk, procedure):
    t = talk()
    assert "documents.bring" in t.say("ask_required_documents", procedure=procedure)
    assert papers(procedure, "bring", t.now.date())
