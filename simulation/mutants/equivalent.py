"""Mutants that change nothing a user or the cluster could see, each with the argument for it."""

from __future__ import annotations

from collections.abc import Mapping

_PREPARED = "`prepared` speaks before the first step only, `checked` from it on: never both do."
_SIZED = (
    "`promotion` speaks at the end of the plan or before a guarded step, `sized` before a step "
    "that has a size: guarded steps have none, so that never both do."
)
_BOTH_THERE = "`adopt` goes no further unless target and primary are there: it is said for types."
_GIVEN = (
    "`given_back` asks for nothing where nothing was promoted, and the revision of a target that "
    "isn't there is unknown: it is said for types."
)
_LIVE = "Where the weight that is meant is the live one, both are written alike."

EQUIVALENT: Mapping[str, str] = {
    "rules/Failed/changed: swapped with returned": "`changed` speaks when the target has another "
    "revision than the promoted one, `returned` when it has that: never both do.",
    "rules/Failed/unjudged: swapped with restored": "`unjudged` takes a primary that is ready and "
    "a revision that isn't promoted, `restored` the promoted one or a primary that is stuck.",
    "rules/Progressing/prepared: swapped with checked": _PREPARED,
    "rules/WaitingPromotion/prepared: swapped with checked": _PREPARED,
    "rules/Progressing/promotion: swapped with sized": _SIZED,
    "rules/WaitingPromotion/promotion: swapped with sized": _SIZED,
    "moves/Terminated/Hold: dropped": "The one hold of this stage has no text, starts no clock and "
    "is in no queue: the record stays as it is.",
    "controller.admission/Admission.turn: one < mine: off by one": "The queue is looked at without "
    "the one that asks, and a key is in it once: no other place is equal to its own.",
    "controller.admission/_queued: if since is None: never": "The index finds those in the queue "
    "only: it is said for types.",
    "controller.committer/Committer.commit: for ... if k != 'managedFields': always": "At the "
    "version that was seen the server has the same ones: leaving them out saves bytes.",
    "controller.controller/Controller._changed: if resource == CANARIES: always": "Nothing else "
    "has a record, and as many Canaries as before are counted: it saves time.",
    "controller.controller/Controller._changed: if (old is None) != (new is None): always": "As "
    "many Canaries as before are counted: it saves time.",
    "controller.controller/Controller._changed: if not key.name: always": "The caches are in the "
    "state that was told already: it saves time.",
    "controller.heralds/Heralds._alert: if memory.parsed: always": "Whatever is announced was read "
    "before: it is said for types.",
    "rollout.adopt/_imported: isinstance(world.target, Present) and world.target.value.fresh: "
    "without isinstance(world.target, Present)": _BOTH_THERE,
    "rollout.adopt/_serving: if not isinstance(world.primary, Present) or "
    "isinstance(world.target, (Absent, Unknown)): never": _BOTH_THERE,
    "rollout.adopt/_serving: not isinstance(world.primary, Present) or "
    "isinstance(world.target, (Absent, Unknown)): without "
    "not isinstance(world.primary, Present)": _BOTH_THERE,
    "rollout.adopt/_serving: not isinstance(world.primary, Present) or "
    "isinstance(world.target, (Absent, Unknown)): without "
    "isinstance(world.target, (Absent, Unknown))": _BOTH_THERE,
    "rollout.rules.readiness/_copied: if isinstance(target, Present): always": "A target that is "
    "ready is there: it is asked for types.",
    "rollout.rules.readiness/_behind: not isinstance(primary, Present) or meant is None or "
    "primary.value.runs != meant.template: without not isinstance(primary, Present)": "It is asked "
    "of a primary that is ready only, which is there: it is said for types.",
    "rollout.rules.start/_equals_primary: isinstance(target, Present) and "
    "target.value.same_as_primary: without isinstance(target, Present)": "`pinned_first` holds "
    "before that where there is no target: it is said for types.",
    "rollout.rules.start/_back_to_primary: view.record.primary is None or "
    "runs != view.record.primary.template: without view.record.primary is None": "It is asked "
    "where the primary of record is the promoted one, which is there: it is said for types.",
    "rollout.moves.rest/initialized: isinstance(revision, Unknown) or revision != record.primary: "
    "without isinstance(revision, Unknown)": "What is unknown differs from each revision: "
    "it is said for types.",
    "rollout.moves.rest/scale: run and verdict.recycled: without run": "Only a run replaces its "
    "pods: it is said for types.",
    "rollout.settled/primary_resized: replicas >= (wanted or 0): off by one": "The size itself is "
    "what the first half asks for; without a command the answer is not used.",
    "controller.observed_workloads/primary: matches and record.primary: without record.primary": ""
    "Nothing matches where the record names no primary: it is said for types.",
    "controller.records/_fresh: if not isinstance(scene.target, Present): never": "It is asked "
    "where the target is there only: it is said for types.",
    "kube.lease/Elector._free: now - self._seen_at > float(spec.get('leaseDurationSeconds') or "
    "self._duration): off by one": "A leader gives up long before: the last moment of the duration "
    "is as good as the first one after it.",
    "controller.projected_exits/_template: if record.promoted is None or "
    "not isinstance(scene.target, Present): never": _GIVEN,
    "controller.projected_exits/_template: record.promoted is None or "
    "not isinstance(scene.target, Present): without record.promoted is None": _GIVEN,
    "controller.projected_exits/_template: record.promoted is None or "
    "not isinstance(scene.target, Present): without not isinstance(scene.target, Present)": _GIVEN,
    "controller.projected_exits/_services: operations and isinstance(apex, Present): "
    "without isinstance(apex, Present)": "There are operations for what is there only: it is said "
    "for types.",
    "controller.releases/routes_given_back: scene.provider is None or scene.route_gap is not None: "
    "without scene.provider is None": "`released` has nothing to say for no provider: it is said "
    "for types.",
    "controller.projected_routes/safe_weight: meant > live: off by one": _LIVE,
    "controller.projected_routes/safe_weight: meant < live: off by one": _LIVE,
    "controller.projector/Projector._tell: write.resource_version or self._clock.monotonic(): "
    "without write.resource_version": "What was put right has a new version: no two corrections "
    "are of one version, nor of one moment.",
    "kube.queue/WorkQueue.add_at: if when <= loop.time(): never": "A timer for a time that is over "
    "fires at the next turn of the loop, and adds the key then.",
    "kube.queue/WorkQueue.add_at: when <= loop.time(): off by one": "A timer for this very moment "
    "fires at the next turn of the loop, and adds the key then.",
    "kube.queue/WorkQueue.add_at: timer.when() <= when: off by one": "A timer for the same moment "
    "takes the place of the one that was there.",
    "kube.reflector/Reflector._watch: if self._selector: always": "An empty selector selects all "
    "objects, as none does.",
}
"""Name of the mutant to the argument. One that is caught after all is no longer listed here."""
