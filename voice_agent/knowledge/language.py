"""Whether words are in another language than English, or say that their speaker has no English.

Only what the recogniser wrote is read: it is made to write English, and turns a foreign sentence into English words now and
then. What it heard is judged by the sound (`Transcript.foreign`).
"""

import re

_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[a-zà-öø-ÿāăąćčďđēęěğīłńňœřśšşťūůźżžƒ]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_PLACEHOLDER = re.compile(r"<[A-Z][A-Z_]*\d*>")
_COMMON = {
    "Spanish": """que de la el los las una por para con está mi pero quiero necesito tengo puedo hablar gracias hola usted yo dónde
        cuándo cómo cuánto ayuda favor español pedido mañana buenos buenas días tardes señor señora hay muy también porque""",
    "French": """je le les des une est pas vous nous mon ma avec pour bonjour merci voudrais parler qui dans sur ai c'est j'ai quand
        comment combien suis peux s'il plaît français commande mais très oui""",
    "German": """ich und der das ist nicht ein eine einen mit für mein meine meinen bitte danke möchte haben habe wie wann sprechen
        kann auf guten tag deutsch bestellung wo sind sie aber auch""",
    "Portuguese": """eu não uma com para você quero preciso falar obrigado obrigada meu minha por olá bom dia onde quando quanto
        português pedido estou ajuda""",
    "Italian": """io non il che sono vorrei parlare per una con grazie buongiorno mio mia dove quando quanto ho posso aiuto italiano
        ordine di""",
    "Polish": """nie jest się chcę proszę dzień dobry mam dziękuję gdzie kiedy ile polsku rozmawiać zamówienie moje czy""",
    "Dutch": """ik het een niet mijn wil graag dank goedemorgen goedendag waar wanneer hoeveel nederlands bestelling spreken met
        kunt heb""",
    "Tagalog": """ako ang ng po hindi salamat magandang paano saan kailan kailangan tulong gusto kong sa mga""",
    "Vietnamese": """tôi không cảm ơn xin chào bạn muốn của là được tiếng việt giúp đơn hàng""",
}
"""Words that a caller of each language can hardly do without, and that an English sentence has no two of."""
_FOREIGN = tuple(frozenset(words.split()) for words in _COMMON.values())
_LANGUAGES = (
    "spanish|french|german|portuguese|italian|polish|dutch|tagalog|vietnamese|chinese|mandarin|cantonese|russian|arabic|korean|creole"
)
_NO_ENGLISH = re.compile(
    r"\b(?:i|we|he|she|my \w+) (?:really |just )?(?:do not|don't|doesn't|does not|can't|cannot|no) (?:really )?(?:speak|understand) "
    r"(?:much |any |very much |very good |good |so much )?english\b"
    rf"|^no english\b|\b(?:in )?(?:{_LANGUAGES}),? please$|\b(?:speak|talk) (?:to|with) (?:somebody|someone|me) in (?:{_LANGUAGES})\b"
)
_LEAST_SHARE = 0.4
"""Of the words, in one language's list: an ordinary sentence has about half of its words from such a list."""


def in_another_language(text: str) -> bool:
    """For at least two words; a greeting alone, or a foreign name in an English sentence, is no sign."""
    low = _PLACEHOLDER.sub(" ", text).lower().replace("’", "'").strip(" .,!?")
    if _NO_ENGLISH.search(low):
        return True
    letters = _LETTER.findall(low)
    if len(letters) >= 4 and sum(not _LATIN.match(letter) for letter in letters) > len(letters) / 2:
        return True
    words = _WORD.findall(low)
    most = max(sum(word in common for word in words) for common in _FOREIGN)
    return most >= 2 and most >= _LEAST_SHARE * len(words)
