"""The interview about work: what is asked, what is taken as an answer, how the finding is said."""

import json

SEED = "2016-02-29T10:00"  # the day of the slides
GESTATTUNG = {
    "residence_status": "aufenthaltsgestattung",
    "in_reception_centre": "false",
    "activity": "employment",
}
DATES = ("asylum_contact_on", "status_since", "entered_on", "lawful_since")


def answer_until(t, wanted, answers):
    """Answer what is asked until one of `wanted` is asked; facts not named are not known."""
    for _ in range(9):
        fact = t.slots["awaiting"]
        if fact is None or fact in wanted:
            return
        t.say("inform", **{fact: answers.get(fact, "unknown")})
    raise AssertionError(f"{wanted} was never asked")


def answer_all(t, answers, most=9):
    """Press the buttons of the interview until nothing is asked; facts not named are not known."""
    asked = []
    while fact := t.slots["awaiting"]:
        assert fact not in asked, f"{fact} asked twice"
        asked.append(fact)
        assert len(asked) <= most, asked
        t.say("inform", **{fact: answers[fact]}) if fact in answers else t.press("choice.dont_know")
    return asked


def test_bakery_job_on_29_february_2016_needs_a_permit_with_priority_check(talk):
    # § 32 Abs. 1 BeschV: 10.11.2015 + 3 months = 10.02.2016, + 15 = 10.02.2017 (law sheet 1.1, B-01)
    t = talk(SEED)
    t.say("ask_work_permission", day="2015-11-10", **GESTATTUNG)
    asked = answer_all(t, {"nationality": "SY", "qualified": "none"})
    assert not {"residence_status", "activity", "in_reception_centre", "status_since"} & set(asked)
    assert t.said[0]["response"].startswith("work_permission.permit_with_priority_check")
    assert "§ 32 Abs. 1 BeschV" in t.message("finding.basis")["values"]["cite"]
    assert t.message("finding.basis")["values"]["as_of"] == "2016-02-29"


def test_duldung_for_five_months_on_1_july_2024_should_get_a_permit_with_consent(talk):
    # § 60a Abs. 5b AufenthG since 27.02.2024; three months, § 32 Abs. 1 BeschV (law sheet 1.3, D-01)
    t = talk()
    t.say("ask_work_permission", residence_status="duldung", duration="5", activity="employment")
    asked = answer_all(
        t,
        {
            "nationality": "SY",
            "in_reception_centre": "false",
            "identity_remark": "false",
            "work_ban_60a6": "false",
            "identity_cleared": "true",
            "worked_during_procedure": "false",
            "entered_on": "2024-01-10",
        },
    )
    assert not {"residence_status", "activity", "status_since"} & set(asked)
    assert t.said[0]["response"] == "work_permission.permit_with_consent.should"
    cites = t.message("finding.basis")["values"]["cite"]
    assert any("§ 60a Abs. 5b" in cite for cite in cites)
    assert any("§ 32" in cite and "BeschV" in cite for cite in cites)
    assert "choice.papers_for_this" in t.labels()


def test_arrival_in_january_and_a_paper_for_five_months_do_not_contradict_each_other(talk):
    # they overlap: pairs of days in which the paper is older than the arrival are impossible
    t = talk()
    t.say("ask_work_permission", residence_status="duldung", duration="5", activity="employment")
    answers = {"in_reception_centre": "false", "identity_remark": "false", "work_ban_60a6": "false"}
    answer_until(t, DATES, answers)
    assert t.say("inform", month="2024-01") == ["ask.nationality"], "a safe country would forbid it"
    t.say("inform", nationality="SY")
    assert t.said[0]["response"] == "work_permission.permit_with_consent.should"
    assert t.slots["approximate"]["entered_on"] == ["2024-01-01", "2024-01-31"]


def test_without_any_fact_the_paper_is_asked_first_with_the_commonest_as_buttons(talk):
    t = talk()
    assert t.say("ask_work_permission") == ["ask.residence_status"]
    assert t.labels()[:2] == ["fact.residence_status.aufenthaltsgestattung", "fact.residence_status.duldung"]
    assert t.labels()[-3:] == ["choice.other", "choice.dont_know", "choice.why"]
    assert len(t.labels()) <= 10


