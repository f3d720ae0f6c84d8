"""The conversation follows the language a person writes, when the evidence is good enough."""

from __future__ import annotations

import time

import pytest

from bot.languages import Decision, decide, guess, is_letter, only_greets
from bot.replies.languages import load_languages

OFFERED = ("ar", "de", "en")

# text → language; written for this test, none of it in the word lists' making
WRITTEN = [
    ("Hallo", "de"), ("moin moin", None), ("Hi", "en"),
    ("Guten Abend", "de"), ("Good evening", "en"),
    ("Wann habt ihr auf", "de"), ("Ist Mittwoch offen?", "de"), ("wo muss ich hin", "de"),
    ("Ich Duldung fünf Monat arbeiten Küche?", "de"), ("kann ich arbeit ohne erlaubnis", "de"),
    ("Darf ich mit Aufenthaltsgestattung ein Praktikum machen?", "de"), ("brauch hilfe bei antrag", "de"),
    ("welche Unterlagen brauche ich für das Jobcenter", "de"), ("mein Sohn ist 3 jahre alt", "de"),
    ("Termin absagen bitte", "de"), ("ich weiss nicht", "de"), ("seit 5 Monaten", "de"), ("Bäckerei", None),
    ("was ist das", "de"), ("Deutschkurs wo", "de"),
    ("Können Sie mir helfen", "de"), ("koennen sie mir helfen", "de"),
    ("deutsch bitte", "de"), ("Ich möchte einen Menschen sprechen", "de"), ("geht nicht weiter", "de"),
    ("When do you open tomorrow", "en"), ("can i work with Duldung", "en"), ("I don't know", "en"),
    ("my Aufenthaltsgestattung is 2 years old", "en"), ("please which paper jobcenter need", "en"),
    ("I need help from a real person", "en"), ("cancel it", "en"), ("where is office Mettmann", "en"),
    ("i no understand german", "en"), ("they say me go to Ausländerbehörde", "en"),
    ("abeg how i fit get work", "en"),
    ("am I allowed to work as a kitchen helper?", "en"), ("what do I need to bring", "en"),
    ("thank you very much", "en"), ("for five months", "en"), ("in a flat", None), ("yes please", "en"),
    ("My wife is pregnant and we live in a camp", "en"), ("english", "en"),
    ("مرحبا", "ar"), ("هل يمكنني العمل؟", "ar"), ("عندي دولدونغ من خمس شهور", "ar"), ("شلونك", "ar"),
    ("بدي موعد بالجوب سنتر", "ar"), ("متى يفتح مكتب Mettmann يوم الأربعاء", "ar"), ("اريد اشتغل", "ar"),
    ("لدي Aufenthaltsgestattung منذ سنة هل يحق لي العمل", "ar"), ("وين لازم روح", "ar"), ("ما بعرف", "ar"),
    ("آني من العراق واريد اشتغل بالمطعم", "ar"), ("شگد لازم انتظر", "ar"), ("السلام علیکم", "ar"),
    ("ana 3ndi duldung w biddi ishtighil", "ar"), ("wein lazem rou7", "ar"), ("mar7aba kifak", "ar"),
    ("سلام من می‌خواهم کار کنم", "fa"), ("آیا می توانم با این ورق کار کنم؟", "fa"),
    ("دەتوانم کار بکەم بە دولدونگ؟", "ckb"), ("زه غواړم چې کار وکړم", "ps"), ("ከመይ ጌረ ስራሕ ይረክብ", "ti"),
    ("Чи можу я працювати з цим документом, і де?", "uk"), ("Можно ли мне работать?", "ru"),
    ("Je voudrais savoir si je peux travailler", "fr"), ("Quels papiers pour le bureau ?", "fr"),
    ("Duldung ile çalışabilir miyim?", "tr"), ("Ne zaman açık burası", "tr"),
    ("Ez dikarim bi Duldungê kar bikim?", "ku"), ("Kengê vekirî ye li Mettmann", "ku"),
    ("necesito ayuda para encontrar trabajo", "es"), ("szukam pracy w restauracji od zaraz", "pl"),
    ("😀😀😀", None), ("", None), ("123 456", None), ("Duldung", None), ("B1", None), ("ok", None),
]  # fmt: skip


