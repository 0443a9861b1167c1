"""The plain configuration files, one class a file, one field a key. A field's description says what a right value is."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]

MODEL_KEY = "LLM_API_KEY"
"""The environment variable with the usual language model's key."""
LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")
"""Names that lead to this machine and nowhere else."""


class Section(BaseModel):
    """The strictness shared by all files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_gaps(cls, data: Any) -> Any:
        """A key without a value keeps its default."""
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, dict) else data


class TaskRouterSettings(Section):
    """server.yaml: task_router."""

    workspace: Text = Field(pattern=r"^WS[0-9a-f]{32}$", description='the SID of a workspace, "WS" and 32 digits')
    workflow: Text = Field(pattern=r"^WW[0-9a-f]{32}$", description='the SID of a workflow of it, "WW" and 32 digits')
    away: Text | None = Field(None, pattern=r"^WA[0-9a-f]{32}$", description='the SID of an activity, "WA" and 32 digits')
    """Of a worker who did not take a call; without one TaskRouter may offer it to them again at once."""


class ServerSettings(Section):
    """server.yaml."""

    host: Text = Field("127.0.0.1", description='the address to listen on, such as "127.0.0.1"')
    port: Whole = Field(8080, ge=0, le=65535, description="a whole number from 0 to 65535; 0 takes any free port")
    max_calls: Whole = Field(20, ge=1, le=1000, description="a whole number of calls at once, from 1 to 1000")
    allowed_hosts: tuple[Text, ...] = Field((), description='a list of host names, such as ["support.example.com"]')
    """Names, without a port, under which the pages answer besides those of this machine."""
    demo: Literal["local", "everybody", "nobody"] = Field("local", description="local, everybody or nobody")
    """Who may call from the phone page without signing in; local: everybody, while only this machine reaches the server."""
    drain_grace_s: Number = Field(30.0, ge=0, le=3600, description="seconds, from 0 to 3600")
    """At shutdown: how long running calls may go on before they are handed to people."""
    task_router: TaskRouterSettings | None = Field(None, description="keys of its own below it: workspace and workflow")
    """Twilio's TaskRouter finds the people for callers from the telephone network; otherwise the desk does."""
    data_dir: Path = Field(Path("var"), description="the path of a folder, relative to the folder that holds config/")
    """Journals, the database and the passage index."""

    @property
    def anybody_may_call(self) -> bool:
        """The phone page asks nobody to sign in."""
        reached_from_here_only = all(is_loopback(host) for host in (self.host, *self.allowed_hosts))
        return self.demo == "everybody" or (self.demo == "local" and reached_from_here_only)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every name under which the pages answer."""
        own = () if self.host in ("0.0.0.0", "::") else (f"[{self.host}]" if ":" in self.host else self.host,)  # noqa: S104
        return tuple(dict.fromkeys(host.lower() for host in (*LOCAL_HOSTS, *own, *self.allowed_hosts)))


class RecognizerSettings(Section):
    """speech.yaml: recognizer."""

    model: Text = Field("whisper-base", description="the name of a Whisper model in models.lock.yaml")
    workers: Whole = Field(2, ge=1, le=64, description="a whole number of utterances transcribed at once, from 1 to 64")
    waiting: Whole = Field(16, ge=0, le=1000, description="a whole number of utterances that may wait for that, from 0 to 1000")
    beam: Whole = Field(5, ge=1, le=10, description="a whole number from 1 (quick) to 10 (careful)")
    language: Text = Field("en", pattern=r"^[a-z]{2,3}$", description='a language code of two letters, such as "en"')


class VoiceSettings(Section):
    """speech.yaml: voice."""

    engine: Literal["piper", "hibari"] = Field(
        "piper", description='"piper" (a man\'s voice) or "hibari" (a woman\'s, a tenth of the cost)'
    )
    model: Text = Field("piper-joe", description="the name of a Piper voice in models.lock.yaml")
    """Of Piper; hibari has one voice, in its package."""
    workers: Whole = Field(2, ge=1, le=64, description="a whole number of sentences made at once, from 1 to 64")
    waiting: Whole = Field(32, ge=0, le=1000, description="a whole number of sentences that may wait for that, from 0 to 1000")


class DetectorSettings(Section):
    """speech.yaml: detector."""

    engine: Literal["webrtc", "silero"] = Field(
        "silero", description='"silero" (also with noise behind the caller) or "webrtc" (quiet lines, nearly free)'
    )
    mode: Whole = Field(3, ge=0, le=3, description="a whole number from 0 (lets all sound through) to 3 (strictest)")
    floor_dbfs: Number = Field(-50.0, ge=-96, le=0, description="a level in dBFS, from -96 to 0")
    """Sound below it is never speech."""


class SpeechSettings(Section):
    """speech.yaml."""

    recognizer: RecognizerSettings = Field(RecognizerSettings(), description="keys of its own below it")
    voice: VoiceSettings = Field(VoiceSettings(), description="keys of its own below it")
    detector: DetectorSettings = Field(DetectorSettings(), description="keys of its own below it")


class KnowledgeSettings(Section):
    """knowledge.yaml."""

    company: Text = Field("Kettlewick", description="the company's name, as callers know it")
    folder: Path = Field(Path("kb"), description="the path of a folder of documents, relative to the folder that holds config/")
    embedder: Text = Field("minilm", description="the name of an embedding model in models.lock.yaml")
    stale_after_days: Whole = Field(365, ge=1, le=36500, description="a whole number of days, from 1 to 36500")
    """`kb report` names documents that were not updated for longer."""


class ModelSettings(Section):
    """A language model in llm.yaml."""

    model: Text = Field(description='a model as litellm names it, such as "anthropic/claude-haiku-4-5"')
    api_base: Text | None = Field(
        None, pattern=r"^https?://", description='an address that begins with http:// or https://, such as "http://127.0.0.1:8000/v1"'
    )
    key_variable: Text | None = Field(
        None, pattern=r"^[A-Z][A-Z0-9_]*$", description='the name of an environment variable, such as "OTHER_API_KEY"; never the key itself'
    )
    """Without one, the provider's own variable."""


