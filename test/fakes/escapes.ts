/**
 * Ways out of the sandbox, as commands that succeed only where one is open. `$HOST_*` are filled in by the test: what
 * it keeps and listens at outside.
 */

const node = (script: string) => `node -e "${script.replace(/["$`\\]/g, '\\$&')}"`;
const perl = (script: string) => `perl -MSocket -e '${script}'`;
/** Succeeds when the kernel did it. Numbers are those of x86-64, or the same everywhere from 424 on. */
const call = (...numbers: (number | string)[]) => perl(`exit(syscall(${numbers.join(', ')}) >= 0 ? 0 : 1)`);
const socket = (family: number, type: number, protocol = 0) =>
  perl(`exit(socket(S, ${family}, ${type}, ${protocol}) ? 0 : 1)`);
const unix = (name: string, type = 'STREAM') =>
  perl(`socket(S,PF_UNIX,SOCK_${type},0);exit(connect(S,pack_sockaddr_un("${name}"))&&send(S,"x",0)?0:1)`);
const tcp = (host: string) =>
  node(
    `require('net').connect(HOST_TCP,'${host}').on('connect',()=>process.exit(0)).on('error',()=>process.exit(1));setTimeout(()=>process.exit(1),2000)`,
  );
/** A datagram goes nowhere without a word: the listener outside says whether it came. */
const udp = (host: string) => `echo x >/dev/udp/${host}/$HOST_UDP; false`;