# whole sentences of the twelve languages, and of some that we lack
SENTENCES = [
    ("Puis-je travailler avec ma Duldung", "fr"), ("Quand est-ce que le bureau ouvre le mercredi", "fr"),
    ("j'ai besoin d'un rendez vous svp", "fr"), ("on m'a dit d'aller au Jobcenter", "fr"),
    ("Çocuğum için kreş arıyorum", "tr"), ("ne zaman randevu alabilirim", "tr"), ("calisma iznim yok ne yapmaliyim", "tr"),
    ("Duldung ile işe girebilir miyim acaba", "tr"),
    ("ez dixwazim kar bikim lê min destûr tune", "ku"), ("Kursa almanî li ku heye", "ku"),
    ("ji kerema xwe re alîkarî", "ku"), ("çawa dikarim randevûyekê bistînim", "ku"),
    ("من می خواهم در آلمان کار کنم", "fa"), ("چی وقت دفتر باز است لطفا بگویید", "fa"),
    ("برای کورس آلمانی کجا بروم", "fa"), ("سلام ببخشید من دولدونگ دارم", "fa"),
    ("من دەمەوێت کار بکەم لە ئەڵمانیا", "ckb"), ("کەی ئۆفیس دەکرێتەوە", "ckb"), ("پێویستم بە وەرگێڕ هەیە", "ckb"),
    ("زه غواړم په جرمني کې کار وکړم", "ps"), ("دفتر کله خلاصیږي", "ps"), ("ما ته د ترجمان مرسته پکار ده", "ps"),
    ("Можно ли работать с дульдунгом", "ru"), ("когда открыт офис в среду", "ru"), ("мне нужна помощь", "ru"),
    ("Де я можу знайти курси німецької", "uk"), ("коли відкрито офіс", "uk"), ("мені потрібна допомога", "uk"),
    ("ስራሕ ክሰርሕ ይኽእል ዶ", "ti"), ("ቤት ጽሕፈት መዓስ ይኽፈት", "ti"), ("ናይ ጀርመን ኮርስ ኣበይ ኣሎ", "ti"),
    ("من شوكت بيفتح المكتب يوم الاربعا", "ar"), ("اريد موعد بالدائرة بلغوني متى", "ar"),
    ("ayna maktab el jobcenter law sama7t", "ar"), ("kam shahr lazem estanna la eshteghel", "ar"),
    ("may I work while I wait for the decision", "en"), ("no idea what this letter want from me", "en"),
    ("bekomme ich die Fahrkarte bezahlt", "de"), ("ich verstehe den Brief nicht", "de"),
    ("ከመይ ኣሎኻ ሓወይ", "ti"), ("ሥራ መሥራት እፈልጋለሁ ግን ፈቃድ የለኝም ነው", "am"), ("میں یہاں کام کرنا چاہتا ہوں", "ur"),
    ("hola necesito ayuda con mis papeles por favor", "es"), ("waxaan rabaa inaan shaqo helo fadlan", "so"),
    ("unë dua të punoj në Gjermani", "sq"), ("vorrei sapere quando apre l'ufficio domani", "it"),
]  # fmt: skip


def test_whole_sentences_of_twelve_languages_are_told_apart() -> None:
    wrong = [(text, guess(text).language, want) for text, want in SENTENCES if guess(text).language != want]
    assert len(wrong) <= len(SENTENCES) * 0.03, wrong


def test_german_words_of_the_counter_do_not_hide_a_language() -> None:
    assert guess("Ausländerbehörde Aufenthaltsgestattung Jobcenter میتوانم کار کنم").language == "fa"
    assert guess("ich habe gefragt was موعد auf Deutsch heißt").language == "de"


