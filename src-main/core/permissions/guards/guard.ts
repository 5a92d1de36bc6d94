/** The dangerous-flag guard: what no wildcard rule covers, whatever it matches. */

import { isReadOnly } from '#core/permissions/read-only.ts';
import { isStatic, type ShellWord, textWord } from '#core/permissions/shell/words.ts';
import { anyProgramFault } from './any-program.ts';
import { isHarmlessAwk } from './awk-program.ts';
import { compilerFlags } from './build-tool-flags.ts';
import { scanFlags } from './flags.ts';
import { gitFault } from './git.ts';
import { interpreterFault, isInterpreter } from './interpreters.ts';
import { programFlags } from './program-flags.ts';
import { startedBy } from './runners.ts';
import { isHarmlessSed } from './sed-script.ts';
import { isHarmlessSet } from './shell-options.ts';
import { staysHere } from './stays-here.ts';

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
    'time direnv nix-shell guix micromamba scan-build intercept-build flatpak distrobox lynx w3m links act volta psysh ' +
    'gosu tini dumb-init s6-setuidgid chpst envdir setlock softlimit daemonize cgexec systemd-inhibit systemd-cat caffeinate ' +
    'arch capsh sg newgrp ssh-agent gpg-agent ld.so wine box64 ifne pee sem vipe xdg-open open gio chronic faketime dtach ' +
    'runsv msgfilter msgexec reattach-to-user-namespace appimage-run autossh mosh sshfs ssh-copy-id lldb dlv rvim gvim ' +
    'xterm screen tmux nohup.exe cmd cmd.exe wsl osascript rundll32 certutil mshta cscript wscript sqlite3 gpg ' +
    'openvt switch_root pivot_root runcon uclampset lckdo mispipe zrun niceload env_parallel vidir xdotool abduco lxc-attach ' +
    'lxc-execute machinectl virsh cpulimit daemon supervisord s6-svscan runit runsvdir dbus-send dbus-launch gtk-launch ' +
    'run-parts logrotate sudoedit visudo vigr vipw socksify proxychains proxychains4 torsocks torify tsocks libeatmydata ' +
    'eatmydata multitime watchexec incrond incrontab reflex modd onchange dialog pipesz enosys coresched agetty getty sulogin ' +
    'login ldattach blkdiscard losetup swapon swapoff fsck cfdisk fdisk sfdisk parted wipefs rtcwake hwclock chsh chfn ' +
    'usermod useradd groupadd passwd chpasswd scriptlive wall write pic execa nsexec systemd-nspawn systemd-creds'
  ).split(' '),
);

/** Start what they are given, under another processor or another linker. */
const loaders = /^(ld(-linux|-musl)?[\w.-]*\.so[\d.]*|qemu-\w+)$/;

/** Their words are data, or their own table below says all there is to say. */
const quiet = new Set(
  (
    'curl cp mv mkdir rm rmdir touch ln chmod chown export declare local readonly typeset unset docker podman kubectl gh ' +
    'fd fdfind jq yq install dc bc mysql psql'
  ).split(' '),
);

/** What is at fault, as written; null: a wildcard may cover it. `program` without its folder. */
export function guardFault(program: string, words: readonly ShellWord[], fed: boolean, depth = 0): string | null {
  const args = words.map(counted);
  if (staysHere(program, args)) return null;
  const started = depth < 4 ? startedBy(program, args) : { fault: `${program} in ${program}` };
  if (started && 'fault' in started) return started.fault;
  // The options of the tool that is started are not those of the one that starts it.
  const inner = started !== null && started.program !== '';
  const own = ownFault(
    program,
    inner && !isInterpreter(program) ? args.slice(0, args.length - started.args.length - 1) : args,
    fed,
  );
  if (own !== null) return own;
  if (inner) return guardFault(started.program, started.args, false, depth + 1);
  if (quiet.has(program) || program === 'git' || isReadOnly(program, args)) return null;
  return anyProgramFault(ahead(program, args));
}

/** `-j$(nproc)` is a number, whatever else a substitution may be. */
function counted(word: ShellWord): ShellWord {
  const plain = /^-j"?(\$\((nproc|getconf _NPROCESSORS_ONLN|sysctl -n hw\.n?(logical)?cpu)\)|`nproc`)"?$/.test(
    word.raw,
  );
  return plain ? textWord('-j1') : word;
}

/** Without the words that are for the script that an interpreter runs. */
function ahead(program: string, args: readonly ShellWord[]): readonly ShellWord[] {
  const script = isInterpreter(program) ? args.findIndex(({ value }) => !value.startsWith('-')) : -1;
  return script < 0 ? args : args.slice(0, script + 1);
}

function ownFault(program: string, args: readonly ShellWord[], fed: boolean): string | null {
  if (program === 'history' && args.length === 0) return null;
  if (never.has(program) || loaders.test(program)) return program;
  const special = Object.hasOwn(specials, program) ? specials[program] : undefined;
  if (special) return special(args);
  const table = Object.hasOwn(programFlags, program) ? programFlags[program] : compilerFlags(program);
  if (!table) return interpreterFault(program, args, fed);
  const { found, operands } = scanFlags(args, table);
  if (found) return found;
  if (/awk$/.test(program)) return awkFault(operands[0]);
  return initFault(program, args) ?? (isInterpreter(program) ? interpreterFault(program, args, fed) : null);
}

type Special = (args: readonly ShellWord[]) => string | null;

/** What a list of options cannot say. */
const specials: Readonly<Record<string, Special>> = {
  set: (args) => (isHarmlessSet(args) ? null : 'set'),
  git: gitFault,
  sed: sedFault,
  gsed: sedFault,
  tar: tarFault,
  bsdtar: tarFault,
  gtar: tarFault,
  uniq: uniqFault,
  test: testFault,
  '[': testFault,
  xargs: () => 'xargs with options',
  // Options of bash can be bundled: `-lx`.
  jobs: (args) => args.find((word) => !isStatic(word) || /^-[a-z]*x/.test(word.value))?.raw ?? null,
  foreman: runsWord,
  honcho: runsWord,
  forego: runsWord,
  unzip: (args) => (args.some(({ value }) => /^-\w*[lptvZ]/.test(value)) ? null : 'unpacking an archive'),
};

/** `foreman run x` runs x; `start` what the project says. */
function runsWord(args: readonly ShellWord[]): string | null {
  return args.some(({ value }) => value === 'run') ? 'run' : null;
}

/** `npm init x` runs the package create-x. */
function initFault(program: string, [word, name]: readonly ShellWord[]): string | null {
  if (!/^(npm|yarn|pnpm|bun)$/.test(program) || word?.value !== 'init') return null;
  return name && !name.value.startsWith('-') ? `${program} init ${name.value}` : null;
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
    ...[
      'new-volume-script',
      'owner-map',
      'group-map',
      'rsh-command',
      'rmt-command',
      'absolute-names',
      'listed-incremental',
      'files-from',
    ],
    ...['remove-files', 'index-file', 'one-top-level', 'exclude-from', 'volno-file'],
  ];
  const fine = ['exclude', 'file'];
  const table = { short: 'xIFCPgTKX', takes: 'fbNVHL', long, fine, longTakes: ['exclude', 'file'] };
  return scanFlags(bundle ? args.slice(1) : args, table).found;
}
