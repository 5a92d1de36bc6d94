/** The window door, driven through a stand-in for Electron: what it refuses, what it shows, and when it goes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Fault } from '#contract/faults.ts';
import { startShell } from '#electron/shell.ts';
import { fake } from '../fakes/electron.ts';
import { createScriptedHost, type ScriptedHost, scriptedProposal } from '../fakes/scripted-host.ts';
import { verifies } from '../promises.ts';

const page = 'nightshift-page://app';
let home: string;
let folder: string;
let host: ScriptedHost;

beforeEach(() => {
  fake.reset();
  host = createScriptedHost();
  home = mkdtempSync(join(tmpdir(), 'nightshift-shell-'));
  writeFileSync(join(home, 'secret.txt'), 'secret');
  folder = join(home, 'page');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.html'), '<title>page</title>');
  writeFileSync(join(folder, 'main.js'), 'void 0;');
});
afterEach(() => {
  fake.app.emit('will-quit', {});
  rmSync(home, { recursive: true, force: true });
});

const start = (argv: string[] = [], attach = host.attach) =>
  startShell(fake.electron(), {
    attach,
    argv,
    files: { page: folder, preload: '/x/index.cjs', icon: '/x/icon.png', tray: '/x/tray' },
  });
const window = () => fake.windows.at(-1) ?? expect.fail('no window');
const tray = () => fake.trays.at(-1) ?? expect.fail('no tray');
const following = () => vi.waitFor(() => expect(host.followed.length).toBeGreaterThan(0));

describe('the window', () => {
  test(verifies('window-thin', 'is sandboxed and isolated, without Node, and shows the page'), async () => {
    await start();
    expect(fake.app.sandboxed).toBe(true);
    expect(window().options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    });
    expect(window().webContents.url).toBe(`${page}/`);
    expect(window().visible).toBe(true);
  });

  test.each([
    ['file:///etc/passwd', true],
    ['https://example.com/', true],
    ['nightshift-page://app.evil/', true],
    ['nightshift-page://evil/app', true],
    ['nightshift-page://user@app/', true],
    ['nightshift-page://app@evil/', true],
    ['http://nightshift-page//app/', true],
    ['not an address', true],
    [`${page}/runs/run-00000001`, false],
  ])('navigation to %s is refused: %s', async (url, refused) => {
    await start();
    const { webContents } = window();
    expect(webContents.prevented('will-navigate', { url })).toBe(refused);
    expect(webContents.prevented('will-redirect', { url })).toBe(refused);
    expect(webContents.prevented('will-frame-navigate', { url, isMainFrame: true })).toBe(refused);
    expect(webContents.prevented('will-frame-navigate', { url, isMainFrame: false })).toBe(true);
  });

  test('opens no second window; only https links leave, to the browser', async () => {
    await start();
    const { openHandler, prevented } = Object.assign(window().webContents);
    const urls = ['https://example.com/a', 'http://example.com/', 'file:///etc/passwd', 'smb://x/', 'javascript:1'];
    for (const url of urls) expect(openHandler({ url } as never)).toEqual({ action: 'deny' });
    expect(fake.external).toEqual(['https://example.com/a']);
    expect(prevented.call(window().webContents, 'will-attach-webview')).toBe(true);
  });

  test('has no permission but writing to the clipboard', async () => {
    await start();
    for (const permission of ['media', 'geolocation', 'notifications', 'openExternal', 'clipboard-read'] as const)
      expect(fake.session.allows(permission, `${page}/`)).toEqual([false, false]);
    expect(fake.session.allows('clipboard-sanitized-write', `${page}/`)).toEqual([true, true]);
    expect(fake.session.allows('clipboard-sanitized-write', 'https://example.com/')).toEqual([false, false]);
    expect(fake.session.device?.({} as never)).toBe(false);
  });
});

describe('the page', () => {
  const get = (path: string, method = 'GET') => {
    const handler = fake.pages.get('nightshift-page') ?? expect.fail('no page is served');
    return handler(new Request(new URL(path, `${page}/`), { method }));
  };

  test('is served from its folder under the strict policy, on a secure origin of its own', async () => {
    await start();
    expect(fake.schemes).toMatchObject([{ scheme: 'nightshift-page', privileges: { standard: true, secure: true } }]);
    for (const path of ['/', '/main.js', '/runs/run-00000001', '/gone.js']) {
      const policy = (await get(path)).headers.get('Content-Security-Policy');
      expect(policy).toContain(`default-src 'none'`);
      expect(policy).toContain(`require-trusted-types-for 'script'`);
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
    }
    expect(await (await get('/runs/run-00000001')).text()).toContain('<title>page</title>');
    expect((await get('/main.js')).headers.get('Content-Type')).toContain('text/javascript');
    expect((await get('/gone.js')).status).toBe(404);
  });

  test('holds nothing outside its folder, and answers only reading', async () => {
    await start();
    for (const path of ['/..%2fsecret.txt', '/%2e%2e/secret.txt', '/../secret.txt', '/x/..%5c..%5csecret.txt'])
      expect((await get(path)).status).toBe(404);
    expect(await (await get('/..%2f..%2fetc/passwd')).text()).toBe('<title>page</title>');
    expect((await get('/', 'POST')).status).toBe(403);
    expect((await get('nightshift-page://evil/')).status).toBe(403);
  });

  test(verifies('window-thin', 'gets a port; a frame in it, another origin or another window gets none'), async () => {
    await start();
    expect(fake.askForPort(window(), { origin: page })).toBeDefined();
    expect(fake.askForPort(window(), { origin: page, parent: {} })).toBeUndefined();
    expect(fake.askForPort(window(), { origin: 'https://example.com' })).toBeUndefined();
    const { BrowserWindow } = fake.electron();
    new BrowserWindow({});
    expect(fake.askForPort(fake.windows[1] ?? expect.fail(), { origin: page })).toBeUndefined();
  });

  test('is told by its port closing that no host answers', async () => {
    await start();
    const port = fake.askForPort(window(), { origin: page }) ?? expect.fail('no port');
    const closed = new Promise((resolve) => port.on('close', () => resolve('closed')));
    port.start();
    expect(await closed).toBe('closed');
  });
});

describe('tray, badge and notification', () => {
  test('say what waits and what runs, from what the host holds and from what happens', async () => {
    host.runs = [
      { id: 'run-00000001', state: 'running' },
      { id: 'run-00000002', state: 'ended' },
    ];
    await start();
    await vi.waitFor(() => expect(tray().image).toBe('/x/tray/working.png'));
    expect(tray().tip).toBe('Nightshift: One run is at work.');
    await following();
    host.say({ type: 'proposal.opened', run: 'run-00000001', proposal: scriptedProposal() });
    host.say({ type: 'run.ended', run: 'run-00000001', outcome: 'proposed', reason: null, proposal: 'prop-00000001' });
    await vi.waitFor(() => expect(tray().tip).toBe('Nightshift: One proposal waits for you.'));
    expect(tray().image).toBe('/x/tray/needs-you.png');
    expect(fake.app.badge).toBe(1);
    host.say({ type: 'proposal.rejected', run: 'run-00000001', proposal: 'prop-00000001', reason: null, pruneAt: '' });
    await vi.waitFor(() => expect(tray().tip).toBe('Nightshift: Nothing needs you.'));
    expect(tray().image).toBe('/x/tray/idle.png');
    expect(fake.app.badge).toBe(0);
  });

  test('count alerts, until they are put away', async () => {
    host.alerts = [{ seq: 3 }];
    host.seq = 5;
    await start();
    await vi.waitFor(() => expect(tray().tip).toBe('Nightshift: One alert to look at.'));
    expect([tray().image, fake.app.badge]).toEqual(['/x/tray/needs-you.png', 1]);
    await following();
    host.say({ type: 'proposal.opened', run: 'run-00000001', proposal: scriptedProposal() });
    host.say({ type: 'alert.raised', about: null, routine: null, text: 'Look.' });
    await vi.waitFor(() => expect(tray().tip).toBe('Nightshift: One proposal waits for you; 2 alerts to look at.'));
    expect(fake.app.badge).toBe(3);
    host.say({ type: 'alert.dismissed', alerts: [3, 7], by: 'terminal' });
    await vi.waitFor(() => expect(tray().tip).toBe('Nightshift: One proposal waits for you.'));
    expect(fake.app.badge).toBe(1);
  });

  test('a proposal is announced once, and a click opens it without loading the page anew', async () => {
    await start();
    await following();
    host.say({ type: 'proposal.opened', run: 'run-00000001', proposal: scriptedProposal() });
    await vi.waitFor(() => expect(fake.notifications).toHaveLength(1));
    expect(fake.notifications[0]?.options.body).toBe('Close the connection when a write fails');
    window().hide();
    fake.notifications[0]?.emit('click', {});
    expect(window().visible).toBe(true);
    expect(window().webContents.scripts.join()).toContain('"/proposals/prop-00000001"');
    expect(window().webContents.url).toBe(`${page}/`);
  });

  test('a question of a run is announced, and a click opens the run', async () => {
    await start();
    await following();
    const question = { run: 'run-00000001', why: 'The goal is judged impossible: no network.' };
    host.say({ type: 'question.asked', run: 'run-00000001', question });
    await vi.waitFor(() => expect(fake.notifications).toHaveLength(1));
    expect(fake.notifications[0]?.options).toMatchObject({ title: 'A run waits for your answer', body: question.why });
    fake.notifications[0]?.emit('click', {});
    expect(window().webContents.scripts.join()).toContain('"/runs/run-00000001"');
  });

  test('where notifications fail or do not exist, the badge alone says it', async () => {
    await start();
    await following();
    host.say({ type: 'proposal.opened', run: 'run-00000001', proposal: scriptedProposal() });
    await vi.waitFor(() => expect(fake.notifications).toHaveLength(1));
    fake.notifications[0]?.emit('failed', {}, 'not signed');
    expect(fake.app.badge).toBe(1);
    fake.notificationsSupported = false;
    host.say({ type: 'proposal.opened', run: 'run-00000002', proposal: scriptedProposal({ id: 'prop-00000002' }) });
    await vi.waitFor(() => expect(fake.app.badge).toBe(2));
    expect(fake.notifications).toHaveLength(1);
    expect(fake.boxes).toEqual([]);
  });

  test('nothing pops up over a window that somebody is looking at', async () => {
    await start();
    await following();
    window().focus();
    host.say({ type: 'proposal.opened', run: 'run-00000001', proposal: scriptedProposal() });
    await vi.waitFor(() => expect(fake.app.badge).toBe(1));
    expect(fake.notifications).toEqual([]);
  });

  test('after a host died, the next one is attached to and what happened meanwhile is heard', async () => {
    await start();
    await following();
    host.say({ type: 'run.queued', run: 'run-00000001', routine: 'log-triage', trigger: { kind: 'person' } });
    await vi.waitFor(() => expect(tray().image).toBe('/x/tray/working.png'));
    host.runs = [{ id: 'run-00000001', state: 'running' }];
    host.die();
    await vi.waitFor(() => expect(tray().tip).toBe('Nightshift: Not connected to the host.'));
    host.seq = 7;
    await vi.waitFor(() => expect(host.followed).toEqual([0, 1]), { timeout: 10_000 });
    expect(host.attached).toBe(2);
  });

  test('the reason why no host starts is said once', async () => {
    const attach = async () => {
      host.attached += 1;
      throw new Fault('data.newer', 'The data is from a newer version.', { cure: 'Update Nightshift.' });
    };
    await start([], attach);
    await vi.waitFor(() => expect(host.attached).toBeGreaterThan(1), { timeout: 10_000 });
    const said = { message: 'The data is from a newer version.', detail: 'Update Nightshift.' };
    expect(fake.boxes).toEqual([expect.objectContaining(said)]);
    expect(window().visible).toBe(true);
  });
});

describe('coming and going', () => {
  test('closing hides to the tray while a run is at work, and quits when none is', async () => {
    host.runs = [{ id: 'run-00000001', state: 'running' }];
    await start();
    await vi.waitFor(() => expect(tray().image).toBe('/x/tray/working.png'));
    window().close();
    expect([window().gone, window().visible, fake.app.quits]).toEqual([false, false, 0]);
    tray().emit('click', {});
    expect(window().visible).toBe(true);
    await following();
    host.say({ type: 'run.ended', run: 'run-00000001', outcome: 'nothing_to_propose', reason: null, proposal: null });
    await vi.waitFor(() => expect(tray().image).toBe('/x/tray/idle.png'));
    window().close();
    expect([window().gone, fake.app.quits]).toEqual([true, 1]);
  });

  test('a second start shows the first window instead, on the screen it was asked for', async () => {
    fake.app.locked = true;
    await start();
    expect([fake.windows.length, fake.app.quits]).toEqual([0, 1]);
    fake.reset();
    await start();
    window().hide();
    fake.app.emit('second-instance', {}, ['nightshift', 'nightshift://runs/run-00000001']);
    expect(fake.windows).toHaveLength(1);
    expect(window().visible).toBe(true);
    expect(window().webContents.scripts.join()).toContain('"/runs/run-00000001"');
  });

  test.each([
    ['nightshift://proposals/prop-00000001', '/proposals/prop-00000001'],
    ['nightshift://routines', '/routines'],
    ['nightshift://today/', '/'],
    ['nightshift://runs/../../etc', '/'],
    ['nightshift://evil/x', '/'],
    ['nightshift://runs/x?y=z', '/'],
    ['xnightshift://runs', '/'],
    [`nightshift://runs/');alert(1);('`, '/'],
  ])('the link %s opens %s', async (link, path) => {
    await start(['nightshift', '--flag', link]);
    expect(window().webContents.url).toBe(`${page}${path}`);
  });
});
