"""A mistake in the configuration names file, line and key, and says what would be right."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from voice_agent.errors import ConfigError
from voice_agent.settings import load_policy, load_settings

RULE = """\
queues: {support: {title: Support}}
topics: {safety: {describe: Danger., phrases: [it is on fire]}}
rules:
  - name: first
    when: WHEN
    then: transfer
    queue: support
    reason: Because.
    say: One moment.
"""


def complaints(folder: Path, env: Mapping[str, str] | None = None, /, **files: str) -> list[str]:
    """The lines of the error, without the folder."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(folder, env or {})
    return str(caught.value).replace(f"{folder}/", "").splitlines()


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("server", "port: 80\nmax_call: 3\n", 'server.yaml:2: max_call: is not a key of this file; did you mean "max_calls"?'),
        ("server", "colour: red\n", "server.yaml:1: colour: is not a key of this file; known keys are: host, port, max_calls"),
        ("server", "\nport: 99999\n", "server.yaml:2: port: 99999 is not possible; give a whole number from 0 to 65535"),
        ("server", "port: '8080'\n", 'server.yaml:1: port: "8080" is not possible; give a whole number'),
        ("server", "max_calls: yes\n", "server.yaml:1: max_calls: true is not possible; give a whole number"),
        ("server", "drain_grace_s: .inf\n", "server.yaml:1: drain_grace_s: Infinity is not possible; give seconds, from 0 to 3600"),
        ("server", "port: 1\n\nport: 2\n", "server.yaml:3: port: is here twice; line 1 has it already"),
        ("server", "no: 1\n", "server.yaml:1: no: is not a text to YAML when it is a key; put it in quotes"),
        ("server", "- port\n", "server.yaml:1: must hold lines of the form `key: value`"),
        ("knowledge", "company: a: b\n", "knowledge.yaml:1: is not valid YAML here (mapping values are not allowed"),
        ("llm", "temperature: 2024-13-99\n", "llm.yaml:1: is not valid YAML (month must be in 1..12)"),
        ("llm", "api_key: sk-12345\n", "llm.yaml:1: api_key: is not a key of this file. Secrets are read from the environment only"),
        ("llm", "fallbacks: [{model: a/b}]\n", "llm.yaml:1: fallbacks: is never asked without a usual model; set `model` as well."),
        ("llm", "model: a/b\nwait_s: 15\n", "llm.yaml:2: wait_s: 15 is not below think_within of policy.yaml (15)"),
        ("llm", "model: a/b\nwait_s: 2\n", "llm.yaml:1: first_token_s: 3 is above wait_s (2), which a caller waits at most"),
        ("llm", "model: a/b\nstrong: {api_base: 'http://x'}\n", 'llm.yaml:2: strong: has no "model"; add it: a model as litellm names it'),
        ("llm", "model: a/b\nfallbacks:\n  - model: c/d\n    key_variable: sk-12\n", "llm.yaml:4: fallbacks[1].key_variable: this is not"),
        ("llm", "api_base: localhost:1\n", 'llm.yaml:1: api_base: "localhost:1" is not possible; give an address that begins with http'),
        ("speech", "voice:\n  model: 7\n", "speech.yaml:2: voice.model: 7 is not possible; give the name of a Piper voice"),
        ("speech", "voice:\n  sped: 7\n", "speech.yaml:2: voice.sped: is not a key of this file; known keys are: engine, model, workers"),
        ("speech", "voice:\n  engine: hibary\n", 'speech.yaml:2: voice.engine: "hibary" is not possible; give "piper"'),
        ("privacy", "entities: {NMAE: true}\n", 'privacy.yaml:1: entities.NMAE: is not known; did you mean "NAME"?'),
        ("privacy", "languages: [en, de]\n", 'privacy.yaml:1: languages[2]: "de" is not possible; give [en]: English is the only one'),
        ("privacy", "entities: {NAME: strcit}\n", 'privacy.yaml:1: entities.NAME: "strcit" is not possible; give lines such as'),
        ("privacy", "entities:\n  NAME: 1\n", "privacy.yaml:2: entities.NAME: 1 is not possible; give lines such as"),
        ("policy", "greeting: 7\n", "policy.yaml:1: greeting: 7 is not possible; give a text in quotes"),
        ("policy", "end_pause: 70\n", "policy.yaml:1: end_pause: 70 is not possible; give seconds, from 0.1 to 5 (default 0.7)"),
        ("policy", "\nend_pause: 2\n", "policy.yaml:2: end_pause: end_pause (2) cannot be more than open_pause (1.6)"),
        ("policy", "notice: []\n", "policy.yaml:1: notice: [] is not possible; give a list of sentences, at least one"),
        ("policy", 'waiting: ["You are {positon}."]\n', "policy.yaml:1: waiting: braces are only for {position} in `waiting`"),
        ("policy", 'goodbye: "{position}"\n', "policy.yaml:1: goodbye: braces are only for {position} in `waiting`"),
        ("policy", "fallback_queue: suport\n", 'policy.yaml:1: fallback_queue: "suport" is not one of the queues'),
    ],
)  # fmt: skip
def test_a_mistake_names_file_line_and_key_and_what_would_be_right(tmp_path: Path, file: str, text: str, said: str) -> None:
    (found,) = complaints(tmp_path, **{file: text})
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("{topc: safety}", 'when.topc: is not a fact; did you mean "topic"?'),
        ("{topic: saftey}", 'when.topic: "saftey" is not one of the topics; did you mean "safety"?'),
        ("{topic: [safety, fire]}", 'when.topic[2]: "fire" is not one of the topics; topics are: safety.'),
        ("{key: 0}", 'when.key: 0 is not a key; write "0" to "9", "*" or "#", in quotes.'),
        ("{tier: 1}", "when.tier: 1 is not a name of a tier; write small letters, digits and hyphens, a letter first, such as gold."),
        (
            "{tier: [gold, Silver]}",
            'when.tier[2]: "Silver" is not a name of a tier; write small letters, digits and hyphens, a letter first, such as gold.',
        ),
        ("{asks_for_person: 1}", "when.asks_for_person: 1 is not possible; write true or false."),
        ("{frustration: high}", 'when.frustration: "high" is not a number; write one, or a comparison such as {at_least: 2}.'),
        ("{frustration: {over: 1}}", 'when.frustration: "over" is not a comparison; comparisons are: at_least, at_most, below.'),
        ("{frustration: {at_least: lots}}", 'when.frustration.at_least: "lots" is not a number; write for example {at_least: 2}.'),
        ("{frustration: {at_least: 1, below: 2}}", "when.frustration: give exactly one comparison, such as {at_least: 2}."),
        ("{topic: {at_least: 1}}", "when.topic: topic is not a number and cannot be compared; give the value it must have."),
        ("{topic: []}", "when.topic: the list is empty, so the rule could never match; name at least one value."),
    ],
)
def test_a_rule_that_asks_for_what_is_not_there_is_refused(tmp_path: Path, when: str, said: str) -> None:
    assert complaints(tmp_path, escalation=RULE.replace("WHEN", when)) == [f"escalation.yaml:5: rules[1].{said}"]


