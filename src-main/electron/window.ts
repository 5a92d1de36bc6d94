/** The one window: sandboxed, unable to leave its page, with no permission but writing to the clipboard. */
import type { ElectronPort, ShellWindow } from './electron-port.ts';
import { isPage, pageOrigin } from './page.ts';

export interface Doorway {
  window: ShellWindow;
  /** Brings the window to the front, on the screen at `route` if one is given. */
  show(route?: string | null): void;
}

export function openWindow(el: ElectronPort, files: { preload: string; icon: string }, route: string | null): Doorway {
  const window = new el.BrowserWindow({
    width: 1280,
    height: 840,
    minWidth: 480,
    minHeight: 400,
    show: false,
    title: 'Nightshift',
    icon: files.icon,
    webPreferences: {
      preload: files.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  });
  keepInside(el, window);
  window.once('ready-to-show', () => window.show());
  void window.loadURL(`${pageOrigin}${route ?? '/'}`);

  const show = (to?: string | null) => {
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
    if (to) go(window, to);
  };
  return { window, show };
}

/** Denies every permission but the one that a "copy" button needs. */
export function denyPermissions(el: ElectronPort): void {
  const { defaultSession } = el.session;
  defaultSession.setPermissionRequestHandler((contents, permission, answer) =>
    answer(permission === 'clipboard-sanitized-write' && isPage(contents.getURL())),
  );
  defaultSession.setPermissionCheckHandler(
    (contents, permission) =>
      permission === 'clipboard-sanitized-write' && contents !== null && isPage(contents.getURL()),
  );
  defaultSession.setDevicePermissionHandler(() => false);
}

function keepInside(el: ElectronPort, window: ShellWindow): void {
  const { webContents } = window;
  webContents.on('will-navigate', (event) => {
    if (!isPage(event.url)) event.preventDefault();
  });
  webContents.on('will-redirect', (event) => {
    if (!isPage(event.url)) event.preventDefault();
  });
  webContents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame || !isPage(event.url)) event.preventDefault();
  });
  webContents.on('will-attach-webview', (event) => event.preventDefault());
  webContents.setWindowOpenHandler(({ url }) => {
    // Handed to the person's browser, never opened here; any other protocol could start a program.
    if (URL.parse(url)?.protocol === 'https:') void el.shell.openExternal(url).catch(() => {});
    return { action: 'deny' };
  });
}

/** Changes the screen without loading the page anew, so that text somebody is writing stays. */
function go(window: ShellWindow, route: string): void {
  if (window.webContents.isLoading() || !isPage(window.webContents.getURL())) {
    void window.loadURL(`${pageOrigin}${route}`);
    return;
  }
  const script = `history.pushState(null, '', ${JSON.stringify(route)}); dispatchEvent(new PopStateEvent('popstate'));`;
  void window.webContents.executeJavaScript(script).catch(() => window.loadURL(`${pageOrigin}${route}`));
}