export const escapes: Record<string, string[]> = {
  'files outside': [
    'cat $HOST_CANARY',
    'cat /proc/1/root$HOST_CANARY',
    'cat /proc/self/root$HOST_CANARY',
    'cat /proc/self/cwd/../../../../../..$HOST_CANARY',
    'ln -sf $HOST_CANARY l && cat l',
    'ln -sf ../../../../../../..$HOST_CANARY l2 && cat l2',
    'ln $HOST_CANARY hard',
    'ls $HOST_ROOT',
    'ls $HOST_HOME',
    'cat /etc/shadow',
    'cat /etc/ssh/ssh_host_ed25519_key',
    'echo x >$HOST_ROOT/made',
    'echo x >/usr/local/bin/made',
    'echo x >/etc/made',
    'echo x >/made',
    'echo x >/opt/nightshift/made',
    'echo x >>/opt/nightshift/bin/node',
    'rm -f /opt/nightshift/hands.cjs /opt/nightshift/child/bash.ts && false || test ! -e /opt/nightshift/bin/node',
    'mv /workspace /elsewhere',
    'ls /sys/kernel',
    'ls /var/log',
    'ls /run/user /run/systemd /run/dbus',
    'cat /proc/kcore | head -c 1 | grep -q .',
    'head -c 1 /dev/mem',
    'head -c 1 /dev/kmsg',
    'head -c 1 /dev/sda || head -c 1 /dev/vda || head -c 1 /dev/nvme0n1',
    'mknod disk b 8 0',
    'mknod chars c 1 1',
    'mkdir m && mount -t tmpfs none m',
    'mount --bind / /tmp/home',
    'mount -o remount,rw /usr',
    'umount /workspace/.git',
    'umount -l /proc',
    call(165, '"none"', '"/tmp"', '"tmpfs"', 0, 0),
    call(166, '"/workspace/.git"', 2),
    call(161, '"/tmp"'),
    call(155, '"/tmp"', '"/tmp"'),
    call(428, -100, '"/"', 0),
    call(430, '"tmpfs"', 0),
    call(442, -100, '"/usr"', 0, 0, 0),
    call(304, 3, '"x"', 0),
    call(437, -100, '"/"', 0, 24),
    'test -n "$(find /proc/self/fd -lname "$HOST_ROOT*")"',
  ],
  'git metadata': [
    'echo "gitdir: /workspace/evil" >.git',
    'rm -f .git',
    'mv .git old',
    'ln -sfn /workspace/evil .git',
    'cp notes.txt x && mv -f x .git',
    `${perl('exit(syscall(316, -100, ".git", -100, "notes.txt", 2) == 0 ? 0 : 1)')}`,
    'git config core.fsmonitor "touch ran"',
    'git config --worktree core.fsmonitor "touch ran"',
    'git commit --allow-empty -m x',
    'git update-ref refs/heads/main HEAD~1',
    'git branch made',
    'git worktree add /tmp/other-tree',
    'git remote get-url origin',
    'git config --list --show-origin | grep -i hunter2',
    'grep -r hunter2 /repository.git',
    'd=$(git rev-parse --git-common-dir); echo x >$d/config',
    'd=$(git rev-parse --git-common-dir); mkdir -p $d/hooks && echo x >$d/hooks/pre-commit',
    'd=$(git rev-parse --git-common-dir); echo /tmp >$d/objects/info/alternates',
    'd=$(git rev-parse --git-common-dir); echo "* filter=x" >$d/info/attributes',
    'd=$(git rev-parse --git-common-dir); echo x >$d/packed-refs',
    'd=$(git rev-parse --git-common-dir); echo x >$d/refs/heads/main',
    'd=$(git rev-parse --git-common-dir); rm -rf $d/objects/?? $d/objects/pack; test -z "$(ls $d/objects)"',
    'd=$(git rev-parse --git-dir); echo /workspace/evil >$d/commondir',
    'd=$(git rev-parse --git-dir); echo /workspace/evil/.git >$d/gitdir',
    'd=$(git rev-parse --git-dir); echo "[core]" >$d/config.worktree',
    'd=$(git rev-parse --git-dir); echo x >$d/index',
    'ls /repository.git/worktrees/other',
    'ls /repository.git/logs/HEAD',
  ],
  'the network': [
    ...['127.0.0.1', '::1', '0.0.0.0', '::ffff:127.0.0.1', '$HOST_ADDRESS'].map(tcp),
    ...['127.0.0.1', '::1', '$HOST_ADDRESS'].map(udp),
    'exec 3<>/dev/tcp/127.0.0.1/$HOST_TCP',
    'getent hosts example.invalid',
    'getent ahosts localhost.localdomain.example.invalid',
    node("require('dns').resolve('example.invalid',(e)=>process.exit(e?1:0))"),
    unix('$HOST_ROOT/s'),
    unix('/proc/1/root$HOST_ROOT/s'),
    unix('/workspace/in.sock'),
    unix('\\0$HOST_ABSTRACT'),
    unix('\\0$HOST_ABSTRACT-datagram', 'DGRAM'),
    socket(2, 3, 1), // raw ICMP
    socket(10, 3, 58), // raw ICMPv6
    socket(17, 3, 0x300), // packets
    socket(40, 1), // the virtual machine's host
    socket(38, 5), // the kernel's ciphers
    socket(15, 3, 2), // IPsec keys
    socket(29, 3, 1), // CAN
    socket(30, 1), // TIPC
    socket(31, 3, 1), // Bluetooth
    socket(43, 1), // SMC
    socket(44, 3), // XDP
    socket(21, 5), // RDS
    'ip link add made type dummy',
    'ip addr add 10.9.8.7/24 dev lo',
    'ip route add default dev lo',
    'test "$(ls /sys/class/net /proc/sys/net/ipv4/conf 2>/dev/null | grep -cv "lo\\|all\\|default\\|:\\|^$")" -gt 0',
    'test "$(grep -c : /proc/net/dev)" -gt 1',
    'nsenter -t 1 -n true',
    `${perl('open(my $n, "<", "/proc/1/ns/net"); exit(syscall(308, fileno($n), 0) == 0 ? 0 : 1)')}`,
    'grep -q $HOST_ABSTRACT /proc/net/unix',
    'test "$(grep -c "0100007F:" /proc/net/tcp)" -gt 0',
    'curl -sS --max-time 2 http://169.254.169.254/',
    'ping -c 1 -W 1 127.0.0.1',
    'ls /run/nightshift/proxy',
  ],
  processes: [
    'kill -0 $HOST_PID',
    'kill -9 $HOST_PID',
    'ls /proc/$HOST_PID/root/',
    'grep -rqs $HOST_WORD /proc/*/environ',
    'test "$(ls -d /proc/[0-9]* | wc -l)" -gt 12',
    call(101, 16, 1, 0, 0), // PTRACE_ATTACH
    call(101, 0x4206, 1, 0, 0), // PTRACE_SEIZE
    call(310, 1, 0, 0, 0, 0, 0),
    call(311, 1, 0, 0, 0, 0, 0),
    `${perl('my $p = syscall(434, 1, 0); exit($p >= 0 && syscall(438, $p, 0, 0) >= 0 ? 0 : 1)')}`,
    `${perl('my $p = syscall(434, 1, 0); exit($p >= 0 && syscall(308, $p, 0x40000000) == 0 ? 0 : 1)')}`,
    'echo x >/proc/1/mem',
    'cat /proc/1/maps | grep -q $HOST_ROOT',
    'renice -n -5 -p $$',
    'chrt -f 50 true',
    'echo -1000 >/proc/self/oom_score_adj',
    'crontab -l',
    'echo true | at now',
    'systemd-run --user true',
    'systemctl --user list-units',
    'systemctl list-units',
    'nsenter -t 1 -a true',
  ],
  privileges: [
    'unshare -U true',
    'unshare -m true',
    'unshare -n true',
    'unshare -p -f true',
    'unshare -i true',
    'unshare -u true',
    'unshare -C true',
    'unshare -T true',
    call(56, 0x10000011, 0, 0, 0, 0),
    call(435, 0, 0),
    'bwrap --ro-bind / / true',
    'sudo -n true',
    'su -c true root </dev/null',
    'newuidmap $$ 0 0 1',
    'pkexec true </dev/null',
    'setpriv --reuid 0 true',
    perl('$> = 0; exit($> == 0 ? 0 : 1)'),
    'chown 0:0 notes.txt',
    'cp /bin/true s && chmod 4755 s',
    'cp /bin/true s2 && chmod 2755 s2',
    'install -m 6755 /bin/true s3',
    'cp /bin/true c && setcap cap_net_raw+ep c',
    perl(
      'my $v = pack("V5", 0x2000001, 0x2000, 0, 0, 0); exit(syscall(188, "notes.txt", "security.capability", $v, 20, 0) == 0 ? 0 : 1)',
    ),
    perl('my $v = "y"; exit(syscall(188, "notes.txt", "trusted.x", $v, 1, 0) == 0 ? 0 : 1)'),
    'ulimit -u unlimited',
    'ulimit -d unlimited',
    'ulimit -f unlimited',
    'ulimit -c unlimited',
  ],
  'the kernel': [
    call(425, 1, 0), // io_uring
    call(321, 0, 0, 0), // bpf
    call(298, 0, 0, -1, -1, 0), // perf
    call(323, 0), // userfaultfd
    call(248, '"user"', '"x"', '"x"', 1, -2), // keyrings
    call(250, 0, -3, 0),
    call(249, '"user"', '"x"', 0, -2),
    call(300, 0, 0), // fanotify
    call(103, 10, 0, 0), // the kernel's log
    call(175, 0, 0, '""'),
    call(313, 0, '""', 0),
    call(246, 0, 0, 0, 0),
    call(169, 0, 0, 0, 0),
    call(170, '"x"', 1),
    call(164, 0, 0),
    call(227, 0, 0),
    call(167, '"/tmp"', 0),
    call(163, 0),
    call(172, 3),
    call(173, 0x80, 1, 1),
    call(179, 0, 0, 0, 0),
    call(308, 0, 0),
    'echo x >/proc/sys/kernel/core_pattern',
    'echo 1 >/proc/sys/net/ipv4/ip_forward',
    'echo x >/proc/sysrq-trigger',
    'echo 1 >/proc/sys/kernel/hostname || hostname made',
    'mkdir /sys/fs/cgroup/made',
    'date -s 2001-01-01',
    'dmesg | grep -q .',
    perl('my $c = "x"; exit(ioctl(STDIN, 0x5412, $c) ? 0 : 1)'), // TIOCSTI
    perl('open(my $t, "+<", "/dev/tty") or exit 1; my $c = "x"; exit(ioctl($t, 0x5412, $c) ? 0 : 1)'),
    perl('my $c = "\\3"; exit(ioctl(STDOUT, 0x541c, $c) ? 0 : 1)'), // TIOCLINUX
    'echo x >/dev/tty',
    'test -e /dev/console && echo x >/dev/console',
    'ls /dev/pts | grep -q "[0-9]"',
    'ls /dev/fuse /dev/kvm /dev/net/tun /dev/vhost-vsock',
    'ipcs -m | grep -q $HOST_SHM',
    'ls /dev/mqueue | grep -q .',
  ],
  'the desktop': [
    'ls /tmp/.X11-unix',
    'test -n "$DISPLAY$WAYLAND_DISPLAY$XAUTHORITY"',
    'xclip -o -selection clipboard',
    'wl-paste',
    'xdg-open notes.txt',
    'test -n "$DBUS_SESSION_BUS_ADDRESS$SSH_AUTH_SOCK$GPG_AGENT_INFO$XDG_RUNTIME_DIR"',
    'dbus-send --session --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames',
    'dbus-send --system --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames',
    'secret-tool lookup a b',
    'ssh-add -l',
    'gpg --list-secret-keys | grep -q sec',
    'docker ps || podman ps || ls /var/run/docker.sock',
    'notify-send x',
    'env | grep -q $HOST_WORD',
  ],
};
