/** The dangerous-flag guard: what no wildcard rule covers, whatever it matches. */
import { isStatic, type ShellWord } from '#core/permissions/shell/words.ts';
import { isHarmlessAwk } from './awk-program.ts';
import { scanFlags } from './flags.ts';
import { gitFault } from './git.ts';
import { interpreterFault } from './interpreters.ts';
import { programFlags } from './program-flags.ts';
import { isHarmlessSed } from './sed-script.ts';
import { isHarmlessSet } from './shell-options.ts';

/** These run a program that they are given, change the shell itself, or speak to the network by their nature. */
const never = new Set(
  (
    'watch setsid ionice flock env sudo doas su pkexec runuser runas chroot unshare nsenter strace ltrace gdb script ' +
    'expect parallel entr at batch crontab systemd-run busybox toybox taskset chrt numactl prlimit valgrind rlwrap ' +
    'unbuffer xvfb-run dbus-run-session fakeroot proot bwrap firejail catchsegv perf start-stop-daemon setpriv setarch ' +
    'linux32 linux64 choom coproc eval exec source . trap alias unalias enable hash bind complete compgen history fc ' +
    'read mapfile readarray let getopts ulimit umask shopt pushd popd dirs callable ' +
    'ssh scp sftp rsync wget ping ping6 nslookup dig host drill getent traceroute tracepath mtr nc ncat netcat socat ' +
    'telnet ftp tftp lftp whois finger openssl aria2c axel rclone nmap arp vi vim nvim view ex ed emacs nano pico ' +
    'mount umount dd mkfs shutdown reboot halt poweroff systemctl service launchctl kill killall pkill ' +
    'xterm screen tmux nohup.exe cmd cmd.exe wsl osascript rundll32 certutil mshta cscript wscript sqlite3 gpg'
  ).split(' '),
);

/** What is at fault, as written; null: a wildcard may cover it. `program` without its folder. */
export function guardFault(program: string, args: readonly ShellWord[], fed: boolean): string | null {
  if (program === 'history' && args.length === 0) return null;
  if (never.has(program)) return program;
  if (program === 'set') return isHarmlessSet(args) ? null : program;
  if (program === 'git') return gitFault(args);
  if (program === 'sed' || program === 'gsed') return sedFault(args);
  if (program === 'tar' || program === 'bsdtar' || program === 'gtar') return tarFault(args);
  if (program === 'uniq') return uniqFault(args);
  if (program === 'test' || program === '[') return testFault(args);
  if (program === 'xargs') return 'xargs with options';
  const table = Object.hasOwn(programFlags, program) ? programFlags[program] : undefined;
  if (!table) return interpreterFault(program, args, fed);
  const { found, operands } = scanFlags(args, table);
  if (found) return found;
  if (/awk$/.test(program)) return awkFault(operands[0]);
  return null;
}

/** `-v` looks into a subscript, which can run commands; so can a word that may become it. */
function testFault(args: readonly ShellWord[]): string | null {
  const words = args.at(-1)?.value === ']' ? args.slice(0, -1) : args;
  const open = words.filter((word) => word.value !== '!');
  const named = open.find((word) => isStatic(word) && /^-[vR]$/.test(word.value));
  const first = open.find((word) => !isStatic(word));
  if (named || !first) return named?.raw ?? null;
  const [left, middle] = open;
  if (open.length === 1) return null;
  if (open.length === 2 && left && isStatic(left)) return null;
  return open.length === 3 && middle && isStatic(middle) && /^([!=<>]=?|==|-[a-z]{2})$/.test(middle.value)
    ? null
    : first.raw;
}

/** `uniq in out` writes its second name; counted here because the option that matters has no name. */
function uniqFault(args: readonly ShellWord[]): string | null {
  const { found, operands } = scanFlags(args, { takes: 'fsw' });
  return found ?? operands[1]?.raw ?? null;
}

function awkFault(program: ShellWord | undefined): string | null {
  if (!program) return null;
  return isStatic(program) && isHarmlessAwk(program.value) ? null : program.raw;
}

function sedFault(args: readonly ShellWord[]): string | null {
  const scripts: ShellWord[] = [];
  const rest: ShellWord[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as ShellWord;
    const glued = /^(-[nErsuz]*e|--expression=)(.+)$/s.exec(word.value);
    if (!isStatic(word)) rest.push(word);
    else if (/^(-[nErsuz]*e|--expression)$/.test(word.value)) scripts.push(args[++i] ?? word);
    else if (glued?.[2]) scripts.push({ raw: word.raw, value: glued[2], atoms: word.atoms });
    else rest.push(word);
  }
  const long = ['in-place', 'file', 'expression', 'follow-symlinks', 'debug'];
  const { found, operands } = scanFlags(rest, { short: 'if', takes: 'l', long, globsAreFine: scripts.length > 0 });
  if (found) return found;
  if (scripts.length === 0 && operands[0]) scripts.push(operands[0]);
  return scripts.find((script) => !isStatic(script) || !isHarmlessSed(script.value))?.raw ?? null;
}

function tarFault(args: readonly ShellWord[]): string | null {
  const first = args[0];
  if (!first) return null;
  if (!isStatic(first)) return first.raw;
  const bundle = first.value.startsWith('-') ? '' : first.value;
  // The old spelling needs no dash.
  if (/[xIFCPgTKX]/.test(bundle)) return first.raw;
  if (args.some(({ value }) => /^[^/=]*:/.test(value))) return 'an archive on another machine';
  const long = [
    ...['to-command', 'checkpoint-action', 'use-compress-program', 'directory', 'extract', 'get', 'info-script'],
    ...['new-volume-script', 'rsh-command', 'rmt-command', 'absolute-names', 'listed-incremental', 'files-from'],
    ...['remove-files', 'index-file', 'one-top-level', 'exclude-from', 'volno-file'],
  ];
  const fine = ['exclude', 'file'];
  const table = { short: 'xIFCPgTKX', takes: 'fbNVHL', long, fine, longTakes: ['exclude', 'file'] };
  return scanFlags(bundle ? args.slice(1) : args, table).found;
}