def test_at_least_95_of_100_short_messages_are_told_apart() -> None:
    wrong = [(text, guess(text).language, want) for text, want in WRITTEN if guess(text).language != want]
    assert len(wrong) <= len(WRITTEN) * 0.05, wrong


def test_no_german_english_or_arabic_is_taken_for_a_language_we_lack() -> None:
    for text, want in WRITTEN:
        if want in OFFERED:
            decision = decided(text, fresh=True)
            assert decision.unsupported is None, text


def decided(
    text: str, current: str = "de", *, chosen: bool = False, new: bool = False, fresh: bool = False
) -> Decision:
    return decide(text, current=current, chosen=chosen, new=new, fresh=lambda: fresh, offered=OFFERED)


@pytest.mark.parametrize(
    ("text", "language"),
    [("hello", "en"), ("مرحبا", "ar"), ("cancel it", "en"), ("Mettmann", "de"), ("😀", "de")],
)
def test_one_telling_word_is_enough_at_the_beginning(text: str, language: str) -> None:
    assert decided(text, fresh=True) == Decision(language)


@pytest.mark.parametrize("text", ["hello", "yes please", "شكرا", "B1", "Mettmann", "ok thanks"])
def test_one_or_two_words_keep_the_language_later(text: str) -> None:
    assert decided(text) == Decision("de")


@pytest.mark.parametrize(
    ("text", "language"),
    [("when do you open", "en"), ("متى تفتحون يوم الأربعاء", "ar"), ("I have a Duldung since May", "en")],
)
def test_a_sentence_changes_a_language_that_was_only_detected(text: str, language: str) -> None:
    assert decided(text) == Decision(language)


def test_german_official_words_do_not_change_the_language() -> None:
    for text in (
        "Duldung Aufenthaltsgestattung Jobcenter",
        "Ausländerbehörde Termin Mettmann Integrationskurs",
    ):
        assert decided(text, "ar") == Decision("ar")
        assert decided(text, "en", chosen=True) == Decision("en")


def test_a_chosen_language_yields_only_to_clear_evidence() -> None:
    assert decided("when do you open", "de", chosen=True) == Decision("de")
    assert decided("when do you open on wednesday", "de", chosen=True) == Decision("en")
    assert decided("كم سعر", "de", chosen=True) == Decision("de")
    assert decided("متى تفتحون يوم الأربعاء", "de", chosen=True) == Decision("ar")


def test_a_language_chosen_by_the_page_yields_to_a_sentence_or_another_script() -> None:
    assert decided("مرحبا", "de", chosen=True, new=True, fresh=True) == Decision("ar")
    assert decided("hello", "ar", chosen=True, new=True, fresh=True) == Decision("ar")
    assert decided("when do you open", "de", chosen=True, new=True, fresh=True) == Decision("en")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Je voudrais savoir si je peux travailler", "fr"),
        ("Duldung ile ben burada çalışabilir miyim?", "tr"),
        ("سلام من می‌خواهم کار کنم", "fa"),
        ("Можно ли мне работать?", "ru"),
        ("我可以工作吗 现在 可以 吗", "zh"),
    ],
)
def test_a_language_we_lack_is_named_and_changes_nothing(text: str, code: str) -> None:
    assert decided(text, "de", fresh=True) == Decision("de", code)


def test_a_word_or_two_are_never_taken_for_a_language_we_lack_in_a_running_conversation() -> None:
    for text in ("merci", "salut", "привет", "teşekkürler", "سلام"):
        assert decided(text, "en").unsupported is None


