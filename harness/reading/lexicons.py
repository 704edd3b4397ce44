"""How people and models say that they will not answer, that they cannot read a text, and that something is not in it.

Prompts are in English, but a model that is damaged or was trained elsewhere may refuse in another language. The phrases
are few and plain: what they miss is labelled `fmt.none_found`, what they wrongly catch would be a wrong label. All are
patterns for folded text, and none repeats without a bound.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

REFUSAL: Mapping[str, str] = {
    "en": r"(?:can't|cannot|can not|won't|will not|unable to|not able to) (?:help|assist|comply|answer|fulfil|provide"
    r"|share|do that|disclose|reveal|engage)|against (?:my|the) (?:policy|policies|guidelines)"
    r"|i must decline|i'm sorry, but i (?:can't|cannot)",
    "de": r"(?:ich kann|kann ich) (?:\w{1,8} ){0,3}nicht (?:weiter)?(?:helfen|antworten|beantworten|nachkommen)"
    r"|gegen meine richtlinien",
    "fr": r"je ne (?:peux|saurais) (?:pas )?(?:vous |t'|te |y )?(?:aider|répondre|fournir|divulguer|révéler)"
    r"|contraire à mes (?:règles|directives)",
    "es": r"no puedo (?:ayudar|responder|proporcionar|compartir|revelar)|contra mis (?:políticas|directrices)",
    "it": r"non posso (?:aiutar|rispondere|fornire|rivelare|soddisfare)|contro le mie (?:linee guida|regole)",
    "pt": r"não posso (?:ajud[aá]|te ajudar|responder|fornecer|revelar|compartilhar)|contra (?:as )?minhas diretrizes",
    "nl": r"(?:ik kan|kan ik) (?:\w{1,8} ){0,3}niet (?:mee )?(?:helpen|antwoorden|beantwoorden|verstrekken)",
    "pl": r"nie mogę (?:(?:ci|w tym|na to|z tym|tego) ){0,2}(?:pomóc|odpowiedzieć|udzielić|udostępnić)",
    "ru": r"не могу (?:(?:вам|с этим|в этом|на это|на этот вопрос) ){0,2}(?:помочь|ответить|предоставить|раскрыть)",
    "zh": r"(?:无法|不能|無法)(?:为您|为你|帮您|帮你|為您|回答|回覆|协助|協助|满足|提供|帮助|幫助|透露)",
    "ja": r"申し訳|(?:お手伝い|お答え|回答|提供)(?:することは)?でき(?:ません|ない)|応じられません",
    "ko": r"도와(?:드릴|줄) 수 없|답변(?:해 |을 )?(?:드릴|할) 수 없|제공할 수 없",
    "ar": r"لا (?:أستطيع|يمكنني) (?:مساعدت|المساعدة|الإجابة|تقديم|تلبية)",
    "hi": r"(?:मदद|सहायता|प्रदान) नहीं कर सक|(?:उत्तर|जवाब) नहीं दे सक",
}
"""Will not answer."""

INCAPABLE: Mapping[str, str] = {
    "en": r"(?:can't|cannot|can not|unable to|not able to|don't have the ability to)"
    r" (?:access|process|read|open|view|handle|analy[sz]e)"
    r"|(?:too long|too large|exceeds? (?:my|the) (?:context|limit|maximum))|don't have access to|context window",
    "de": r"kein(?:en)? zugriff auf|nicht (?:darauf )?zugreifen|(?:ist|sind) zu lang"
    r"|kann (?:\w{2,12} ){1,3}nicht (?:lesen|öffnen|verarbeiten|einsehen)",
    "fr": r"pas accès (?:à|au)|ne peux pas (?:accéder|lire|ouvrir|traiter|analyser)|(?:est|sont) trop long",
    "es": r"no (?:tengo acceso|puedo (?:acceder|leer|abrir|procesar|analizar))|demasiado larg[oa]",
    "it": r"non (?:ho accesso|posso (?:accedere|leggere|aprire|elaborare))|troppo lung[oa]",
    "pt": r"não (?:tenho acesso|(?:consigo|posso) (?:acessar|aceder|ler|abrir|processar))|long[oa] demais",
    "nl": r"geen toegang tot|kan (?:\w{2,12} ){1,3}niet (?:lezen|openen|verwerken)|is te lang",
    "pl": r"nie mam dostępu|nie mogę (?:odczytać|otworzyć|przetworzyć)|jest zbyt dług",
    "ru": r"(?:нет|не имею) доступа|не могу (?:прочитать|открыть|обработать)|слишком длинн",
    "zh": r"(?:无法|不能|無法)(?:访问|读取|打开|处理|查看|存取|讀取|開啟|處理)|太长|过长|太長|過長",
    "ja": r"(?:アクセス|処理)(?:することは)?でき(?:ません|ない)|(?:読め|読み取れ|開け)ません|長すぎ",
    "ko": r"(?:접근|액세스|처리)할 수 없|(?:읽을|열) 수 없|너무 (?:길|깁)",
    "ar": r"لا (?:أستطيع|يمكنني) (?:الوصول|قراءة|فتح|معالجة)|طويل جد",
    "hi": r"(?:पढ़|खोल) नहीं सक|तक पहुंच नहीं|बहुत लंब",
}
"""Cannot read or process the text."""

ABSENT: Mapping[str, str] = {
    "en": r"(?:(?<![a-z])(?<!can )(?<!will )(?:not|never|nowhere)|(?:does|do|did|is|are|was|were|has)n't)"
    r" (?:explicitly |actually |be )?(?:mention|stat|specif|provid|giv|found|includ|contain|say|list|appear|present)"
    r"|(?<![a-z])no (?:such|mention|information|record|entry|answer)(?![a-z])"
    r"|(?:could not|couldn't|cannot|can't|unable to) find|(?:is|are) unknown(?![a-z])",
    "de": r"nicht (?:erwähnt|angegeben|genannt|enthalten|gefunden|vorhanden|aufgeführt)|steht nicht"
    r"|geht nicht .{0,30}hervor|keine? (?:angabe|information|erwähnung|antwort)",
    "fr": r"(?:n'est|ne sont|n'a|n'ont) (?:pas |nulle part |jamais ){1,2}(?:été )?(?:mention|indiqu|précis|donn|trouv)"
    r"|ne (?:mentionne|précise|contient|donne|dit|indique) (?:pas|aucun|rien)|aucune (?:mention|information|réponse)",
    "es": r"no (?:se )?(?:menciona|indica|especifica|encuentra|proporciona|aparece|figura|contiene)"
    r"|no hay (?:ninguna )?(?:mención|información|respuesta)",
    "it": r"non (?:è|viene|risulta) (?:\w{2,12} )?(?:menzionat|indicat|specificat|trovat|presente|riportat)"
    r"|non (?:menziona|indica|specifica|contiene|riporta)|nessuna (?:menzione|informazione|risposta)",
    "pt": r"não (?:é|foi|está) (?:mencionad|indicad|especificad|encontrad|presente|informad)"
    r"|não (?:menciona|indica|especifica|contém|informa|consta)|nenhuma (?:menção|informação|resposta)",
    "nl": r"niet (?:vermeld|genoemd|gegeven|gevonden|aanwezig|opgenomen)|geen (?:vermelding|informatie|antwoord)",
    "pl": r"nie (?:jest|został[ao]?) (?:\w{2,12} )?(?:wspomnian|podan|wymienion|określon|znalezion)"
    r"|nie (?:wspomina|podaje|zawiera|określa)|brak (?:informacji|wzmianki|odpowiedzi)",
    "ru": r"не (?:упоминает|упомянут|указан|приведен|найден|содержит|говорится|сообщается)"
    r"|нет (?:информации|упоминани|ответа|данных)",
    "zh": r"(?:没有|并未|未|沒有)(?:明确|明確|被)?(?:提到|提及|说明|說明|给出|給出|提供|找到|包含|列出|记载|記載)"
    r"|不存在|找不到",
    "ja": r"(?:記載|言及|記述|情報)(?:は|が)?(?:され)?(?:ていません|ていない|ありません|見つかりません)"
    r"|(?:書かれて|述べられて|示されて|含まれて)い(?:ません|ない)|見つかりません",
    "ko": r"(?:언급|명시|기재|제시|포함)되(?:어 ?있)?지 않|정보(?:가|는) 없|찾을 수 없|나와 있지 않",
    "ar": r"لم (?:يتم ذكر|يرد|يذكر|تذكر|يحدد)|لا (?:يوجد|توجد|يذكر|تذكر|يحتوي)|غير (?:مذكور|موجود|محدد)",
    "hi": r"(?:उल्लेख|जानकारी|दिया|बताया|मौजूद)[^।\n]{0,20} नहीं",
}
"""Something is not in a text."""

NONE_ABROAD = re.compile(
    r"[\s\"'*`]{0,4}(?:keine[rs]?|aucune?|ningun[oa]|nessun[oa]|nenhuma?|geen|brak|нет|无|無|没有|なし|없음|لا يوجد"
    r"|कोई नहीं)[\s\"'*`.。]{0,4}"
)
"""An answer that is "none" in another language."""


def compiled(lexicon: Mapping[str, str]) -> re.Pattern[str]:
    """Return one pattern for all languages."""
    return re.compile("|".join(unicodedata.normalize("NFKC", pattern) for pattern in lexicon.values()))
