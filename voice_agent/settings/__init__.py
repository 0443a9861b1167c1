"""The configuration: `config/*.yaml` and the environment, checked as a whole and frozen.

Everything has a default, so an empty file works; a file that the chosen folder does not have is the shipped one.
A mistake is a ConfigError that names file, line and key and says what would be right; all mistakes are reported at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from voice_agent.core.escalation import Rule
from voice_agent.core.policy import Policy
from voice_agent.settings.escalation import Escalation, read_escalation
from voice_agent.settings.generations import FILES
from voice_agent.settings.mistakes import ConfigFile, known, raise_if_any
from voice_agent.settings.policy import read_policy
from voice_agent.settings.secrets import Secrets, read_secrets
from voice_agent.settings.sections import (
    KnowledgeSettings,
    LlmSettings,
    ModelSettings,
    PrivacySettings,
    ServerSettings,
    SpeechSettings,
)
from voice_agent.settings.validate import validate

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "config"

__all__ = [
    "SHIPPED",
    "Escalation",
    "KnowledgeSettings",
    "LlmSettings",
    "ModelSettings",
    "PrivacySettings",
    "Secrets",
    "ServerSettings",
    "Settings",
    "SpeechSettings",
    "data_dir_of",
    "load_escalation",
    "load_policy",
    "load_settings",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All of the configuration. Paths in it are absolute."""

    config_dir: Path
    server: ServerSettings
    policy: Policy
    escalation: Escalation
    speech: SpeechSettings
    knowledge: KnowledgeSettings
    llm: LlmSettings
    privacy: PrivacySettings
    secrets: Secrets
    llm_keys: Mapping[str, str] = field(repr=False)
    """The language models' keys, by the variables that llm.yaml names; those that are set."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self.escalation.rules

    @property
    def escalation_file(self) -> Path:
        """Where the rules stand: in this folder of configuration, or in the shipped one."""
        return _path(self.config_dir, "escalation")

    @property
    def policy_files(self) -> tuple[Path, ...]:
        """What makes a generation of the policy, in the order of `generations.FILES`."""
        return tuple(_path(self.config_dir, Path(name).stem) for name in FILES)

    @property
    def data_dir(self) -> Path:
        return self.server.data_dir

    def with_options(self, *, host: str | None = None, port: int | None = None, kb: Path | None = None) -> "Settings":
        """As changed on the command line; None leaves as it is."""
        changed = {"host": host or self.server.host, "port": self.server.port if port is None else port}
        server = self.server.model_copy(update=changed)
        knowledge = self.knowledge.model_copy(update={"folder": kb.resolve()}) if kb else self.knowledge
        return replace(self, server=server, knowledge=knowledge)


def load_settings(config_dir: Path | None, env: Mapping[str, str]) -> Settings:
    """Read the configuration in `config_dir` (None: the shipped one) and the secrets in `env`.

    Raises:
        ConfigError: lists every mistake in it, a line each.
    """
    folder = (config_dir or SHIPPED).resolve()
    raise_if_any(
        [] if folder.is_dir() else [f"{config_dir}: there is no such folder of configuration; name one that exists with --config."]
    )
    files = {name: _file(folder, name) for name in ("server", "policy", "escalation", "speech", "knowledge", "llm", "privacy")}
    mistakes: list[str] = []
    secrets = read_secrets(env, mistakes)
    policy = read_policy(files["policy"])
    llm = _llm(files["llm"], policy)
    knowledge, privacy = _knowledge(files["knowledge"], folder), validate(files["privacy"], PrivacySettings)
    settings = Settings(
        config_dir=folder,
        server=_server(files["server"], folder),
        policy=replace(policy, company=knowledge.company, recording=privacy.recording),
        escalation=read_escalation(files["escalation"], policy.fallback_queue),
        speech=validate(files["speech"], SpeechSettings),
        knowledge=knowledge,
        llm=llm,
        privacy=privacy,
        secrets=secrets,
        llm_keys={name: key for each in llm.models if (name := each.key_variable) and (key := env.get(name, "").strip())},
    )
    queues = settings.escalation.queues
    if policy.fallback_queue not in queues and not files["escalation"].mistakes:
        what = f'"{policy.fallback_queue}" is not one of the queues in escalation.yaml; {known(policy.fallback_queue, queues, "queues")}'
        files["policy"].note(("fallback_queue",), what)
    raise_if_any([*(mistake for file in files.values() for mistake in file.mistakes), *mistakes])
    return settings


def load_policy(path: Path) -> Policy:
    """The policy in a file of its own, such as one to try on recorded calls.

    Raises:
        ConfigError: lists every mistake in it, or there is no such file.
    """
    raise_if_any([] if path.is_file() else [f"{path}: there is no such file."])
    file = ConfigFile(path)
    policy = read_policy(file)
    raise_if_any(file.mistakes)
    return policy


def data_dir_of(config_dir: Path | None) -> Path:
    """Where the server of a configuration keeps its data, whatever is wrong in the other files.

    Raises:
        ConfigError: server.yaml has mistakes.
    """
    folder = (config_dir or SHIPPED).resolve()
    file = _file(folder, "server")
    server = _server(file, folder)
    raise_if_any(file.mistakes)
    return server.data_dir


def load_escalation(path: Path, policy: Policy) -> Escalation:
    """The rules in a file of its own, such as a change to try on recorded calls.

    Raises:
        ConfigError: lists every mistake in it, or there is no such file.
    """
    raise_if_any([] if path.is_file() else [f"{path}: there is no such file."])
    file = ConfigFile(path)
    escalation = read_escalation(file, policy.fallback_queue)
    raise_if_any(file.mistakes)
    return escalation


def _file(folder: Path, name: str) -> ConfigFile:
    return ConfigFile(_path(folder, name))


def _path(folder: Path, name: str) -> Path:
    own = folder / f"{name}.yaml"
    return own if own.exists() else SHIPPED / own.name


def _server(file: ConfigFile, folder: Path) -> ServerSettings:
    server = validate(file, ServerSettings)
    return server.model_copy(update={"data_dir": folder.parent / server.data_dir})


def _knowledge(file: ConfigFile, folder: Path) -> KnowledgeSettings:
    """The documents lie beside the folder of the file that names them, or, where nothing does, where they were shipped."""
    knowledge = validate(file, KnowledgeSettings)
    base = folder.parent if "folder" in file.data else ROOT
    return knowledge.model_copy(update={"folder": base / knowledge.folder})


def _llm(file: ConfigFile, policy: Policy) -> LlmSettings:
    llm = validate(file, LlmSettings)
    if llm.model is None:
        for key in ("fallbacks", "strong"):
            if getattr(llm, key):
                file.note((key,), "is never asked without a usual model; set `model` as well.")
        return llm
    if llm.wait_s >= policy.think_within:
        limit = f"think_within of policy.yaml ({policy.think_within:g})"
        file.note(("wait_s",), f"{llm.wait_s:g} is not below {limit}: the call would give the question up first; make it smaller.")
    for key in ("connect_s", "first_token_s"):
        if getattr(llm, key) > llm.wait_s:
            file.note((key,), f"{getattr(llm, key):g} is above wait_s ({llm.wait_s:g}), which a caller waits at most; make it smaller.")
    return llm
