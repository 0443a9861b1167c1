"""What the briefs of scripted calls tell of what a person needs to know, and of what nobody said; and how long they take; as JSON."""

import argparse
import json
from statistics import median
from time import process_time

from tests.briefs import Graded, grade, play, read_calls
from voice_agent.core.brief import Brief, make_brief
from voice_agent.core.escalation import Rule
from voice_agent.settings import load_settings

TIMES = 200
"""Each brief is made this often for its time."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="each call that is not as it should be, with what is wrong")
    given = parser.parse_args()
    rules = load_settings(None, {}).rules
    found, times = list[Graded](), list[float]()
    for call in read_calls():
        brief, world = play(call, rules)
        if brief is None:
            raise SystemExit(f"{call['name']}: nobody was asked, so there is no brief")
        found.append(grade(call, brief, world))
        times.append(_milliseconds(brief, rules[0]))
    required, missed = sum(each.required for each in found), sum(len(each.missed) for each in found)
    figures = {
        "calls": len(found),
        "slots": required,
        "recall": round(1 - missed / required, 3),
        "unsupported": sum(len(each.unsupported) for each in found),
        "cpu_ms": {"median": round(median(times), 2), "most": round(max(times), 2)},
    }
    print(json.dumps(figures))
    for each in found:
        if given.show and (each.missed or each.unsupported):
            print(json.dumps({"call": each.name, "missed": each.missed, "unsupported": each.unsupported}, ensure_ascii=False))


def _milliseconds(brief: Brief, rule: Rule) -> float:
    """Of making it once more, on this CPU."""
    begin = process_time()
    for _ in range(TIMES):
        make_brief(lines=brief.transcript, outcomes={}, rule=rule, explanation="", frustration=0.0)
    return (process_time() - begin) / TIMES * 1000


if __name__ == "__main__":
    main()
