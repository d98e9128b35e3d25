"""What ``--help`` of a command tells after its options."""

from __future__ import annotations

from typing import Final

WAIT_NOTES: Final = """\
What is awaited holds for the target as it is when the wait begins or becomes during it: a Canary
that hasn't begun to roll out the present revision yet isn't done.

exit codes:
  0  what was awaited has come
  1  the rollout ended the other way: failed and rolled back (with --for failed: promoted)
  2  the command line was not understood
  3  --timeout is over
  4  held: suspended, blocked, or waiting for an approval, for 30s; a person has to act
  5  the Canary can't be observed: it doesn't exist or was deleted, no access, no connection"""

TAKEOVER_NOTES: Final = """\
Nothing is written: it may run beside Flagger. It goes by the live objects, as the engine will.

  idle         taken over at rest: nothing moves, no pod restarts
  continues    its rollout goes on from the weight that the route carries
  starts       at rest, and the target is neither what was promoted nor what was rejected
  initializes  nothing is there to take over yet
  runs         this engine runs it already
  leaves       it is being deleted: nothing is rolled out any more
  refused      a field isn't accepted, it says which: traffic stays as it is
  held         left as it is until something changes: another controller wrote its status within
               two intervals (or 60s), a workload is missing, an object can't be read

A Canary at rest gives no sign of a Flagger that still runs: stop that first.

exit codes:
  0  every Canary would be taken over
  2  the command line was not understood
  4  one or more would be refused or held
  5  the Canaries can't be observed: one doesn't exist, no access, no connection"""

INSTALL_NOTES: Final = """\
Prints Namespace, CustomResourceDefinitions, ServiceAccount, the least RBAC that the engine needs,
and a Deployment of one replica. Nothing is sent to a cluster. With --watch-namespace the engine
gets Roles in these namespaces only, and of cluster-wide resources no more than a look at its own
CustomResourceDefinitions."""

COMPLETION_NOTES: Final = """\
to install:
  bash     echo 'source <({program} completion bash)' >> ~/.bashrc
  zsh      echo 'source <({program} completion zsh)' >> ~/.zshrc
  fish     {program} completion fish > ~/.config/fish/completions/canary.fish
  kubectl  {program} completion kubectl > kubectl_complete-canary, made executable (chmod +x)
           and put into a folder of $PATH"""
