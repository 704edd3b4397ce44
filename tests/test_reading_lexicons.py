"""Refusals and statements of absence in the languages that models fall back to, and sentences that are neither."""

import pytest

from harness.reading import VALUE_TYPES, fold, matches, read_reply
from harness.reading.lexicons import ABSENT, INCAPABLE, REFUSAL
from harness.reading.modes import GENERIC
from harness.records import Reply

REFUSED = {
    "en": ["I'm sorry, but I can’t help with that.", "That would be against my guidelines."],
    "de": ["Es tut mir leid, ich kann dabei nicht helfen.", "Diese Frage kann ich leider nicht beantworten."],
    "fr": ["Désolé, je ne peux pas répondre à cette question.", "Je ne peux pas vous aider."],
    "es": ["Lo siento, no puedo ayudarte con eso.", "No puedo responder a esa pregunta."],
    "it": ["Mi dispiace, non posso aiutarti.", "Non posso rispondere a questa domanda."],
    "pt": ["Desculpe, não posso ajudar com isso.", "Não posso responder a esta pergunta."],
    "nl": ["Sorry, ik kan je hier niet mee helpen.", "Die vraag kan ik niet beantwoorden."],
    "pl": ["Przepraszam, nie mogę w tym pomóc.", "Nie mogę odpowiedzieć na to pytanie."],
    "ru": ["Извините, я не могу с этим помочь.", "Я не могу ответить на этот вопрос."],
    "zh": ["抱歉，我无法回答这个问题。", "对不起，我不能提供这些信息。"],
    "ja": ["申し訳ございませんが、対応いたしかねます。", "その質問にはお答えできません。"],
    "ko": ["죄송하지만 도와드릴 수 없습니다.", "그 질문에는 답변할 수 없습니다."],
    "ar": ["عذرا، لا أستطيع مساعدتك في ذلك.", "لا يمكنني الإجابة على هذا السؤال."],
    "hi": ["क्षमा करें, मैं इसमें मदद नहीं कर सकता।", "मैं इस प्रश्न का उत्तर नहीं दे सकता।"],
}
UNABLE = {
    "en": ["I cannot access the document.", "The text is too long for me."],
    "de": ["Ich habe keinen Zugriff auf das Dokument.", "Der Text ist zu lang."],
    "fr": ["Je n'ai pas accès au document.", "Le texte est trop long."],
    "es": ["No tengo acceso al documento.", "El texto es demasiado largo."],
    "it": ["Non ho accesso al documento.", "Il testo è troppo lungo."],
    "pt": ["Não tenho acesso ao documento.", "O texto é longo demais."],
    "nl": ["Ik heb geen toegang tot het document.", "De tekst is te lang."],
    "pl": ["Nie mam dostępu do dokumentu.", "Tekst jest zbyt długi."],
    "ru": ["У меня нет доступа к документу.", "Текст слишком длинный."],
    "zh": ["我无法访问该文档。", "文本太长。"],
    "ja": ["文書にアクセスできません。", "テキストが長すぎます。"],
    "ko": ["문서에 접근할 수 없습니다.", "텍스트가 너무 깁니다."],
    "ar": ["لا أستطيع الوصول إلى المستند.", "النص طويل جدا."],
    "hi": ["मैं दस्तावेज़ पढ़ नहीं सकता।", "पाठ बहुत लंबा है।"],
}
MISSING = {
    "en": ["The text does not mention it.", "There is no information about it."],
    "de": ["Das wird im Text nicht erwähnt.", "Dazu gibt es keine Angabe."],
    "fr": ["Le code n'est pas mentionné.", "Le texte ne contient aucune réponse."],
    "es": ["El texto no menciona el código.", "No hay información sobre ello."],
    "it": ["Il codice non è indicato.", "Il testo non menziona il codice."],
    "pt": ["O código não é mencionado.", "O texto não informa o código."],
    "nl": ["De code wordt niet genoemd.", "Er is geen informatie over."],
    "pl": ["Kod nie został podany.", "Brak informacji na ten temat."],
    "ru": ["В тексте код не указан.", "В тексте нет информации об этом."],
    "zh": ["文中没有提到。", "原文未提及该代码。"],
    "ja": ["本文には記載されていません。", "その情報はありません。"],
    "ko": ["본문에 언급되어 있지 않습니다.", "정보가 없습니다."],
    "ar": ["لم يرد ذلك في النص.", "الرمز غير مذكور."],
    "hi": ["पाठ में इसका उल्लेख नहीं है।", "यह जानकारी उपलब्ध नहीं है।"],
}
NEITHER = {
    "en": ["I can help with that: it hangs by the gate.", "The keeper could read it without a lamp."],
    "de": ["Ich helfe gern: Es hängt am Tor.", "Der Wächter konnte es ohne Lampe lesen."],
    "fr": ["Je peux vous aider : il est près du portail.", "Le gardien a lu le registre."],
    "es": ["Puedo ayudarte: está junto a la puerta.", "El guardián leyó el registro."],
    "it": ["Posso aiutarti: è vicino al cancello.", "Il custode ha letto il registro."],
    "pt": ["Posso ajudar: fica perto do portão.", "O guarda leu o registro."],
    "nl": ["Ik kan je helpen: het hangt bij de poort.", "De wachter las het register."],
    "pl": ["Mogę pomóc: wisi przy bramie.", "Strażnik przeczytał rejestr."],
    "ru": ["Я могу помочь: он висит у ворот.", "Сторож прочитал журнал."],
    "zh": ["我可以帮助你：它在门边。", "守门人读了登记簿。"],
    "ja": ["お手伝いできます。門のそばにあります。", "番人は帳簿を読みました。"],
    "ko": ["도와드릴 수 있습니다. 문 옆에 있습니다.", "관리인이 장부를 읽었습니다."],
    "ar": ["أستطيع مساعدتك: هو بجانب البوابة.", "قرأ الحارس السجل."],
    "hi": ["मैं मदद कर सकता हूँ: वह फाटक के पास है।", "चौकीदार ने रजिस्टर पढ़ा।"],
}


