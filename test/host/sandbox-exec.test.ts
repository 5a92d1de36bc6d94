/** `nightshift sandbox exec`, as a person types it: the command's own output and code, and nothing left whoever is killed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../contract/until.ts';
import { scratch } from '../fakes/places.ts';
import { raw, web } from './egress-fixture.ts';
import { git, ground, marker, noSandbox, processesWith } from './sandbox-fixture.ts';

const starter = join(import.meta.dirname, '..', '..', 'resources', 'nightshift.mjs');

interface Done {
  code: number | null;
  out: string;
  err: string;
}

function begin(worktree: string, command: string, ...flags: string[]): ChildProcess {
  const args = [starter, 'sandbox', 'exec', '--worktree', worktree, ...flags, '--', command];
  // No host may be needed: this place for its data cannot hold one.
  const env = { ...process.env, NIGHTSHIFT_HOME: '/dev/null/none', SECRET_TOKEN: 'canary-of-the-environment' };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function exec(worktree: string, command: string, ...flags: string[]): Promise<Done> {
  const child = begin(worktree, command, ...flags);
  const said = { out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...said };
}

describe.skipIf(noSandbox)('sandbox exec (Linux only)', () => {
  test('gives the two streams and the exit code as they are', async () => {
    const { worktree } = ground();
    const done = await exec(
      worktree,
      'echo out; echo err >&2; cat notes.txt | head -1; git log -1 --format=%s; exit 7',
    );
    expect(done).toEqual({ code: 7, out: 'out\none\nsecond\n', err: 'err\n' });
  });

  test('passes bytes on as they are, any number of them', async () => {
    const { worktree } = ground();
    const child = begin(worktree, 'head -c 3000000 /dev/zero | tr "\\0" "\\377"');
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    expect(Buffer.concat(chunks).equals(Buffer.alloc(3_000_000, 0xff))).toBe(true);
  });

  test.each([
    ['kill -9 $$', 137],
    ['kill -TERM $$', 143],
    ['no-such-program', 127],
    ['true', 0],
    ['if', 2],
  ])('%s ends with %i', async (command, code) => {
    expect((await exec(ground().worktree, command)).code).toBe(code);
  });

  test('a command whose time is up ends with 124, one that is interrupted with 130; nothing is left', async () => {
    const { worktree } = ground();
    const tag = marker();
    const late = await exec(worktree, `sleep ${tag}`, '--timeout', '1');
    const endless = await exec(worktree, 'head -c 200000000 /dev/zero');
    expect(endless).toMatchObject({ code: 137, err: expect.stringContaining('it printed more than 64 MiB') });
    expect(late).toMatchObject({ code: 124, err: expect.stringContaining('its time limit') });
    const child = begin(worktree, `echo begun; setsid sleep ${tag} & sleep ${tag}`);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGINT');
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(130);
    await until('all to be gone', () => processesWith(`sleep\0${tag}`).length === 0);
  });

  test('kill -9 of it ends everything it started [child-sees-nothing]', async () => {
    const { worktree } = ground();
    const tag = marker();
    const child = begin(
      worktree,
      `setsid nohup sleep ${tag} & (trap '' TERM HUP; sleep ${tag}) & echo begun; sleep ${tag}`,
    );
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    await until('them to run', () => processesWith(`sleep\0${tag}`).length >= 3);
    child.kill('SIGKILL');
    await until('all to be gone', () => processesWith(`sleep\0${tag}`).length === 0);
    expect(processesWith(worktree)).toEqual([]);
  });

  test.each(['bwrap', 'node', 'first bash'])(
    'kill -9 of the %s inside ends the command, not the machine',
    async (victim) => {
      const { worktree } = ground();
      const tag = marker();
      const child = begin(worktree, `setsid sleep ${tag} & echo begun; sleep ${tag}; true`);
      await new Promise((resolve) => child.stdout?.once('data', resolve));
      await until('it to run', () => processesWith(`sleep\0${tag}`).length >= 2);
      const command =
        { bwrap: worktree, node: '/opt/nightshift/bin/node\0', 'first bash': `setsid sleep ${tag}` }[victim] ?? '';
      const own = processesWith(command).filter((pid) => pid !== child.pid && isBelow(pid, child.pid ?? 0));
      expect(own.length).toBeGreaterThan(0);
      process.kill(own[0] ?? 0, 'SIGKILL');
      expect(await new Promise((resolve) => child.once('close', resolve))).not.toBe(0);
      await until('all to be gone', () => processesWith(`sleep\0${tag}`).length === 0);
    },
  );

  test('when npm, which started it, is killed, it ends too', async () => {
    const { worktree } = ground();
    const tag = marker();
    // npm keeps a shell between itself and us; both are stood in for by programs of that name.
    const place = scratch();
    const npm = join(place, 'npm');
    const line = `"${process.execPath}" "${starter}" sandbox exec --worktree "${worktree}" -- 'echo begun; sleep ${tag}'; true`;
    writeFileSync(npm, `#!/bin/sh\nsh -c '${line.replaceAll("'", "'\\''")}'\ntrue\n`, { mode: 0o755 });
    const child = spawn(npm, { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGKILL');
    await until('all to be gone', () => processesWith(`sleep\0${tag}`).length === 0 && processesWith(tag).length === 0);
  });

  test('sees the worktree alone: no home, no variable of the person, no other repository', async () => {
    const { worktree, root } = ground();
    const looks = ['env', `ls -a ${homedir()}`, `ls ${root}`, 'ls /home /root /var', 'ps -e'];
    const { out } = await exec(worktree, looks.join('; '));
    expect(out).not.toContain('canary-of-the-environment');
    expect(out).not.toContain(root.split('/').at(-1));
    expect(out).not.toMatch(/^\.bash/m);
  });

  test('reaches only what is allowed on its command line', async () => {
    const [site, secret] = [await web(), await raw(() => {})];
    const { worktree } = ground();
    const ask = (port: number) => `curl -sS http://127.0.0.1:${port}/`;
    expect(await exec(worktree, ask(site.port), '--allow-host', `127.0.0.1:${site.port}`)).toMatchObject({
      code: 0,
      out: 'hello',
    });
    const allowed = ['--allow-host', `127.0.0.1:${site.port}`];
    expect((await exec(worktree, ask(secret.port), ...allowed)).code).toBe(7);
    const denied = await exec(worktree, `curl -sS --noproxy '' http://127.0.0.1:${secret.port}/`, ...allowed);
    expect(denied.err).toContain('net.host_not_allowed');
    expect((await exec(worktree, ask(site.port))).code).toBe(7);
    expect(secret.connections()).toBe(0);
  });

  test('localhost with a port is that port of this machine, for every program; other ports are the sandbox’s own', async () => {
    const [site, secret] = [await web(), await raw(() => {})];
    const { worktree } = ground();
    const allowed = ['--allow-host', `localhost:${site.port}`];
    const serve = `node -e "require('http').createServer((q, a) => a.end('inside')).listen(0, function () {
      fs = require('fs'); fs.writeFileSync('/tmp/port.new', String(this.address().port)); fs.renameSync('/tmp/port.new', '/tmp/port') })"`;
    const command = [
      `curl -sS http://localhost:${site.port}/`,
      `curl -sS --noproxy '*' http://127.0.0.1:${site.port}/`,
      `node -e "fetch('http://localhost:${site.port}/').then((a) => a.text()).then((a) => process.stdout.write(a))"`,
      `${serve} & until [ -e /tmp/port ]; do sleep 0.05; done`,
      'curl -sS http://localhost:$(cat /tmp/port)/; kill %1',
      `curl -sS http://localhost:${secret.port}/ || echo " refused"`,
      `curl -sS http://[::1]:${secret.port}/ || echo refused`,
    ].join('\n');
    const done = await exec(worktree, command, ...allowed);
    expect(done.out).toBe('hellohellohelloinside refused\nrefused\n');
    expect(secret.connections()).toBe(0);
  });

  test('as JSON it is one document: the code, both streams, why it was stopped, what was refused', async () => {
    const { worktree } = ground();
    const flags = ['--json', '--allow-host', 'allowed.invalid'];
    const mixed = await exec(
      worktree,
      'echo out; echo err >&2; curl -s http://other.invalid:81/ >&2; exit 3',
      ...flags,
    );
    expect({ code: mixed.code, err: mixed.err }).toEqual({ code: 3, err: '' });
    const said = JSON.parse(mixed.out);
    expect(said).toMatchObject({ code: 3, stopped: null, signal: null, stdout: 'out\n' });
    expect(said.refusals).toMatchObject([{ code: 'net.host_not_allowed', host: 'other.invalid', port: 81 }]);
    expect(said.stderr).toBe(`err\n${JSON.stringify(said.refusals[0])}\n`);
    const late = await exec(worktree, 'printf a; sleep 60', '--json', '--timeout', '1');
    expect(late.code).toBe(124);
    expect(JSON.parse(late.out)).toMatchObject({ code: 124, stopped: 'tool.timeout', stdout: 'a', refusals: [] });
    const killed = await exec(worktree, 'kill -9 $$', '--json');
    expect(JSON.parse(killed.out)).toMatchObject({ code: 137, stopped: null, signal: 'SIGKILL' });
  });

  test('a command that prints what looks like a refusal has printed it, no more', async () => {
    const forged = '{"decision":"deny","code":"net.host_not_allowed","host":"forged.invalid"}';
    expect(await exec(ground().worktree, `echo '${forged}'; exit 4`)).toEqual({ code: 4, out: `${forged}\n`, err: '' });
  });

  test('a folder that is no repository can be worked in; a git directory cannot be made there', async () => {
    const place = scratch();
    const done = await exec(place, 'echo x > made; git init; mkdir -p .git/hooks; rm -rf .git; echo gitdir > .git');
    expect(done.code).not.toBe(0);
    expect(readdirSync(place)).toEqual(['made']);
  });

  test('a worktree whose git link was forged is refused with 125, and nothing runs', async () => {
    const place = ground();
    const forgeries: [string, (worktree: string) => void][] = [
      ['to nowhere', (at) => writeFileSync(join(at, '.git'), 'gitdir: /nowhere\n')],
      ['as a link', (at) => symlinkSync(place.gitDirectory, join(at, '.git'))],
      ['to a repository of the person', (at) => writeFileSync(join(at, '.git'), `gitdir: ${place.gitDirectory}\n`)],
      ['to another worktree', (at) => writeFileSync(join(at, '.git'), readFileSync(join(place.worktree, '.git')))],
      [
        'to a git directory inside it, whose objects lead to the home directory',
        (at) => {
          const admin = join(at, 'evil/worktrees/w');
          mkdirSync(admin, { recursive: true });
          writeFileSync(join(at, 'evil/config'), '');
          writeFileSync(join(at, 'evil/HEAD'), 'ref: refs/heads/main\n');
          symlinkSync(homedir(), join(at, 'evil/objects'));
          writeFileSync(join(admin, 'gitdir'), join(at, '.git'));
          writeFileSync(join(admin, 'commondir'), '../..');
          writeFileSync(join(at, '.git'), `gitdir: ${admin}\n`);
        },
      ],
      [
        'as a git directory whose objects lead to the home directory',
        (at) => {
          git(at, 'init', '--quiet');
          rmSync(join(at, '.git/objects'), { recursive: true });
          symlinkSync(homedir(), join(at, '.git/objects'));
        },
      ],
      [
        'as a git directory with a pipe for its configuration',
        (at) => {
          git(at, 'init', '--quiet');
          rmSync(join(at, '.git/config'));
          spawnSync('mkfifo', [join(at, '.git/config')]);
        },
      ],
    ];
    for (const [what, forge] of forgeries) {
      const at = scratch();
      forge(at);
      expect(await exec(at, 'touch ran; ls -R /repository.git'), what).toMatchObject({ code: 125, out: '' });
      expect(existsSync(join(at, 'ran')), what).toBe(false);
    }
  }, 60_000);

  test.each(['/', homedir(), '/nowhere', '/etc', '/proc/self'])('%s is no folder to work in', async (folder) => {
    expect(await exec(folder, 'true')).toMatchObject({ code: 2, err: expect.stringContaining('--worktree') });
  });

  test('a plain git status in the worktree afterwards starts nothing that the command wrote [nothing-executes]', async () => {
    const { worktree, root } = ground();
    const proof = join(root, 'ran');
    const config = `[core]\\n\\tfsmonitor = touch ${proof}\\n\\trepositoryformatversion = 0\\n\\tbare = false\\n`;
    const evil = (at: string) =>
      `mkdir -p ${at}/objects ${at}/refs; printf 'ref: refs/heads/x\\n' > ${at}/HEAD; printf '${config}' > ${at}/config`;
    const attacks = [
      'echo "gitdir: /workspace/evil" > .git',
      'rm -f .git; mkdir .git',
      'mv .git was.git',
      'ln -sfn evil .git',
      evil('evil'),
      evil('.git/modules/x'),
      'echo evil > .git/commondir; echo evil > /repository.git/commondir',
      `printf '${config}' > /repository.git/config; printf '${config}' > /repository.git/worktrees/work/config.worktree`,
      `git config core.fsmonitor 'touch ${proof}'; git config --worktree core.fsmonitor 'touch ${proof}'`,
      `mkdir -p /repository.git/hooks; printf '#!/bin/sh\\ntouch ${proof}\\n' > /repository.git/hooks/post-index-change`,
      `printf '* filter=x\\n' > .gitattributes; printf '* filter=x\\n' > /repository.git/info/attributes`,
      'perl -e \'rename(".git", "g"); syscall(316, -100, ".git", -100, "notes.txt", 2)\'',
      'mount --bind evil .git; umount .git; umount -l .git',
      evil('.'),
    ];
    // One after the other, none of them in the way of the next.
    await exec(worktree, attacks.map((attack) => `(${attack})`).join('\n'));
    spawnSync('git', ['status'], { cwd: worktree, env: { PATH: process.env.PATH, HOME: '/nonexistent' } });
    spawnSync('git', ['diff'], { cwd: worktree, env: { PATH: process.env.PATH, HOME: '/nonexistent' } });
    expect(existsSync(proof)).toBe(false);
    expect(git(worktree, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('nightshift/test\n');
  });
});

function isBelow(pid: number, ancestor: number): boolean {
  for (let at = pid; at > 1; ) {
    if (at === ancestor) return true;
    const stat = existsSync(`/proc/${at}/stat`) ? readFileSync(`/proc/${at}/stat`, 'utf8') : ') X 0';
    at = Number(stat.replace(/^.*\) /s, '').split(' ')[1]);
  }
  return false;
}
