"""The report as one HTML file that needs no network."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from voice_agent.review.review import Review

FOLDER = Path(__file__).parent


def page(review: Review) -> str:
    surroundings = Environment(loader=FileSystemLoader(FOLDER), autoescape=select_autoescape(["html"]), undefined=StrictUndefined)
    style = Markup((FOLDER / "page.css").read_text("utf-8"))  # noqa: S704  our own file
    return surroundings.get_template("page.html").render(review=review, style=style)