def test_other_shows_the_rest_of_a_long_list(talk):
    t = talk()
    t.say("ask_work_permission")
    assert t.press("choice.other") == ["ask.residence_status"]
    assert "fact.residence_status.niederlassungserlaubnis" in t.labels()
    t.press("fact.residence_status.niederlassungserlaubnis")
    assert t.facts["residence_status"] == "niederlassungserlaubnis"


def test_a_question_says_why_it_is_asked_and_is_asked_again(talk):
    t = talk()
    t.say("ask_work_permission")
    assert t.press("choice.why") == ["why.residence_status", "ask.residence_status"]


def test_i_do_not_know_on_a_decisive_fact_leads_to_a_person_with_the_topic_named(talk):
    t = talk()
    t.say("ask_work_permission")
    while t.slots["awaiting"]:
        t.say("dont_know")
    assert t.said[0]["response"] == "work_permission.staff"
    assert t.facts["residence_status"] == "unknown"
    payload = next(c["payload"] for s in t.said for c in s.get("choices", []) if c["label"] == "choice.person")
    assert json.loads(payload.removeprefix("/request_human")) == {"topic": "work"}


def test_a_month_is_enough_where_every_day_of_it_gives_the_same_answer(talk):
    t = talk(SEED)
    t.say("ask_work_permission", month="2015-10", **GESTATTUNG)
    answer_all(t, {"nationality": "SY", "qualified": "none"})
    assert t.said[0]["response"].startswith("work_permission.permit_with_priority_check")
    assert "finding.approximate" in [m["response"] for m in t.said]
    assert t.slots["approximate"] == {"status_since": ["2015-10-01", "2015-10-31"]}


def test_where_the_day_decides_the_exact_day_is_asked_once(talk):
    t = talk(SEED)
    t.say("ask_work_permission", month="2015-11", **GESTATTUNG)
    answer_until(t, DATES, {"nationality": "SY", "qualified": "none"})
    assert [m["response"] for m in t.said] == ["interview.exact_day", "ask.status_since"]
    t.say("inform", month="2015-11")
    assert t.facts["status_since"] == "unknown", "the day is asked once; then it is not known"
    assert t.slots["awaiting"] != "status_since"


def test_an_exact_day_settles_it(talk):
    t = talk(SEED)
    t.say("ask_work_permission", month="2015-11", **GESTATTUNG)
    answer_until(t, DATES, {"nationality": "SY", "qualified": "none"})
    t.say("nlu_fallback", "2.11.2015", day="2015-11-02")
    assert t.facts["status_since"] == "2015-11-02"
    assert t.slots["approximate"] == {}
    assert t.said[0]["response"].startswith("work_permission.permit_with_priority_check")


def test_a_free_date_is_taken_as_the_answer_although_no_intent_fits(talk):
    t = talk(SEED)
    t.say("ask_work_permission", **GESTATTUNG)
    answer_until(t, DATES, {"nationality": "SY", "qualified": "none"})
    asked = t.slots["awaiting"]
    t.say("nlu_fallback", "10.11.2015", day="2015-11-10")
    assert t.facts[asked] == "2015-11-10"
    assert t.slots["misunderstood"] in (0, None)


def test_yes_answers_a_yes_no_question_and_no_answers_it_too(talk):
    for intent, value in (("affirm", True), ("deny", False)):
        t = talk()
        t.say("ask_work_permission", residence_status="aufenthaltsgestattung", activity="employment")
        answer_until(t, ("in_reception_centre",), {})
        t.say(intent)
        assert t.facts["in_reception_centre"] is value


def test_a_word_that_answers_nothing_repeats_the_question_kindly(talk):
    t = talk()
    t.say("ask_work_permission")
    assert t.say("affirm") == ["interview.not_an_answer", "ask.residence_status"]


def test_31_february_and_a_day_to_come_get_a_kind_reply_and_the_question_again(talk):
    t = talk(SEED)
    t.say("ask_work_permission", **GESTATTUNG)
    answer_until(t, DATES, {"nationality": "SY", "qualified": "none"})
    asked = t.slots["awaiting"]
    assert t.say("inform", bad_date="31.2.2015") == ["interview.no_such_day", f"ask.{asked}"]
    assert t.say("inform", day="2017-01-01") == ["interview.still_to_come", f"ask.{asked}"]


