"""The tables of rules and moves, as a diagram that one can read."""

from __future__ import annotations

from canary.rollout.moves import MOVES
from canary.rollout.rules import RULES
from canary.rollout.stage import Stage
from canary.rollout.verdict import Ask, Hold, Tidy

_JUDGED = tuple(stage for stage in Stage if stage.judged)
_LEADS = {
    (Stage.INITIALIZING, "initialized"): (Stage.INITIALIZED,),
    **{(stage, "promote"): (Stage.PROMOTING,) for stage in _JUDGED},
    **{(stage, "rollback"): (Stage.FAILED,) for stage in _JUDGED},
    **{(stage, "reverted"): (Stage.SUCCEEDED,) for stage in _JUDGED},
    (Stage.WAITING_PROMOTION, "restart"): (Stage.PROGRESSING,),
    (Stage.WAITING_PROMOTION, "lower"): (Stage.PROGRESSING,),
    (Stage.PROGRESSING, "wait"): (Stage.PROGRESSING, Stage.WAITING, Stage.WAITING_PROMOTION),
    (Stage.WAITING_PROMOTION, "wait"): (Stage.WAITING_PROMOTION,),
    (Stage.WAITING, "refused"): (Stage.FAILED,),
    (Stage.WAITING, "left"): (Stage.SUCCEEDED,),
    (Stage.PROMOTING, "shift"): (Stage.PROMOTING, Stage.FINALISING),
    (Stage.PROMOTING, "promotion_failed"): (Stage.FAILED,),
    (Stage.FINALISING, "promotion_failed"): (Stage.FAILED,),
    (Stage.TERMINATING, "left"): (Stage.TERMINATED,),
    (Stage.FINALISING, "succeeded"): (Stage.SUCCEEDED,),
}


def leads_to(stage: Stage, move: str) -> tuple[Stage, ...]:
    """The stages that ``move`` may lead to from ``stage``; proved by a test against the moves."""
    if move == "start":
        return (Stage.PROGRESSING,)
    if move == "anew":
        return (Stage.INITIALIZING,)
    if move == "leave":
        return (Stage.TERMINATING, Stage.TERMINATED)
    if move == "wait" and stage.idle:
        return (Stage.WAITING,)
    return _LEADS.get((stage, move), (stage,))


def render() -> str:
    """Mermaid: a state diagram of the moves, then each stage's rules in order as comments."""
    lines = ["stateDiagram-v2", "  [*] --> Initializing"]
    for stage, moves in MOVES.items():
        for verdict, move in moves.items():
            if verdict in (Hold, Ask, Tidy):
                continue
            name = getattr(move, "__name__", str(move))
            lines += [
                f"  {stage.value} --> {to.value}: {verdict.__name__} ({name})"
                for to in leads_to(stage, name)
            ]
    for stage, rules in RULES.items():
        names = ", ".join(getattr(rule, "__name__", str(rule)) for rule in rules)
        lines.append(f"  %% {stage.value}: {names}")
    return "\n".join(lines) + "\n"