class LlmSettings(Section):
    """llm.yaml."""

    model: Text | None = Field(None, description='a model as litellm names it, such as "openai/gpt-4.1-mini", or nothing')
    """Without one the answer is made of the documents' own sentences."""
    api_base: Text | None = Field(
        None, pattern=r"^https?://", description='an address that begins with http:// or https://, such as "http://127.0.0.1:8000/v1"'
    )
    fallbacks: tuple[ModelSettings, ...] = Field(
        (), max_length=5, description='a list of at most five models, such as [{model: "anthropic/claude-haiku-4-5"}]'
    )
    """Asked in this order, when the model fails."""
    strong: ModelSettings | None = Field(None, description='a model for hard questions, such as {model: "openai/gpt-4.1"}')
    connect_s: Number = Field(2.0, gt=0, le=30, description="seconds, above 0 and up to 30")
    first_token_s: Number = Field(3.0, gt=0, le=120, description="seconds, above 0 and up to 120")
    total_s: Number = Field(12.0, gt=0, le=300, description="seconds, above 0 and up to 300")
    wait_s: Number = Field(6.0, gt=0, le=120, description="seconds, above 0 and up to 120")
    """What a caller waits for a model's first sentence, over all models."""
    rest_s: Number = Field(30.0, ge=0, le=3600, description="seconds, from 0 to 3600")
    tokens_per_call: Whole = Field(40_000, ge=1_000, le=10_000_000, description="a whole number from 1000 to 10000000")
    max_tokens: Whole = Field(200, ge=16, le=4096, description="a whole number from 16 to 4096")
    temperature: Number = Field(0.0, ge=0, le=2, description="a number from 0 (sober) to 2")

    @property
    def models(self) -> tuple[ModelSettings, ...]:
        """The usual one, its fallbacks, the strong one. LLM_API_KEY is the usual one's alone: another may be another company's."""
        if self.model is None:
            return ()
        usual = ModelSettings(model=self.model, api_base=self.api_base, key_variable=MODEL_KEY)
        return (usual, *self.fallbacks, *((self.strong,) if self.strong else ()))


EntityType = Literal["NAME", "PHONE", "EMAIL", "CARD", "ACCOUNT", "ADDRESS", "POSTCODE", "DATE_OF_BIRTH", "NATIONAL_ID", "IBAN"]
"""The kinds of personal data that the redactor knows."""


def _in_words(value: Any) -> Any:
    """YAML reads a bare `off` as false."""
    return {True: "usual", False: "off"}[value] if isinstance(value, bool) else value


Strictness = Annotated[Literal["strict", "usual", "off"], BeforeValidator(_in_words)]


class RetentionSettings(Section):
    """privacy.yaml: retain. Days, for each kind of data."""

    journals: Whole = Field(90, ge=0, le=36500, description="a whole number of days, from 0 to 36500")
    handovers: Whole = Field(90, ge=0, le=36500, description="a whole number of days, from 0 to 36500")
    calls: Whole = Field(180, ge=0, le=36500, description="a whole number of days, from 0 to 36500")
    audit_log: Whole = Field(730, ge=0, le=36500, description="a whole number of days, from 0 to 36500")

    @property
    def calls_kept(self) -> int:
        """Days. Never fewer than what belongs to a call: it is found by it."""
        return max(self.calls, self.journals, self.handovers)


class PrivacySettings(Section):
    """privacy.yaml."""

    recording: Literal["none", "notice", "consent"] = Field("none", description="none, notice or consent")
    """What callers are told of the written record, and whether they are asked."""
    languages: tuple[Literal["en"], ...] = Field(("en",), min_length=1, description="[en]: English is the only one with recognisers")
    """In which personal data is recognised: what callers speak."""
    entities: dict[EntityType, Strictness] = Field(
        {}, description="lines such as `POSTCODE: off`; strict, usual (or true) or off (or false)"
    )
    reveal: dict[Literal["callback"], tuple[EntityType, ...]] = Field(
        {"callback": ("PHONE",)}, description="`callback:` with a list of kinds, such as [PHONE]; [] for none"
    )
    """What a person who has taken the call may look at, and for what. Nothing else is kept, and nothing beyond the call."""
    retain: RetentionSettings = Field(RetentionSettings(), description="keys of its own below it")
    spacy_model: Text = Field("spacy-en-md", description="the name of a spaCy model in models.lock.yaml")
    keep: tuple[Text, ...] = Field((), description='a list of texts in quotes, such as ["555-010-1234", "help@example.com"]')
    """The company's own numbers, addresses and names that its documents do not mention."""

    @property
    def purposes(self) -> dict[str, frozenset[str]]:
        """What originals may be looked at for, and of which kinds."""
        return {purpose: frozenset(kinds) for purpose, kinds in self.reveal.items()}

    @property
    def removed(self) -> frozenset[str]:
        """The kinds of personal data that are taken out."""
        return frozenset(kind for kind in get_args(EntityType) if self.entities.get(kind) != "off")

    @property
    def strict(self) -> frozenset[str]:
        """The kinds of which all that could be one is taken out."""
        return frozenset(kind for kind, how in self.entities.items() if how == "strict")


def is_loopback(host: str) -> bool:
    """Whether only this machine can be reached, or can come in, under this name."""
    name = host.lower().strip("[]")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
