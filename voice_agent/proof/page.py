"""The report as one HTML file that needs no network, for whoever answers for data protection."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from voice_agent.proof.proof import Proof
from voice_agent.proof.search import LEAST_PART

FOLDER = Path(__file__).parent

KINDS = {
    "NAME": "names",
    "PHONE": "phone numbers",
    "EMAIL": "e-mail addresses",
    "CARD": "card numbers",
    "ADDRESS": "street addresses",
    "NATIONAL_ID": "social security numbers",
    "DATE_OF_BIRTH": "dates of birth",
    "ACCOUNT": "account numbers",
}
PLACES = {
    "database: calls.db": "the database (calls.db)",
    "database: calls.db-wal": "the database’s latest changes (calls.db-wal)",
    "database: calls.db-shm": "the index of those changes (calls.db-shm)",
    "journals": "the journals: everything that happened in each call",
    "keys in the journals": "the keys that the journals tell, read as numbers",
    "index of the documents": "the search index of the company’s documents",
    "file: phrases.npz": "what was learned from example phrases (phrases.npz)",
    "file: callback.key": "the key that encrypts numbers to call back on",
    "pages: captions": "the phone page: the captions of each call",
    "pages: report": "the phone page: the report after each call",
    "pages: queue": "the desk: the list of those who wait, as it changes",
    "pages: brief": "the desk: the brief of a call",
    "pages: desk: the call taken": "the desk: a call that was taken",
    "pages: captions at the desk": "the desk: the captions of that call",
    "pages: desk": "the desk: the page after a call back was promised",
    "pages: /desk": "the desk: the page at the end",
}
"""Of sinks whose names say too little."""
PATHS = {
    "answered": "questions answered to the end",
    "handed over": "handed to a person, who read the brief and the conversation at the desk",
    "keypad": "numbers typed on the keypad as well",
    "number in two turns": "a number that goes on in the next turn",
    "called back, typed": "the caller wants to be called back, and types the number",
    "called back, said": "the caller wants to be called back, and says the number",
    "hung up": "the caller hangs up in the middle of a sentence",
    "recognizer down": "speech recognition fails, with the caller's words in its error",
    "redactor down": "the redactor fails, with the caller's words in its error",
    "redactor late": "the redactor takes too long",
    "queue down": "the queue of people fails, with the brief in its error",
    "recognizer bug": "a bug in speech recognition ends the call, with the caller's words in its error",
    "redactor bug": "a bug in the redactor ends the call, with the caller's words in its error",
    "intents bug": "a bug in understanding ends the call",
    "search bug": "a bug in the search ends the call",
    "writer bug": "a bug in answering ends the call",
    "shut down": "the server shuts down during the call",
}


def page(proof: Proof) -> str:
    surroundings = Environment(loader=FileSystemLoader(FOLDER), autoescape=select_autoescape(["html"]), undefined=StrictUndefined)
    style = Markup((FOLDER / "page.css").read_text("utf-8"))  # noqa: S704  our own file
    return surroundings.get_template("page.html").render(
        proof=proof, style=style, kinds=KINDS, places=PLACES, paths=PATHS, least=LEAST_PART
    )
