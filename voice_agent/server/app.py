"""The web application: every route, behind the doorkeeper."""

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles

from voice_agent.server import desk, login, phone, twilio
from voice_agent.server.described import described
from voice_agent.server.doorkeeper import Doorkeeper
from voice_agent.server.house import House
from voice_agent.server.pages import STATIC, Pages


def create_app(house: House) -> FastAPI:
    app = FastAPI(title="voice_agent", docs_url=None, redoc_url=None)
    app.add_middleware(Doorkeeper, access=house.access)
    pages = Pages(house.company)
    app.mount(pages.static_path, StaticFiles(directory=STATIC))

    @app.get("/", include_in_schema=False)
    async def front() -> RedirectResponse:
        return RedirectResponse("/phone")

    @app.get("/healthz", **described(PlainTextResponse))
    async def healthy() -> PlainTextResponse:
        """The process lives."""
        return PlainTextResponse("ok\n")

    @app.get("/readyz", **described(PlainTextResponse, 503))
    async def ready() -> PlainTextResponse:
        """New calls may be sent here. Before the models are loaded, `run.serve` answers for us."""
        if house.calls.draining:
            return PlainTextResponse("shutting down\n", 503)
        return PlainTextResponse("ready\n")

    app.include_router(login.routes(house, pages))
    app.include_router(phone.routes(house, pages))
    app.include_router(desk.routes(house, pages))
    app.include_router(twilio.routes(house.twilio))
    return app
