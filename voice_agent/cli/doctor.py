"""`voice-agent doctor`: what is in place, what is not, and what mends it."""

import os
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.table import Table

from voice_agent.cli.lines import Config, Kb, write
from voice_agent.errors import ConfigError, InputError
from voice_agent.settings import ModelSettings, Secrets, Settings, load_settings

_GIGABYTE = 1e9
_TWILIO = ("twilio_account_sid", "twilio_auth_token", "public_base_url")
_SIGNS = {"ok": "[green]✓[/]", "warn": "[yellow]![/]", "bad": "[red]✗[/]"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    check: str
    state: Literal["ok", "warn", "bad"]
    """`warn`: works, but not all of it, or not for long; `bad`: must be mended."""
    found: str
    mend: str = ""
    """What to do; empty when nothing is to be done."""


def doctor(config: Config = None, kb: Kb = None) -> None:
    """Check the set-up and say how to mend it.

    A table at a terminal, else one JSON object a check: check, state ("ok", "warn" or "bad"), found, mend. Exit code 1 when something
    must be mended.
    """
    console = Console()
    checks = []
    with console.status("Checking …") if console.is_terminal else nullcontext():
        for check in examine(config, kb, os.environ):
            checks.append(check)
            if not console.is_terminal:
                write(asdict(check))
    if console.is_terminal:
        _show(console, checks)
    if any(check.state == "bad" for check in checks):
        raise typer.Exit(1)


def examine(config: Path | None, kb: Path | None, env: Mapping[str, str]) -> Iterator[Check]:
    """Every check, in order. Those that rest on the configuration are left out when it is wrong."""
    yield _python()
    yield _processor()
    try:
        settings = load_settings(config, env).with_options(kb=kb)
    except ConfigError as error:
        for line in str(error).splitlines():
            yield Check(check="configuration", state="bad", found=line, mend="Change that line and run the doctor again.")
        return
    yield Check(check="configuration", state="ok", found=f"{settings.config_dir}: {len(settings.rules)} rules of escalation")
    yield from _models(settings)
    yield from _documents(settings.knowledge.folder)
    yield _disk(settings.data_dir)
    yield _port(settings.server.host, settings.server.port)
    yield from _language_models(settings)
    yield _twilio(settings.secrets)
    yield _ringing(settings)
    yield _phone_page(settings)


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 14):
        return Check(check="python", state="ok", found=version)
    return Check(
        check="python", state="bad", found=version, mend="Install a Python from 3.11 to 3.14 and run: PYTHON=/path/to/it scripts/setup"
    )


def _processor() -> Check:
    import ctranslate2

    cores, cards = len(os.sched_getaffinity(0)), ctranslate2.get_cuda_device_count()
    found = f"{cores} cores; " + (f"{cards} GPUs, which Whisper uses" if cards else "no GPU, so Whisper runs on the cores")
    if cores == 1 and not cards:
        return Check(
            check="processor", state="warn", found=found, mend="One core serves a few calls at most; give the machine two or more."
        )
    return Check(check="processor", state="ok", found=found)


def _models(settings: Settings) -> Iterator[Check]:
    from voice_agent.app import model_names, model_store

    store = model_store(settings)
    for name, key in model_names(settings).items():
        try:
            (report,) = store.verify((name,))
        except InputError as error:
            yield Check(check=f"model {name}", state="bad", found=str(error), mend=f"Name another in {settings.config_dir}/{key}.")
            continue
        if report.wrong:
            found = "; ".join(str(each) for each in report.wrong[:3])
            yield Check(check=f"model {name}", state="bad", found=found, mend=f"Run: scripts/voice-agent models fetch {name}")
        else:
            yield Check(check=f"model {name}", state="ok", found=f"verified, {report.model.license}")


def _documents(folder: Path) -> Iterator[Check]:
    from voice_agent.knowledge.documents import document_paths, load_document

    try:
        paths = document_paths(folder)
    except InputError as error:
        yield Check(
            check="documents", state="bad", found=str(error), mend="Make the folder, or name another in knowledge.yaml or with --kb."
        )
        return
    wrong = []
    for path in paths:
        try:
            load_document(path, folder)
        except InputError as error:
            wrong.append(str(error))
    if not paths:
        yield Check(check="documents", state="bad", found=f"{folder}: no document", mend="Put the company's documents there.")
    else:
        yield Check(check="documents", state="ok", found=f"{folder}: {len(paths) - len(wrong)} documents")
    for problem in wrong:
        yield Check(check="documents", state="warn", found=problem, mend="Until then nothing is answered from it.")


