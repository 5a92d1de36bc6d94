/** A real Secret Service on a session bus of its own: gnome-keyring, thrown away with the test. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { scratch } from './places.ts';

const has = (program: string) => spawnSync('which', [program]).status === 0;
/** Can a Secret Service of our own be started here? */
export const hasSecretService =
  process.platform === 'linux' && ['dbus-run-session', 'gnome-keyring-daemon', 'dbus-send'].every(has);

/** A session bus with a keyring on it, thrown away with the test; `unlock` gives its password at once. */
export async function secretService(unlock: boolean): Promise<NodeJS.ProcessEnv> {
  const home = scratch('keyring');
  for (const name of ['run', 'data']) mkdirSync(join(home, name), { mode: 0o700 });
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    XDG_DATA_HOME: join(home, 'data'),
    XDG_RUNTIME_DIR: join(home, 'run'),
  };
  const start = unlock
    ? 'printf throw-away | gnome-keyring-daemon --foreground --unlock'
    : 'gnome-keyring-daemon --foreground';
  // Without service folders the bus cannot start a second, locked keyring by itself before ours has its name.
  const bus = join(home, 'bus.conf');
  const policy = '<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>';
  const listen = `<type>session</type><listen>unix:dir=${join(home, 'run')}</listen><auth>EXTERNAL</auth>`;
  writeFileSync(bus, `<busconfig>${listen}<policy context="default">${policy}</policy></busconfig>`);
  // The name is on the bus before the keyring is open.
  const ready = unlock
    ? '/org/freedesktop/secrets/collection/login org.freedesktop.DBus.Properties.Get string:org.freedesktop.Secret.Collection string:Locked 2>&1 | grep -q "boolean false"'
    : '/org/freedesktop/secrets org.freedesktop.DBus.Peer.Ping >/dev/null 2>&1';
  const script = `${start} --components=secrets >/dev/null 2>&1 & keyring=$!
    until dbus-send --session --print-reply --dest=org.freedesktop.secrets ${ready}
    do kill -0 $keyring || exit 1; done
    echo "$DBUS_SESSION_BUS_ADDRESS"; cat >/dev/null; kill $keyring; wait`;
  const session = spawn('dbus-run-session', [`--config-file=${bus}`, '--', 'bash', '-c', script], {
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  onEnd(session);
  for await (const line of createInterface({ input: session.stdout }))
    return { ...env, DBUS_SESSION_BUS_ADDRESS: line };
  throw new Error('no session bus');
}
function onEnd(session: ChildProcess): void {
  onTestFinished(async () => {
    const gone = new Promise((resolve) => session.once('exit', resolve));
    session.stdin?.end();
    await gone;
  });
}

/** Locks the collection, as a screen lock or a sign-out does. */
export function lockSecretService(env: NodeJS.ProcessEnv): void {
  const to = ['--session', '--print-reply', '--dest=org.freedesktop.secrets', '/org/freedesktop/secrets'];
  const what = 'org.freedesktop.Secret.Service.Lock';
  const collection = 'array:objpath:/org/freedesktop/secrets/collection/login';
  const { status, stderr } = spawnSync('dbus-send', [...to, what, collection], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the keyring was not locked: ${stderr}`);
}