def test_a_guess_costs_less_than_a_millisecond() -> None:
    guess("kitchen helper bakery warehouse")
    began = time.perf_counter()
    for _ in range(200):
        guess("kitchen helper bakery warehouse")
    assert (time.perf_counter() - began) / 200 < 0.001


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Necesito ayuda con mis papeles, ¿cuándo abre la oficina?", "es"),
        ("Waxaan u baahanahay caawimaad, xafiisku goorma ayuu furmayaa?", "so"),
        ("Kam nevojë për ndihmë me dokumentet, kur hapet zyra?", "sq"),
        ("مجھے اپنے کاغذات کے لیے مدد چاہیے، دفتر کب کھلتا ہے؟", "ur"),
        ("እርዳታ እፈልጋለሁ፣ ቢሮው መቼ ይከፈታል?", "am"),
    ],
)
def test_a_language_we_lack_is_told_beside_all_that_are_offered(text: str, language: str) -> None:
    every = tuple(load_languages().offered)
    decision = decide(text, current="de", chosen=False, new=True, fresh=lambda: True, offered=every)
    assert decision == Decision("de", language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("min yarmatim dawe bo nusini CV chon bkam", "ckb"),
        ("za mrasta ghwarom pa kar ke che sanga shoro kram", "ps"),
        ("ez dixwazim kar bikim lê destûra min tune ye", "ku"),
    ],
)
def test_sorani_and_pashto_in_latin_letters_are_no_kurmanji(text: str, language: str) -> None:
    assert guess(text).language == language


EVERY = tuple(load_languages().offered)


@pytest.mark.parametrize("text", ["سلام", "سلااام!", "سلام سلام", "سَلام 👋"])
@pytest.mark.parametrize("page", ["de", "en", "fa", "ps", "ckb", "ar"])
def test_a_bare_salam_keeps_the_language(text: str, page: str) -> None:
    assert only_greets(text)
    for chosen in (False, True):
        found = decide(text, current=page, chosen=chosen, new=True, fresh=lambda: True, offered=EVERY)
        assert found == Decision(page)


@pytest.mark.parametrize(
    ("text", "language"),
    [("کمک", "fa"), ("چطوری", "fa"), ("کار", "fa"), ("مرسته", "ps"), ("یارمەتی", "ckb"), ("ژن", "ckb"), ("شغل", "ar"), ("شلونک", "ar")],
)  # fmt: skip
@pytest.mark.parametrize("chosen", [False, True])
def test_the_first_word_after_a_bare_salam_tells_the_language(text: str, language: str, chosen: bool) -> None:
    found = decide(
        text, current="de", chosen=chosen, new=False, fresh=lambda: False, offered=EVERY, greeted=lambda: True
    )
    assert found == Decision(language)


def test_a_word_that_persian_shares_keeps_pashto_after_a_bare_salam() -> None:
    found = decide(
        "کار", current="ps", chosen=False, new=False, fresh=lambda: True, offered=EVERY, greeted=lambda: True
    )
    assert found == Decision("ps")


LETTER = (
    "Sehr geehrter Herr Ahmadi, Ihr Antrag vom 3. Mai auf Leistungen wird abgelehnt, weil Sie die geforderten Unterlagen "
    "nicht vorgelegt haben. Rechtsbehelfsbelehrung: Gegen diesen Bescheid können Sie innerhalb eines Monats nach seiner "
    "Bekanntgabe schriftlich oder zur Niederschrift bei der oben genannten Stelle Widerspruch erheben. Mit freundlichen Grüßen"
)
STORY = " ".join(["Ich wohne seit einem Jahr hier und möchte gern wissen, ob ich in der Küche arbeiten darf."] * 3)


def test_a_german_letter_changes_no_language_that_was_known() -> None:
    assert is_letter(LETTER) and not is_letter(STORY) and not is_letter("Was heißt Bescheid nach § 25 und Widerspruch?")
    for text in (LETTER, STORY, "Was heißt Bescheid nach § 25 und Widerspruch?"):
        for chosen in (False, True):
            found = decide(text, current="ar", chosen=chosen, new=False, fresh=lambda: False, offered=EVERY)
            assert found == Decision("ar"), text
    assert decide(LETTER, current="tr", chosen=False, new=True, fresh=lambda: True, offered=EVERY) == Decision("tr")


def test_a_long_german_story_begins_a_german_conversation() -> None:
    assert decide(STORY, current="en", chosen=False, new=True, fresh=lambda: True, offered=EVERY) == Decision("de")
