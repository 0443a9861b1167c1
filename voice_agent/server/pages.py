"""The pages' templates and static files: nothing comes from another host, and nothing goes stale."""

import hashlib
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

_HERE = Path(__file__).parent
STATIC = _HERE / "static"

_PLACEHOLDER = re.compile(r"<([A-Z_]+?)(?:_\d+)?>")
_HIDDEN = re.compile(r"&lt;([A-Z_]+?)(?:_\d+)?&gt;")


def _redacted(text: str) -> Markup:
    """Text, with a small label in place of each piece of personal data that was taken out, such as <CARD>."""

    def label(match: re.Match[str]) -> str:
        return f'<span class="hidden-data" title="Personal data, left out">{match[1].lower().replace("_", " ")}</span>'

    return Markup(_HIDDEN.sub(label, str(escape(text))))  # noqa: S704  escaped just now


def _readable(text: str) -> str:
    """Text to edit or to copy: what was taken out is a word in brackets."""
    return _PLACEHOLDER.sub(lambda match: f"[{match[1].lower().replace('_', ' ')}]", text)


def _version() -> str:
    digest = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


class Pages:
    """Renders templates. All text is escaped, whatever it is."""

    def __init__(self, company: str) -> None:
        self.static_path = f"/static/{_version()}"
        """Changes when any static file does, so that browsers may keep them for good, modules that import each other too."""
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(redacted=_redacted, readable=_readable)
        self._templates.globals.update(company=company, static=self.static_path, me=None)

    def fragment(self, template: str, **values: object) -> str:
        return self._templates.get_template(template).render(values)

    def page(self, template: str, status: int = 200, **values: object) -> HTMLResponse:
        return HTMLResponse(self.fragment(template, **values), status)
