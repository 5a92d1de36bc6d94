/** Where the system has no process namespaces, a small shell outside the sandbox ends what the run started, also without us. */

/**
 * `$1`: the host's process id; the rest is the command. It looks at all processes twice a second and remembers, by
 * parent and by process group, who belongs to the command. When the command or the host is gone, or it is told to stop,
 * it kills all of them until none is left, and ends with the command's code. A process that leaves both its parent and
 * its group between two looks is not found.
 */
const script = [
  'host=$1; shift',
  'exec 3<&0',
  '"$@" <&3 3<&- & first=$!',
  'exec 3<&- </dev/null >/dev/null',
  'known=" $first "; over=""',
  "trap 'over=1' TERM INT HUP",
  'look() {',
  '  known=$(ps -A -o pid= -o ppid= -o pgid= -o stat= | awk -v known="$known" -v self="$$" \'',
  '    BEGIN { n = split(known, k, " "); for (i = 1; i <= n; i++) mine[k[i]] = 1 }',
  '    $1 == self { own = $3 }',
  '    $1 != self && $4 !~ /^Z/ { pid[++m] = $1; up[m] = $2; group[m] = $3 }',
  '    END {',
  '      do { more = 0; for (i = 1; i <= m; i++) if (!(pid[i] in mine) && ((up[i] in mine) || (group[i] != own && (group[i] in mine)))) { mine[pid[i]] = 1; more = 1 } } while (more)',
  '      for (i = 1; i <= m; i++) if (pid[i] in mine) { printf " %s", pid[i]; if (group[i] != own) printf " %s", group[i] }',
  '      printf " "',
  "    }') || :",
  '}',
  'while [ -z "$over" ] && kill -0 "$host" 2>/dev/null; do',
  '  look',
  '  case "$known" in *" $first "*) ;; *) break ;; esac',
  '  sleep 0.5 & wait $!',
  'done',
  'look',
  'for round in 1 2 3 4 5 6 7 8 9 10; do',
  '  case "$known" in *[0-9]*) ;; *) break ;; esac',
  '  kill -9 $known 2>/dev/null || :',
  '  look',
  'done',
  'wait "$first"',
].join('\n');

/** Program and arguments that run the command under the watchdog. */
export function watched(host: number, command: string[]): [program: string, args: string[]] {
  return ['/bin/sh', ['-c', script, 'watchdog', String(host), ...command]];
}