def test_a_rule_must_be_whole_and_name_a_queue_that_exists(tmp_path: Path) -> None:
    rule = RULE.replace("WHEN", "{topic: safety}").replace("queue: support", "queue: suport").replace("    say: One moment.\n", "")
    assert complaints(tmp_path, escalation=rule) == [
        'escalation.yaml:4: rules[1]: has no "say"; add it: what the caller is told.',
        'escalation.yaml:7: rules[1].queue: "suport" is not one of the queues; did you mean "support"?',
    ]


def test_two_rules_cannot_share_a_name(tmp_path: Path) -> None:
    rule = RULE.replace("WHEN", "{topic: safety}")
    (found,) = complaints(tmp_path, escalation=rule + rule[rule.index("  - name") :])
    assert found.startswith('escalation.yaml:10: rules[2].name: another rule above is called "first"')


def test_all_mistakes_of_all_files_are_reported_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    found = complaints(
        tmp_path,
        {"PUBLIC_BASE_URL": "example.com", "AGENT_PHONE_NUMBER": "555"},
        server="prot: 1\nmax_calls: 0\nport: x\n",
        policy="end_pause: x\n",
    )
    assert [line.split(": ")[0] for line in found] == [
        "server.yaml:1",
        "server.yaml:2",
        "server.yaml:3",
        "policy.yaml:1",
        "environment",
        "environment",
    ]


def test_a_secret_is_never_quoted(tmp_path: Path) -> None:
    found = complaints(
        tmp_path, {"TWILIO_ACCOUNT_SID": "topsecret", "PUBLIC_BASE_URL": "topsecret"}, llm="api_key: topsecret\nkey_variable: topsecret\n"
    )
    assert len(found) == 4
    assert "topsecret" not in "".join(found)


def test_a_folder_or_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere: there is no such folder of configuration"):
        load_settings(tmp_path / "nowhere", {})
    with pytest.raises(ConfigError, match=r"mine\.yaml: there is no such file"):
        load_policy(tmp_path / "mine.yaml")


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "server.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"server\.yaml:1: is not UTF-8 text"):
        load_settings(tmp_path, {})
