/** The window door: everything Electron is asked to do. It holds no product logic and no data. */
import type { Fault } from '#contract/faults.ts';
import { relayPort } from '#server/relay.ts';
import { type Attention, unknownAttention } from './attention.ts';
import { linkScheme, routeIn, routeOf } from './deep-link.ts';
import type { ElectronPort } from './electron-port.ts';
import { type Attached, createHostLink, type HostLink } from './host-link.ts';
import { createNotifier } from './notify.ts';
import { declarePage, pageOrigin, servePage } from './page.ts';
import { showTray } from './tray.ts';
import { type Watcher, watch } from './watch.ts';
import { type Doorway, denyPermissions, openWindow } from './window.ts';

export interface Machine {
  /** Attaches to the host, starting one where none runs. */
  attach: () => Promise<Attached>;
  argv: string[];
  /** Absolute paths. */
  files: { page: string; preload: string; icon: string; tray: string };
}

/** Resolves when the shell is up, or at once when another one is and was told to show itself. Must be called before Electron is ready. */
export async function startShell(el: ElectronPort, machine: Machine): Promise<void> {
  const { app } = el;
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  app.enableSandbox();
  app.setAppUserModelId('app.nightshift.desktop');
  declarePage(el);

  let attention: Attention = unknownAttention;
  let doorway: Doorway | undefined;
  let quitting = false;
  let ready = false;
  let asked = routeIn(machine.argv);
  const ending = new AbortController();
  const host = createHostLink(machine.attach);

  const open = (route: string | null = null) => {
    if (!ready) asked = route ?? asked;
    else if (doorway) doorway.show(route);
    else doorway = newWindow(route);
  };
  const newWindow = (route: string | null): Doorway => {
    const fresh = openWindow(el, machine.files, route);
    fresh.window.on('close', (event) => {
      // While a run is at work the window only hides, so that the tray can call when it is done.
      if (quitting || attention.running.size === 0) return;
      event.preventDefault();
      fresh.window.hide();
    });
    fresh.window.on('closed', () => {
      doorway = undefined;
    });
    return fresh;
  };

  app.on('second-instance', (_event, argv) => open(routeIn(argv)));
  app.on('open-url', (event, url) => {
    event.preventDefault();
    open(routeOf(url));
  });
  app.on('activate', () => open());
  app.on('before-quit', () => {
    quitting = true;
  });
  app.on('window-all-closed', () => app.quit());

  await app.whenReady();
  ready = true;
  if (app.isPackaged) app.setAsDefaultProtocolClient(linkScheme);
  el.Menu.setApplicationMenu(
    el.Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }]),
  );
  denyPermissions(el);
  servePage(el, machine.files.page);
  givePorts(el, host, () => doorway);

  const tray = showTray(el, machine.files.tray, { open, quit: () => app.quit() });
  const notify = createNotifier(el, machine.files.icon, open);
  app.on('will-quit', () => {
    ending.abort();
    tray.close();
    host.close();
  });
  open(asked);
  const watcher: Watcher = {
    changed: (next) => {
      attention = next;
      tray.update(next);
    },
    proposed: (proposal) => {
      if (!doorway?.window.isFocused()) notify.proposed(proposal);
    },
    asked: (question) => {
      if (!doorway?.window.isFocused()) notify.asked(question);
    },
    failed: createAlarm(el),
  };
  void watch(host, watcher, ending.signal);
}

/** Says why no host can be had, each reason once: the page has no connection over which it could say it. */
function createAlarm(el: ElectronPort): (fault: Fault) => void {
  let said = '';
  return (fault) => {
    // A host that went away comes back by itself.
    if (fault.code === 'host.unreachable' || fault.code === 'internal' || fault.message === said) return;
    said = fault.message;
    void el.dialog.showMessageBox({ type: 'error', message: fault.message, detail: fault.cure ?? '' }).catch(() => {});
  };
}

/** Hands the page a port whenever it asks: the page itself, in the top frame of our window, and nobody else. */
function givePorts(el: ElectronPort, host: HostLink, doorway: () => Doorway | undefined): void {
  let last: Electron.MessagePortMain | undefined;
  el.ipcMain.on('nightshift:want-port', (event) => {
    const frame = event.senderFrame;
    if (event.sender.id !== doorway()?.window.webContents.id) return;
    if (frame === null || frame.parent !== null || frame.origin !== pageOrigin) return;
    const { port1, port2 } = new el.MessageChannelMain();
    // A page has one port; asking again means that it was loaded anew or gave the old one up.
    last?.close();
    last = port1;
    // Without a host the port closes, which tells the page to ask again later.
    host
      .attached()
      .then(({ socket }) => relayPort(port1, socket))
      .catch(() => port1.close());
    frame.postMessage('nightshift:port', null, [port2]);
  });
}
