"""What the configuration means."""

from dataclasses import fields
from pathlib import Path

import pytest

from voice_agent.core.escalation import Condition, Facts, decide
from voice_agent.core.policy import Policy
from voice_agent.errors import ConfigError
from voice_agent.settings import load_policy, load_settings
from voice_agent.settings.policy import ELSEWHERE, PolicyFile


def test_empty_files_work_and_still_lead_a_caller_to_a_person(tmp_path: Path) -> None:
    for name in ("server", "policy", "escalation", "speech", "knowledge", "llm", "privacy"):
        (tmp_path / f"{name}.yaml").write_text("# nothing\n", "utf-8")

    settings = load_settings(tmp_path, {})

    assert settings.policy == Policy(company="Kettlewick")
    assert list(settings.escalation.queues) == ["support"]
    assert settings.escalation.asks
    assert decide(settings.rules, Facts(key="0")).decision == "transfer"
    assert decide(settings.rules, Facts(asks_for_person=True)).decision == "transfer"
    assert {rule.queue for rule in settings.rules} == {"support"}


def test_a_file_that_the_folder_does_not_have_is_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "server.yaml").write_text("port: 9000\n", "utf-8")

    settings = load_settings(tmp_path, {})

    assert settings.server.port == 9000
    assert settings.rules == load_settings(None, {}).rules


def test_a_key_without_a_value_keeps_its_default(tmp_path: Path) -> None:
    (tmp_path / "server.yaml").write_text("port:\nmax_calls: 3\n", "utf-8")
    (tmp_path / "speech.yaml").write_text("voice:\n  workers:\n", "utf-8")

    settings = load_settings(tmp_path, {})

    assert (settings.server.port, settings.server.max_calls, settings.speech.voice.workers) == (8080, 3, 2)


def test_each_form_of_a_condition_is_read(tmp_path: Path) -> None:
    (tmp_path / "escalation.yaml").write_text(
        """\
queues: {support: }
topics: {safety: {phrases: [it burns]}, legal: {phrases: [see you in court]}}
rules:
  - name: all
    when:
      topic: [safety, legal]
      key: "0"
      unanswered_in_row: {at_least: 2}
      frustration: {below: 0.5}
      answer_confidence:
      asks_for_person: false
    then: offer
    queue: support
    priority: 1
    reason: Because.
    next_steps: [Ask for the order number., Be kind.]
    say: Shall I?
""",
        "utf-8",
    )

    (rule,) = load_settings(tmp_path, {}).rules

    assert rule.when == (
        Condition(fact="topic", operator="in", value=("safety", "legal")),
        Condition(fact="key", operator="is", value="0"),
        Condition(fact="unanswered_in_row", operator="at_least", value=2),
        Condition(fact="frustration", operator="below", value=0.5),
        Condition(fact="answer_confidence", operator="is", value=None),
        Condition(fact="asks_for_person", operator="is", value=False),
    )
    assert (rule.then, rule.priority) == ("offer", 1)
    assert rule.next_steps == ("Ask for the order number.", "Be kind.")


def test_an_empty_list_of_rules_means_none(tmp_path: Path) -> None:
    (tmp_path / "escalation.yaml").write_text("queues: {support: {title: S}}\nrules: []\n", "utf-8")
    assert load_settings(tmp_path, {}).rules == ()


def test_the_built_in_rules_use_the_fallback_queue(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("fallback_queue: sales\n", "utf-8")
    (tmp_path / "escalation.yaml").write_text("", "utf-8")
    assert {rule.queue for rule in load_settings(tmp_path, {}).rules} == {"sales"}


def test_secrets_come_from_the_environment_and_are_not_shown() -> None:
    secret = "open sesame, open sesame, open sesame"
    secrets = load_settings(None, {"SESSION_SECRET": secret, "PUBLIC_BASE_URL": "https://a.example.com/", "TWILIO_AUTH_TOKEN": " "}).secrets

    assert secrets.session_secret == secret
    assert secrets.public_base_url == "https://a.example.com"
    assert secrets.twilio_auth_token is None
    assert "sesame" not in repr(secrets)


def test_a_secret_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(ConfigError, match="SESSION_SECRET: is shorter than 32 characters; make one with") as refused:
        load_settings(None, {"SESSION_SECRET": "sesame"})
    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_anybody_may_call_while_only_this_machine_reaches_the_server(host: str) -> None:
    assert load_settings(None, {}).with_options(host=host).server.anybody_may_call


def test_a_network_that_reaches_the_server_calls_only_when_the_configuration_says_so(tmp_path: Path) -> None:
    (tmp_path / "server.yaml").write_text("allowed_hosts: [A.example.com]\n", "utf-8")
    settings = load_settings(tmp_path, {}).with_options(host="192.0.2.1")
    assert settings.server.hosts == ("127.0.0.1", "localhost", "[::1]", "192.0.2.1", "a.example.com")
    assert not settings.server.anybody_may_call
    assert not load_settings(None, {}).with_options(host="192.0.2.1").server.anybody_may_call

    (tmp_path / "server.yaml").write_text("allowed_hosts: [a.example.com]\ndemo: everybody\n", "utf-8")
    assert load_settings(tmp_path, {}).server.anybody_may_call
    (tmp_path / "server.yaml").write_text("demo: nobody\n", "utf-8")
    assert not load_settings(tmp_path, {}).server.anybody_may_call


def test_the_command_line_goes_before_the_files(tmp_path: Path) -> None:
    settings = load_settings(None, {}).with_options(port=0, kb=tmp_path)
    assert (settings.server.port, settings.server.host, settings.knowledge.folder) == (0, "127.0.0.1", tmp_path)


def test_every_field_of_the_policy_has_its_limits_and_a_default_inside_them() -> None:
    assert set(PolicyFile.model_fields) == {field.name for field in fields(Policy)} - set(ELSEWHERE)
    assert Policy(**PolicyFile.model_validate(PolicyFile().model_dump()).model_dump()) == Policy()


def test_a_policy_of_its_own_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "patient.yaml"
    file.write_text("end_pause: 1.5\nabstain: [I do not know.]\n", "utf-8")
    policy = load_policy(file)
    assert (policy.end_pause, policy.abstain) == (1.5, ("I do not know.",))