def each(told):
    return [pytest.param(text, id=f"{language}{i}") for language in told for i, text in enumerate(told[language])]


def first_mode(text, gold_expected=1):
    kind = VALUE_TYPES["number7"]
    reading = read_reply(
        Reply(text=text, finish_reason="stop"), kind, expected=gold_expected, asked=("", ""), context=str
    )
    return next(iter(matches(GENERIC, reading)), ""), reading.extraction.none


def test_every_language_has_its_sentences():
    assert set(REFUSAL) == set(INCAPABLE) == set(ABSENT)
    assert set(REFUSAL) == set(REFUSED) == set(UNABLE) == set(MISSING) == set(NEITHER)


@pytest.mark.parametrize("text", each(REFUSED))
def test_refusals(text):
    assert first_mode(text) == ("refusal.policy", False)


@pytest.mark.parametrize("text", each(UNABLE))
def test_a_text_that_cannot_be_read(text):
    assert first_mode(text) == ("refusal.capability", False)


@pytest.mark.parametrize("text", each(MISSING))
def test_statements_of_absence(text):
    assert first_mode(text) == ("", True)


@pytest.mark.parametrize("text", each(NEITHER))
def test_other_sentences(text):
    assert first_mode(text) == ("", False)


@pytest.mark.parametrize("text", [*each(REFUSED), *each(UNABLE), *each(MISSING)])
def test_a_value_beats_whatever_is_said_around_it(text):
    assert first_mode(f"{text}\nANSWER: 1234567") == ("", False)
    assert first_mode(f"ANSWER: 1234567\n{text}") == ("", False)


@pytest.mark.parametrize(
    "word", ["keine", "aucun", "ninguno", "Nessuna.", "nenhum", "Geen", "brak", "Нет", "无", "なし"]
)
def test_none_in_other_languages(word):
    assert first_mode(f"ANSWER: {word}") == ("", True)
    assert first_mode(f"ANSWER: {word} 1234567") == ("", False)


@pytest.mark.parametrize("text", [*each(REFUSED), *each(UNABLE), *each(MISSING), *each(NEITHER)])
def test_case_and_spacing_do_not_matter(text):
    assert first_mode(f"\n  {text.upper().replace(' ', '  ')} \n") == first_mode(text)
    assert fold(text.upper()) == fold(text)
