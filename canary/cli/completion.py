"""``canary completion``: scripts for shells. What completes a word is asked of the program itself,
by its command ``__complete``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping

from canary.cli.terminal import Terminal

_BASH = """\
_canary() {
  local IFS=$'\\n' current="${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=($(compgen -W "$(canary __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null \\
    | cut -f1)" -- "$current"))
}
complete -F _canary canary
"""

_ZSH = """\
#compdef canary
_canary() {
  local -a found
  found=("${(@f)$(canary __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=("${(@)found//:/\\\\:}")
  found=("${(@)found//$'\\t'/:}")
  _describe canary found
}
if [ "$funcstack[1]" = "_canary" ]; then
  _canary "$@"
else
  compdef _canary canary
fi
"""

_FISH = """\
complete -c canary -f -a '(canary __complete (commandline -opc)[2..-1] (commandline -ct))'
"""

_KUBECTL = """\
#!/bin/sh
# kubectl asks this program how words after `kubectl canary` go on; :4 means: no file names.
canary __complete "$@" 2>/dev/null
echo ":4"
"""

SCRIPTS: Mapping[str, str] = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH, "kubectl": _KUBECTL}


def run(program: str, options: Namespace, out: Terminal) -> int:
    """Print the script of a shell."""
    out.write(SCRIPTS[options.shell].rstrip("\n"))
    return 0