def test_days_that_contradict_each_other_are_named_and_asked_again(talk):
    t = talk()
    t.say("ask_work_permission", residence_status="duldung", day="2024-01-01", activity="employment")
    t.say("inform", entered_on="2024-05-01")
    assert t.said[0]["response"] == "interview.contradiction"
    assert t.said[1]["response"] == "ask." + t.said[0]["values"]["fact"]


def test_a_changed_answer_drops_what_hung_on_it(talk):
    t = talk(SEED)
    t.say("ask_work_permission", day="2015-11-10", **GESTATTUNG)
    answer_all(t, {"nationality": "SY", "qualified": "none"})
    assert t.press("choice.change_answer") == ["interview.which_answer"]
    assert t.press("choice.fact", fact="residence_status") == ["ask.residence_status"]
    assert "status_since" not in t.facts, "the day belonged to the other paper"
    assert t.facts["nationality"] == "SY"
    t.say("inform", residence_status="ae_25_2_refugee")
    assert t.said[0]["response"] == "work_permission.free"


def test_an_old_button_corrects_the_fact_it_names(talk):
    t = talk()
    t.say("ask_work_permission", residence_status="duldung")
    t.say("inform", residence_status="ae_25_2_refugee")
    assert t.facts["residence_status"] == "ae_25_2_refugee"


def test_more_shows_the_facts_that_were_used_and_says_once_that_this_is_no_advice(talk):
    t = talk(SEED)
    t.say("ask_work_permission", day="2015-11-10", **GESTATTUNG)
    answer_all(t, {"nationality": "SY", "qualified": "none"})
    said = t.press("choice.more")
    assert "fact.line_code" in said
    assert said.count("finding.no_advice") == 1


def test_from_when_shows_the_days_on_which_the_answer_changes(talk):
    # 15 months from 10.11.2015 end on 10.02.2017 (law sheet 0.4 no. 4)
    t = talk(SEED)
    t.say("ask_work_permission", day="2015-11-10", **GESTATTUNG)
    answer_all(t, {"nationality": "SY", "qualified": "none"})
    assert t.press("choice.when_allowed")[:2] == ["calendar.intro", "calendar.line"]
    assert any(m.get("values", {}).get("outcome") == "permit_with_consent" for m in t.said)


def test_from_when_without_facts_begins_the_interview(talk):
    t = talk()
    assert t.say("ask_when_allowed") == ["ask.residence_status"]


def test_an_interrupted_interview_goes_on_with_the_same_question(talk):
    t = talk(site="mettmann")
    t.say("ask_work_permission", residence_status="duldung")
    asked = t.slots["awaiting"]
    t.say("ask_opening_hours")
    assert t.said[0]["response"] == "opening_hours.week_with_closed"
    assert t.press("choice.continue") == [f"ask.{asked}"]
    assert t.facts["residence_status"] == "duldung"


def test_an_interruption_that_itself_asks_something_still_finds_its_way_back(talk):
    t = talk()
    t.say("ask_work_permission", residence_status="duldung")
    asked = t.slots["awaiting"]
    assert t.say("ask_opening_hours") == ["ask.site"]
    t.press("choice.site", site="mettmann")
    assert "choice.continue" in t.labels()
    assert t.press("choice.continue") == [f"ask.{asked}"]


def test_changing_the_language_keeps_the_facts_and_repeats_the_question(talk):
    t = talk(language="ar")
    t.say("ask_work_permission", residence_status="duldung", duration="5")
    asked, facts = t.slots["awaiting"], t.facts
    assert t.say("change_language", language="de") == ["language.changed", f"ask.{asked}"]
    assert t.language == "de"
    assert t.facts == facts


def test_a_title_that_allows_work_is_answered_without_a_question(talk):
    t = talk()
    assert t.say("ask_work_permission", residence_status="ae_25_2_refugee")[0] == "work_permission.free"


def test_after_the_newest_text_the_answer_says_when_the_law_was_last_read(talk):
    t = talk("2026-11-02T10:00")
    t.say("ask_work_permission", residence_status="ae_25_2_refugee")
    assert t.message("finding.basis_unverified")["values"]["verified"] == "2026-08-19"


def test_a_day_without_rules_is_said_and_a_person_offered(talk):
    t = talk("2014-05-05T10:00")
    assert t.say("ask_work_permission", residence_status="duldung") == ["interview.no_rules_for_this_day"]
    assert t.labels() == ["choice.person"]
