"""Facts in messages: what is said is heard, what is denied is not, and what is not said is not made up."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.entities import Ear, in_own_kurdish
from bot.nlu.lexicon import FOLDER, Row, read_folder

EAR = Ear(read_folder(FOLDER / "entities"))
TODAY = date(2024, 3, 13)  # a Wednesday


def heard(text: str, intent: str | None = "inform", today: date | None = TODAY) -> list[tuple[str, str]]:
    return [(fact.entity, fact.value) for fact in EAR.hear(text, today, intent)]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Ich habe eine Duldung", "duldung"),
        ("i get duldug paper", "duldung"),
        ("دولدونغ", "duldung"),
        ("meine Gestattung", "aufenthaltsgestattung"),
        ("asylum seeker permit", "aufenthaltsgestattung"),
        ("Ausbildungsduldung", "ausbildungsduldung"),
        ("Fiktionsbescheinigung", "fiktionsbescheinigung"),
        ("subsidiary protection", "ae_25_2_subsidiary"),
        ("حماية ثانوية", "ae_25_2_subsidiary"),
        ("Aufenthaltserlaubnis nach § 25 Abs. 5", "ae_25_5"),
        ("25.3", "ae_25_3"),
        ("§ 24", "ae_24"),
        ("الإقامة الدائمة", "niederlassungserlaubnis"),
        ("ich habe nicht die Gestattung sondern die Duldung", "duldung"),
    ],
)
def test_a_paper_is_heard_by_all_its_names(text: str, status: str) -> None:
    assert heard(text) == [("residence_status", status)]


@pytest.mark.parametrize(
    "text", ["keine Duldung", "I don't have a Duldung", "ما عندي دولدونغ", "Ich bin kein Syrer", "ohne Deutsch"]
)
def test_what_is_denied_is_not_heard(text: str) -> None:
    assert heard(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ich wohne im Camp", "true"),
        ("ساكن بالكامب", "true"),
        ("nicht im Camp", "false"),
        ("ich wohne nicht mehr im Camp", "false"),
        ("مو بالكامب", "false"),
        ("في شقة", "false"),
        ("Wohnung", "false"),
    ],
)
def test_not_in_the_camp_is_an_answer_too(text: str, value: str) -> None:
    assert heard(text) == [("in_reception_centre", value)]


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("seit 5 Monaten", 5),
        ("two years", 24),
        ("half a year", 6),
        ("anderthalb Jahre", 18),
        ("seit zweieinhalb Jahren", 30),
        ("a year and 3 months", 15),
        ("صار لي شهرين", 2),
        ("سنتين", 24),
        ("منذ ٥ أشهر", 5),
        ("seit ५ Monaten", 5),
        ("منذ ۱۱ شهر", 11),
        ("صارلي سنة ونص", 18),
        ("من سنة", 12),
    ],
)
def test_durations_are_whole_months(text: str, months: int) -> None:
    assert heard(text) == [("duration", str(months))]


@given(st.integers(1, 99), st.sampled_from(["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९"]))
def test_digits_of_every_script_count_alike(months: int, digits: str) -> None:
    said = "".join(digits[int(digit)] for digit in str(months))
    assert heard(f"seit {said} Monaten") == [("duration", str(months))]


def test_weeks_and_days_round_down_and_keep_their_days() -> None:
    assert heard("3 weeks") == [("duration", "0"), ("duration_days", "21")]
    assert heard("seit 10 Wochen") == [("duration", "2"), ("duration_days", "70")]


def test_an_age_is_no_duration() -> None:
    assert heard("I am 15 years old") == []
    assert heard("عمري 15 سنة") == []


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("10.11.2015", ("day", "2015-11-10")),
        ("3. Oktober", ("day", "2024-10-03")),
        ("on 3 October", ("day", "2024-10-03")),
        ("٣ أكتوبر", ("day", "2024-10-03")),
        ("seit 3. Oktober", ("day", "2023-10-03")),
        ("seit März 2022", ("month", "2022-03")),
        ("شهر 3", ("month", "2024-03")),
        ("2022", ("year", "2022")),
        ("31. Februar", ("bad_date", "31. februar")),
        ("am 31.02.2024", ("bad_date", "31.02.2024")),
        ("31 شباط", ("bad_date", "31 شباط")),
        ("morgen", ("day", "tomorrow")),
        ("بكرا", ("day", "tomorrow")),
        ("today", ("day", "today")),
        ("übermorgen", ("day", "2024-03-15")),
        ("بعد بكرا", ("day", "2024-03-15")),
        ("am Mittwoch", ("day", "wednesday")),
        ("يوم الأربعاء", ("day", "wednesday")),
    ],
)
def test_days_are_heard(text: str, fact: tuple[str, str]) -> None:
    assert heard(text, "ask_opening_hours") == [fact]


def test_without_today_days_that_need_it_stay_open() -> None:
    assert heard("übermorgen", "ask_opening_hours", today=None) == []
    assert heard("3. Oktober", "ask_opening_hours", today=None) == []
    assert heard("morgen", "ask_opening_hours", today=None) == [("day", "tomorrow")]


def test_good_morning_is_no_day() -> None:
    assert heard("guten morgen", "greet") == []


@pytest.mark.parametrize("text", ["als Küchenhilfe", "in a bakery", "كعامل مطبخ"])
def test_a_trade_is_employment(text: str) -> None:
    assert heard(text) == [("activity", "employment")]


@pytest.mark.parametrize("text", ["darf ich arbeiten", "can I work", "هل يمكنني أن أعمل"])
def test_plain_work_is_no_activity(text: str) -> None:
    assert heard(text, "ask_work_permission") == []


def test_a_procedure_belongs_to_papers() -> None:
    text = "Arbeitserlaubnis"
    assert heard(f"Papiere für die {text}", "ask_required_documents") == [("procedure", "work_permit")]
    assert heard(f"wie bekomme ich die {text}", "ask_work_permit_process") == []


def test_the_language_that_is_learned_is_not_the_language_we_speak() -> None:
    assert heard("kann ich Deutsch lernen", "ask_language_course") == []
    assert heard("auf Arabisch bitte", "change_language") == [("language", "ar")]
    assert heard("عربي", "change_language") == [("language", "ar")]


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("ich wohne in Velbert", ("site", "Velbert")),
        ("أسكن في راتينغن", ("site", "Ratingen")),
        ("I am from Syria", ("country", "SY")),
        ("ich bin Syrer", ("country", "SY")),
        ("أنا سوري", ("country", "SY")),
        ("ich habe B 1", ("language_level", "B1")),
        ("معي بي ون", ("language_level", "B1")),
        ("kein Deutsch", ("language_level", "none")),
        ("vormittags", ("time_of_day", "morning")),
    ],
)
def test_places_countries_levels_and_times_are_heard(text: str, fact: tuple[str, str]) -> None:
    assert heard(text) == [fact]


def test_several_facts_of_a_story_are_heard_in_their_order() -> None:
    text = "Ich habe seit 5 Monaten eine Duldung, wohne nicht im Camp und habe B1, darf ich arbeiten?"
    assert heard(text, "ask_work_permission") == [
        ("duration", "5"),
        ("residence_status", "duldung"),
        ("in_reception_centre", "false"),
        ("language_level", "B1"),
    ]


@given(st.text(max_size=80))
def test_any_text_can_be_heard_and_places_lie_inside_it(text: str) -> None:
    for fact in EAR.hear(text, TODAY, None):
        assert 0 <= fact.start < fact.end <= len(text)
        assert fact.value


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (
            "ich suche einen B1 Kurs mit Kinderbetreuung am Vormittag in Hilden",
            {"language_level": "B1", "childcare": "true", "time_of_day": "morning", "site": "Hilden"},
        ),
        ("بدي كورس B1 مع رعاية أطفال بهيلدن", {"language_level": "B1", "childcare": "true", "site": "Hilden"}),
        ("دورة مسائية قريبة من راتنغن", {"time_of_day": "evening", "site": "Ratingen"}),
        (
            "a weekend literacy class for women with free places in Ahlen",
            {
                "time_of_day": "weekend", "course_kind": "literacy_course", "audience": "women",
                "free_places": "true", "site": "Ahlen",
            },
        ),
        ("دورة ألماني مساء في راتنغن", {"time_of_day": "evening", "site": "Ratingen"}),
        ("course for total beginners", {"language_level": "none"}),
        ("Berufssprachkurs abends", {"course_kind": "vocational_language_course", "time_of_day": "evening"}),
    ],
)  # fmt: skip
def test_what_a_course_shall_be_like_is_heard(text: str, facts: dict[str, str]) -> None:
    assert dict(heard(text, "find_language_course")) == facts


def test_words_of_courses_mean_nothing_where_no_course_is_looked_for() -> None:
    assert heard("Frauenkurs am Wochenende mit freien Plätzen", "ask_opening_hours") == []
    assert ("course_kind", "integration_course") not in heard("Integrationskurs", "inform")


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("Was steht in dem Erhebungsbogen?", "intake"),
        ("can I take back my consent later", "consent"),
        ("wie schnell wird mein Fall übergeben", "handover"),
        ("هل الحضور إلى المكتب إجباري أم اختياري؟", "access"),
        ("ما هي حزمة الجوب سنتر", "handover"),
    ],
)
def test_which_part_of_the_office_s_procedure_is_meant(text: str, step: str) -> None:
    assert heard(text, "ask_office_procedure") == [("step", step)]
    assert heard(text, "ask_benefits") == []


# -- what further languages say in their own way: rows like those of data/lexicon/entities/<language>-time.tsv ---------------


def row(meaning: str, language: str, forms: str) -> Row:
    return Row(meaning, language, tuple(forms.split("|")))


FURTHER = Ear(
    [
        *read_folder(FOLDER / "entities"),
        row("number=20", "tr", "yirmi"), row("number=5", "tr", "beş"), row("number=10", "tr", "on"),
        row("unit=month", "tr", "ay|ay*"), row("unit=year", "tr", "yıl*|sene*"),
        row("month=3", "tr", "mart"), row("month_in=3", "tr", "martta|marttan"), row("since_after=yes", "tr", "beri"),
        row("since=yes", "tr", "beri|önce"), row("not_after=yes", "tr", "yok|değil"),
        row("before_month=yes", "uk", "го"), row("month=5", "ru", "май|мая|мае"), row("in_date=yes", "ru", "в"),
        row("number=2", "ru", "два|две"), row("unit=year", "ru", "год|года|лет"), row("one=year", "ru", "год"),
        row("since=yes", "ru", "уже|назад"), row("vague=yes", "ru", "прошлым летом|прошлом году"),
        row("number=20", "ku", "bîst"), row("number=5", "ku", "pênc"), row("number_join=yes", "ku", "û"),
        row("unit=month", "ku", "meh*"), row("one=year", "ku", "salek*"), row("since=yes", "ku", "ev"),
        row("activity=vocational_training", "fr", "ausbildung*"),
        row("solar_month=7", "fa", "مهر"), row("month_word=yes", "fa", "ماه"), row("since_date=yes", "fa", "از"),
        row("dual=year:2", "ti", "ክልተዓመት"), row("unit=month", "ti", "ወርሒ|ኣዋርሕ"), row("number=5", "ti", "ሓሙሽተ"),
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("yirmi beş aydır", [("duration", "25")]),
        ("on aydır buradayım", [("duration", "10")]),
        ("marttan beri", [("month", "2024-03")]),
        ("mart'tan beri", [("month", "2024-03")]),
        ("2022 mart", [("month", "2022-03")]),
        ("5 mart 2023", [("day", "2023-03-05")]),
        ("Duldung yok", []),
        ("Duldung'um değil Gestattung", [("residence_status", "aufenthaltsgestattung")]),
        ("3-го мая 2023", [("day", "2023-05-03")]),
        ("в мае", [("month", "2024-05")]),
        ("два года", [("duration", "24")]),
        ("год", [("duration", "12")]),
        ("следующая неделя", [("day", "next_week")]),
        ("наступний тиждень", [("day", "next_week")]),
        ("я здесь уже год живу и учу немецкий", [("duration", "12")]),
        ("в прошлом году", [("vague_time", "yes")]),
        ("bîst û pênc meh", [("duration", "25")]),
        ("salekê", [("duration", "12")]),
        ("۱۵ مهر ۱۴۰۲", [("day", "2023-10-07")]),
        ("از مهر", [("vague_time", "yes")]),
        ("ሓሙሽተ ኣዋርሕ", [("duration", "5")]),
        ("ክልተዓመት", [("duration", "24")]),
        ("ን5 ኣዋርሕ", [("duration", "5")]),
        ("خمسة وعشرين شهر", [("duration", "25")]),
        ("Ausbildungsduldung", [("residence_status", "ausbildungsduldung")]),
        ("seit letztem Sommer", [("vague_time", "yes")]),
        ("since last summer", [("vague_time", "yes")]),
    ],
)
def test_further_languages_need_only_rows(text: str, facts: list[tuple[str, str]]) -> None:
    assert [(fact.entity, fact.value) for fact in FURTHER.hear(text, TODAY, "inform")] == facts


def test_a_number_counts_only_with_a_unit_of_its_language() -> None:
    assert [fact.entity for fact in FURTHER.hear("on months", TODAY, "inform")] == []


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Meine Fingerabdrücke sind in Italien, darf ich mit Duldung arbeiten?", "ask_work_permission"),
        ("My diploma is from Poland, can it be recognised here in Germany?", "ask_qualification_recognition"),
        ("أخي يعيش في السويد وأنا أريد أن أعمل هنا", "ask_work_permission"),
        ("Dublin Italien", "ask_asylum_procedure"),
    ],
)
def test_a_country_people_pass_through_is_no_nationality_in_passing(text: str, intent: str) -> None:
    assert not [hint for hint in EAR.hear_all(text, intent=intent)[1] if hint.startswith("own:")]


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Ich komme aus Rumänien und lebe seit zwei Jahren in Velbert, darf ich arbeiten?", "RO"),
        ("I am a Polish citizen and I want to know whether I may work here", "PL"),
        ("أنا من بلغاريا وعايش هون من سنة، فيني أشتغل؟", "BG"),
        ("я из Болгарии, живу здесь уже год, можно ли мне работать?", "BG"),
        ("Je suis de nationalité roumaine, est-ce que je peux travailler ici ?", "RO"),
    ],
)
def test_a_country_of_the_union_is_ones_own_where_words_beside_it_say_so(text: str, country: str) -> None:
    assert f"own:{country}" in EAR.hear_all(text, intent="ask_work_permission")[1]


def test_a_country_of_the_union_is_heard_where_it_is_said_of_oneself() -> None:
    for text, asked in (
        ("Ich bin aus Polen", None),
        ("I was born in Poland and I am still Polish today", "nationality"),
    ):
        found = {(fact.entity, fact.value) for fact in EAR.hear(text, intent="inform", asked=asked)}
        assert ("country", "PL") in found


@pytest.mark.parametrize("text", ["a job", "arbeiten", "شغل", "Work!", "بدي شغل"])
def test_work_is_an_activity_only_where_it_was_asked(text: str) -> None:
    assert ("activity", "employment") in {
        (f.entity, f.value) for f in EAR.hear(text, intent="inform", asked="activity")
    }
    assert "activity" not in {f.entity for f in EAR.hear(text, intent="inform")}


def test_a_named_activity_is_not_taken_for_any_work() -> None:
    found = {(f.entity, f.value) for f in EAR.hear("Arbeit im Minijob", intent="inform", asked="activity")}
    assert {value for entity, value in found if entity == "activity"} == {"minijob"}


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("einen Termin am Telefon", [("means", "phone")]),
        ("can I have an appointment by phone", [("means", "phone")]),
        ("بدي موعد عبر الهاتف", [("means", "phone")]),
        ("an appointment in person please", [("means", "on_site")]),
        ("Termin per Video", [("means", "video")]),
        ("with an Arabic interpreter", [("interpreter", "wanted"), ("language", "ar")]),
        ("Termin mit Dolmetscher für Sorani", [("interpreter", "wanted"), ("language", "ckb")]),
        ("موعد مع مترجم كردي", [("interpreter", "wanted"), ("language", "ku")]),
        ("Termin ohne Dolmetscher", [("interpreter", "none")]),
        ("I don't need an interpreter", [("interpreter", "none")]),
        ("بدون مترجم", [("interpreter", "none")]),
        ("next week", [("day", "next_week")]),
        ("الأسبوع القادم", [("day", "next_week")]),
        ("الأسبوع الجاي الصبح", [("day", "next_week"), ("time_of_day", "morning")]),
        ("am Dienstag nächste Woche", [("day", "tuesday"), ("day", "next_week")]),
        ("next Tuesday morning", [("day", "tuesday"), ("time_of_day", "morning")]),
    ],
)
def test_a_wish_for_an_appointment_is_heard(text: str, facts: list[tuple[str, str]]) -> None:
    about_time = {fact for fact in heard(text, "book_appointment") if fact[0] not in ("procedure", "topic")}
    assert about_time == set(facts)


@pytest.mark.parametrize(
    ("text", "intent", "fact"),
    [
        ("with an arabic interpreter", "ask_interpreter", ("interpreter", "wanted")),
        ("rather on the phone", "ask_contact", ("means", "phone")),
    ],
)
def test_a_wish_for_an_appointment_is_heard_in_a_neighbouring_intent(
    text: str, intent: str, fact: tuple[str, str]
) -> None:
    assert fact in heard(text, intent)


def test_the_language_of_an_interpreter_is_heard_only_beside_the_word() -> None:
    assert ("language", "de") not in heard("an appointment about a German course please", "book_appointment")
    assert heard("ask about the interpreter", "ask_opening_hours") == []


@pytest.mark.parametrize(
    ("text", "activity"),
    [
        ("can I open my own barber shop?", "self_employment"),
        ("Darf ich einen eigenen Friseurladen aufmachen?", "self_employment"),
        ("بدي أفتح محل حلاقة، مسموح؟", "self_employment"),
        ("kendi dönerci dükkanımı açabilir miyim?", "self_employment"),
        ("ich will eine Ausbildung zum Elektriker", "vocational_training"),
        ("Minijob in der Küche als Küchenhilfe", "minijob"),
    ],
)
def test_a_trade_beside_a_kind_of_work_is_not_a_job_like_any_other(text: str, activity: str) -> None:
    """Self-employment is allowed to fewer people than a job: the trade must not hide it."""
    heard = [fact.value for fact in EAR.hear(text, intent="ask_work_permission") if fact.entity == "activity"]
    assert heard == [activity]


@pytest.mark.parametrize(
    "text",
    [
        "ما عندي اقامة ولا دولدنغ",
        "I have neither a Duldung nor a residence permit",
        "ich habe weder Duldung noch Gestattung",
        "bende ne Duldung var ne oturum",
        "je n'ai ni Duldung ni titre de séjour",
        "У меня нет ни дульдунга, ни вида на жительство",
        "I have no Duldung or Aufenthaltsgestattung",
    ],
)
def test_neither_nor_denies_both(text: str) -> None:
    assert "residence_status" not in {fact.entity for fact in EAR.hear(text)}


def test_or_denies_nothing_by_itself() -> None:
    heard = {fact.value for fact in EAR.hear("I have a Duldung or an Aufenthaltsgestattung")}
    assert heard >= {"duldung", "aufenthaltsgestattung"}
    assert "duldung" in {fact.value for fact in EAR.hear("Ich habe noch eine Duldung")}


def test_german_here_is_not_french_yesterday() -> None:
    assert "day" not in {fact.entity for fact in EAR.hear("seit zwei Jahren bin ich hier in Velbert")}
    assert ("day", "yesterday") in {(f.entity, f.value) for f in EAR.hear("j'ai reçu la lettre, c'était hier soir")}


def test_a_turkish_ending_behind_the_year_is_no_hindrance() -> None:
    assert ("month", "2024-01") in {(f.entity, f.value) for f in EAR.hear("Ocak 2024'te geldim")}


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Ich habe seit 5 Monaten eine Duldung", "since"),
        ("5 aydır Duldung'um var", "since"),
        ("پنج ماه است که دولدونگ دارم", "since"),
        ("پێنج مانگە Duldung م هەیە", "since"),
        ("Ev 5 meh in Duldung a min heye", "since"),
        ("ን5 ኣዋርሕ Duldung ኣለኒ", "since"),
        ("Ich habe keine Duldung mehr", "denied:duldung"),
    ],
)
def test_hints_on_how_facts_are_meant(text: str, hint: str) -> None:
    assert hint in EAR.hear_all(text)[1]


def test_a_time_of_something_else_is_not_said_to_last() -> None:
    assert "since" not in EAR.hear_all("Ich habe eine Gestattung und habe 3 Jahre als Koch gearbeitet")[1]


@pytest.mark.parametrize(
    "text",
    [
        "kann ich ohne Termin kommen",
        "can I come without an appointment",
        "je peux venir sans rendez-vous",
        "بقدر أجي بدون موعد",
        "بدون ترمین بیام قبولم می‌کنید؟",
        "randevusuz gelebilir miyim",
        "можно прийти без записи",
        "можна прийти без запису",
        "ez dikarim bê termîn bêm",
        "دەتوانم بێ مەوعید بێم",
        "بې له نوبته راتلی شم",
        "ብዘይ ቆጸራ ክመጽእ ይኽእል ዶ",
    ],
)
def test_coming_without_an_appointment_is_the_way_to_an_office(text: str) -> None:
    assert ("step", "access") in heard(text, "ask_office_procedure")


@pytest.mark.parametrize(
    ("text", "conversation", "languages"),
    [
        ("کوردی", "ckb", ["ckb"]),
        ("کردی", "ckb", ["ckb"]),
        ("kurdi", "ckb", ["ckb"]),
        ("kordi", "ckb", ["ckb"]),
        ("کورمانجی", "ckb", ["ku"]),
        ("کردی کرمانجی", "ckb", ["ku"]),
        ("کردی", "fa", ["ku"]),
        ("kurdî", "ku", ["ku"]),
        ("kurdî", None, ["ku"]),
        ("عەرەبی", "ckb", ["ar"]),
    ],
)
def test_kurdish_is_the_kurdish_of_the_conversation(text: str, conversation: str | None, languages: list[str]) -> None:
    found = in_own_kurdish(EAR.hear(text, TODAY, "change_language"), text, conversation)
    assert [fact.value for fact in found if fact.entity == "language"] == languages


def test_a_sign_that_only_looks_like_a_number_is_no_number() -> None:
    assert EAR.hear("\U00010e60 Monate") == []  # a Rumi digit: a digit to Unicode, no number to Python


def test_a_year_with_an_ending_behind_a_month_in_digits_stops_nothing() -> None:
    assert ("month", "2024-03") in {(f.entity, f.value) for f in EAR.hear("meha 3 2024an de hatim")}
