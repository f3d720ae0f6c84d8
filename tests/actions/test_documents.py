"""Papers: which list, who fills in what, and what the benefit is called on that day."""

import pytest

from actions.documents import benefit_name, lists, papers, procedures


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


@pytest.mark.parametrize("procedure", procedures())
def test_every_list_can_be_said(talk, procedure):
    t = talk()
    assert "documents.bring" in t.say("ask_required_documents", procedure=procedure)
    assert papers(procedure, "bring", t.now.date())


def brought(t):
    return [paper for said in t.said for paper in said.get("values", {}).get("papers", [])]


def test_the_list_is_shorter_for_who_has_told_about_the_family(talk):
    t = talk()
    t.say("ask_required_documents", procedure="benefits_first_application")
    assert {"form_wep", "form_ki", "family_papers"} <= set(brought(t))
    assert t.press("choice.fit_list") == ["ask.minor_children"]
    assert t.press("choice.no") == ["ask.lives_with_partner"]
    said = t.press("choice.no")
    assert "documents.bring" in said
    assert not {"form_wep", "form_ki", "family_papers"} & set(brought(t))
    assert "choice.fit_list" not in t.labels()


def test_who_does_not_know_keeps_the_whole_list(talk):
    t = talk()
    t.say("ask_required_documents", procedure="benefits_first_application")
    t.press("choice.fit_list")
    t.say("dont_know")
    t.say("dont_know")
    assert {"form_wep", "form_ki", "family_papers"} <= set(brought(t))


def test_the_papers_for_a_job_have_no_training_contract(talk):
    t = talk()
    t.say("inform", residence_status="duldung", activity="employment")
    t.say("ask_required_documents", procedure="work_permit")
    assert "employment_declaration" in brought(t)
    assert not {"training_contract", "internship_letter"} & set(brought(t))


def test_a_paper_that_allows_work_ends_the_questions(talk):
    t = talk()
    t.say("ask_required_documents", procedure="work_permit")
    assert t.press("choice.fit_list") == ["ask.residence_status"]
    t.say("inform", residence_status="ae_25_2_refugee")
    t.say("inform", activity="employment")
    assert [said["response"] for said in t.said] == ["documents.no_permit_needed"]


def test_the_questions_can_be_left_and_explained(talk):
    t = talk()
    t.say("ask_required_documents", procedure="work_permit")
    t.press("choice.fit_list")
    assert t.say("ask_why") == ["why.residence_status", "ask.residence_status"]
    assert t.say("stop") == ["conversation.stopped"]


def test_each_paper_says_what_it_looks_like_and_where_it_comes_from(talk):
    t = talk()
    t.say("ask_required_documents", procedure="child_benefit")
    assert t.press("choice.looks") == ["documents.papers_look"]
    assert "A letter with a number of 11 digits." in t.words()
    assert "Antrag auf Kindergeld – Ein Formular mit dem Wort Kindergeld. Von der Familienkasse" in t.words("de")


def test_the_list_can_be_printed_in_the_reader_s_language(talk):
    t = talk()
    t.say("ask_required_documents", procedure="child_benefit")
    link = t.message("documents.print")["values"]["link"]
    assert link == (
        "/print/papers?procedure=child_benefit&office=family_benefits_office"
        "&papers=child_benefit_application.status_paper.birth_certificates.tax_ids"
    )
    assert f"{link}&lang=ar" in t.words("ar")


def test_every_paper_of_a_list_has_all_its_words(replies):
    ids = {
        paper for name in procedures() for part in lists()[name].values() if isinstance(part, list) for paper in part
    }
    missing = [
        f"{part}.{paper}"
        for paper in sorted(ids)
        for part in ("document", "document_looks", "document_from")
        if not replies.has(f"{part}.{paper}")
    ]
    assert ids and missing == []
