/**
 * Stand-ins for macOS's `sandbox-exec` on Linux. They prove how runs are launched, judged and ended; they prove nothing
 * about Seatbelt itself, because they do not read the profile.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the shell's own
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratch } from './places.ts';

const take = [
  'profile=; declare -A at; shown=()',
  'while [ "$1" != -- ]; do case "$1" in -p) profile=$2;; -D) at[${2%%=*}]=${2#*=};; *) exit 64;; esac; shift 2; done; shift',
  '[ -n "$profile" ] || exit 64',
];

/** Keeps the run's view about as the profile means it, by bubblewrap. */
export function likeSeatbelt(): string {
  return program([
    ...take,
    'for name in "${!at[@]}"; do case $name in SHOWN_*|GIT_[0-9]*) shown+=(--ro-bind "${at[$name]}" "${at[$name]}");; esac; done',
    `bind=--ro-bind; [[ "$profile" == *'(allow file-write* (subpath (param "SCRATCH")) (subpath (param "WORKTREE")))'* ]] && bind=--bind`,
    'exec bwrap --unshare-all --die-with-parent --cap-drop ALL --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp \\',
    '  --perms 0111 --tmpfs "${at[HOME]}" "${shown[@]}" --bind "${at[SCRATCH]}" "${at[SCRATCH]}" \\',
    '  $bind "${at[WORKTREE]}" "${at[WORKTREE]}" --ro-bind-try "${at[GIT_LINK]}" "${at[GIT_LINK]}" --remount-ro /tmp \\',
    '  --chdir "${at[WORKTREE]}" "$@"',
  ]);
}

/** Takes the profile and confines nothing. */
export const likeNothing = (): string => program([...take, 'exec "$@"']);

/** Refuses the profile, as a system would that does not know one of its words. */
export const refusesProfile = (): string => program(['echo "sandbox-exec: unbound variable: lsopen" >&2; exit 65']);

function program(lines: string[]): string {
  const file = join(scratch('launcher'), 'sandbox-exec');
  writeFileSync(file, `#!/bin/bash\n${lines.join('\n')}\n`);
  chmodSync(file, 0o755);
  return file;
}