def _disk(folder: Path) -> Check:
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(there).free / _GIGABYTE
    if not os.access(there, os.W_OK):
        return Check(
            check="disk", state="bad", found=f"{folder}: cannot be written to", mend="Change its owner, or data_dir in server.yaml."
        )
    found = f"{folder}: {free:.1f} GB free"
    if free < 0.5:
        return Check(check="disk", state="bad", found=found, mend="Make room: 1 GB lasts for thousands of calls.")
    return Check(check="disk", state="ok", found=found)


def _port(host: str, port: int) -> Check:
    check = f"port {port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except OSError as error:
        if _is_ours(host, port):
            return Check(check=check, state="ok", found=f"a voice_agent server answers on {host} already")
        mend = "Stop what uses it, or choose another: port in server.yaml, or serve --port."
        return Check(check=check, state="bad", found=f"cannot be used on {host}: {error.strerror or error}", mend=mend)
    return Check(check=check, state="ok", found=f"free on {host}")


def _is_ours(host: str, port: int) -> bool:
    import httpx

    try:
        answer = httpx.get(f"http://{host}:{port}/healthz", timeout=2, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return answer.status_code == httpx.codes.OK and answer.text == "ok\n"


def _language_models(settings: Settings) -> Iterator[Check]:
    if not settings.llm.models:
        yield Check(check="language model", state="ok", found="none: answers are the documents' own sentences")
    for model in settings.llm.models:
        yield _language_model(model, model.key_variable if model.key_variable in settings.llm_keys else None)


def _language_model(model: ModelSettings, key: str | None) -> Check:
    from voice_agent.app import unset_variables

    check = f"language model {model.model}"
    try:
        unset = unset_variables(model.model)
    except ConfigError as error:
        return Check(check=check, state="bad", found=str(error), mend="Change it in llm.yaml.")
    if model.api_base:
        if not _answers(model.api_base):
            mend = "Start it, or change api_base in llm.yaml; until then it is passed over."
            return Check(check=check, state="bad", found=f"nothing answers at {model.api_base}", mend=mend)
        found = f"at {model.api_base}; {f'{key} is set' if key else 'without a key'}"
        return Check(check=check, state="ok", found=found)
    if key or not unset:
        return Check(check=check, state="ok", found=f"{key or 'what its provider asks for'} is set")
    mend = f"Set {' and '.join(unset)} in the environment, or {model.key_variable or 'the variable that key_variable in llm.yaml names'}."
    return Check(check=check, state="bad", found=f"not set: {', '.join(unset)}", mend=mend)


def _answers(url: str) -> bool:
    """Whether anything takes connections there."""
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)), timeout=2):
            return True
    except OSError:
        return False


def _twilio(secrets: Secrets) -> Check:
    missing = [name.upper() for name in _TWILIO if not getattr(secrets, name)]
    if not missing:
        return Check(check="Twilio", state="ok", found=f"set up at {secrets.public_base_url}")
    mend = f"For calls from the telephone network set {', '.join(missing)}; README.md says how."
    found = "not set up; the phone page works without it" if len(missing) == len(_TWILIO) else f"{', '.join(missing)} not set"
    return Check(check="Twilio", state="warn" if len(missing) == len(_TWILIO) else "bad", found=found, mend=mend)


def _ringing(settings: Settings) -> Check:
    own, shared = settings.secrets.twilio_phone_number, settings.secrets.agent_phone_number
    routed = settings.server.task_router is not None
    if not own:
        mend = "To have phones rung for Twilio calls set TWILIO_PHONE_NUMBER."
        found = "not set up; TaskRouter needs it" if routed else "not set up; people take calls on the desk"
        return Check(check="agent's phone", state="bad" if routed else "warn", found=found, mend=mend)
    if routed:
        return Check(check="agent's phone", state="ok", found="TaskRouter rings its workers for Twilio calls")
    who = "their own (accounts phone), or the one they share" if shared else "only those with a phone of their own (accounts phone)"
    return Check(check="agent's phone", state="ok", found=f"people are rung for Twilio calls: {who}")


def _phone_page(settings: Settings) -> Check:
    if not settings.server.anybody_may_call:
        return Check(check="phone page", state="ok", found="asks who is there")
    if settings.server.demo == "local":
        return Check(check="phone page", state="ok", found="anybody on this machine may call")
    return Check(
        check="phone page", state="warn", found="anybody who reaches it may call", mend="demo: nobody in server.yaml asks who is there."
    )


def _show(console: Console, checks: list[Check]) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for check in checks:
        mend = f"\n[dim]→ {_safe(check.mend)}[/]" if check.mend else ""
        table.add_row(_SIGNS[check.state], f"[bold]{check.check}[/]", _safe(check.found) + mend)
    console.print(table)
    bad = sum(check.state == "bad" for check in checks)
    console.print(f"[red]{bad} to mend[/]" if bad else "[green]Ready to serve.[/]")


def _safe(text: str) -> str:
    """Brackets are rich's markup."""
    return text.replace("[", r"\[")
