/** Stands in for Electron where there is no binary: keeps what the shell asked for, and lets a test play the person and the system. */
import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type * as E from 'electron';
import type { ElectronPort } from '#electron/electron-port.ts';

type Permission = Parameters<Parameters<E.Session['setPermissionRequestHandler']>[0] & object>[1];

/** Electron's `on` has one overload per event; a fake has one for all, which `never` makes assignable to each. */
class Emitter {
  readonly events = new EventEmitter();
  on(event: string, listener: (...args: never[]) => void): never {
    this.events.on(event, listener as () => void);
    return this as never;
  }
  once(event: string, listener: (...args: never[]) => void): never {
    this.events.once(event, listener as () => void);
    return this as never;
  }
  emit(event: string, ...args: unknown[]): void {
    this.events.emit(event, ...args);
  }
  /** Emits an event that can be prevented; true when it was. */
  prevented(event: string, more: object = {}): boolean {
    let was = false;
    const preventDefault = () => {
      was = true;
    };
    this.emit(event, { preventDefault, ...more });
    return was;
  }
}

class FakeContents extends Emitter {
  static count = 0;
  readonly id = ++FakeContents.count;
  url = '';
  scripts: string[] = [];
  openHandler: Parameters<E.WebContents['setWindowOpenHandler']>[0] = () => ({ action: 'allow' });
  getURL = () => this.url;
  isLoading = () => false;
  setWindowOpenHandler = (handler: typeof this.openHandler) => {
    this.openHandler = handler;
  };
  executeJavaScript = async (script: string) => {
    this.scripts.push(script);
  };
}

class FakeWindow extends Emitter {
  readonly webContents = new FakeContents();
  visible = false;
  focused = false;
  gone = false;
  readonly options: E.BrowserWindowConstructorOptions;
  constructor(options: E.BrowserWindowConstructorOptions) {
    super();
    this.options = options;
    fake.windows.push(this);
  }
  loadURL = async (url: string) => {
    this.webContents.url = url;
    this.emit('ready-to-show');
  };
  show = () => {
    this.visible = true;
  };
  hide = () => {
    this.visible = false;
  };
  focus = () => {
    this.focused = true;
  };
  restore = () => {};
  isFocused = () => this.focused;
  isMinimized = () => false;
  isDestroyed = () => this.gone;
  /** As the person does it with the window's own button. */
  close(): void {
    if (this.prevented('close')) return;
    this.gone = true;
    this.emit('closed');
    fake.app.emit('window-all-closed');
  }
}

class FakeTray extends Emitter {
  image: string;
  tip = '';
  menu: E.MenuItemConstructorOptions[] = [];
  constructor(image: string) {
    super();
    this.image = image;
    fake.trays.push(this);
  }
  setImage = (image: string | E.NativeImage) => {
    this.image = String(image);
  };
  setToolTip = (tip: string) => {
    this.tip = tip;
  };
  setContextMenu = (menu: E.Menu | null) => {
    this.menu = menu as never;
  };
  destroy = () => {};
}

class FakeNotification extends Emitter {
  static isSupported = () => fake.notificationsSupported;
  readonly options: E.NotificationConstructorOptions;
  constructor(options: E.NotificationConstructorOptions) {
    super();
    this.options = options;
  }
  show = () => {
    fake.notifications.push(this);
  };
}

class FakeApp extends Emitter {
  isPackaged = false;
  locked = false;
  quits = 0;
  badge = 0;
  sandboxed = false;
  requestSingleInstanceLock = () => !this.locked;
  enableSandbox = () => {
    this.sandboxed = true;
  };
  whenReady = async () => {};
  setBadgeCount = (count = 0) => {
    this.badge = count;
    return true;
  };
  setAsDefaultProtocolClient = () => true;
  setAppUserModelId = () => {};
  quit = () => {
    this.quits += 1;
    this.emit('before-quit', {});
    this.emit('will-quit', {});
  };
}

class FakeSession {
  request: Parameters<E.Session['setPermissionRequestHandler']>[0] = null;
  check: Parameters<E.Session['setPermissionCheckHandler']>[0] = null;
  device: Parameters<E.Session['setDevicePermissionHandler']>[0] = null;
  setPermissionRequestHandler = (handler: typeof this.request) => {
    this.request = handler;
  };
  setPermissionCheckHandler = (handler: typeof this.check) => {
    this.check = handler;
  };
  setDevicePermissionHandler = (handler: typeof this.device) => {
    this.device = handler;
  };
  /** Whether a page at `url` may have `permission`, if it asks and if it only looks. */
  allows(permission: Permission, url: string): boolean[] {
    const contents = { getURL: () => url } as E.WebContents;
    let asked = true;
    this.request?.(contents, permission, (granted) => (asked = granted), {
      isMainFrame: true,
      requestingUrl: url,
    } as never);
    return [asked, this.check?.(contents, permission as never, url, { isMainFrame: true } as never) ?? true];
  }
}

/** What happened, newest last; `reset()` before each test. */
export const fake = {
  app: new FakeApp(),
  ipcMain: new Emitter(),
  session: new FakeSession(),
  windows: [] as FakeWindow[],
  trays: [] as FakeTray[],
  notifications: [] as FakeNotification[],
  notificationsSupported: true,
  external: [] as string[],
  boxes: [] as E.MessageBoxOptions[],
  schemes: [] as E.CustomScheme[],
  pages: new Map<string, (request: Request) => Response | Promise<Response>>(),
  reset(): void {
    Object.assign(fake, { app: new FakeApp(), ipcMain: new Emitter(), session: new FakeSession() });
    Object.assign(fake, { windows: [], trays: [], notifications: [], notificationsSupported: true });
    Object.assign(fake, { external: [], boxes: [], schemes: [], pages: new Map() });
  },
  /** The page in `window` asks for its port; undefined when it is given none. */
  askForPort(window: FakeWindow, frame: { origin: string; parent?: unknown }): MessagePort | undefined {
    let given: MessagePort | undefined;
    const postMessage = (_channel: string, _message: unknown, ports: MessagePort[]) => {
      given = ports[0];
    };
    const senderFrame = { parent: null, ...frame, postMessage };
    fake.ipcMain.emit('nightshift:want-port', { sender: window.webContents, senderFrame });
    return given;
  },
  /** Everything a module that imports Electron finds there; a new use in the shell does not compile until it is faked here. */
  electron(): ElectronPort {
    return {
      app: fake.app,
      ipcMain: fake.ipcMain,
      session: { defaultSession: fake.session },
      protocol: {
        registerSchemesAsPrivileged: (schemes) => void fake.schemes.push(...schemes),
        handle: (scheme, handler) => void fake.pages.set(scheme, handler as never),
      },
      dialog: {
        showMessageBox: async (...args: unknown[]) => {
          fake.boxes.push(args.at(-1) as E.MessageBoxOptions);
          return { response: 0, checkboxChecked: false };
        },
      },
      shell: { openExternal: async (url) => void fake.external.push(url) },
      Menu: { buildFromTemplate: (template) => template as never, setApplicationMenu: () => {} },
      BrowserWindow: FakeWindow,
      Tray: FakeTray,
      Notification: FakeNotification,
      MessageChannelMain: MessageChannel as never,
    };
  },
};

/** The names a module imports from Electron. */
export const {
  app,
  ipcMain,
  session,
  protocol,
  dialog,
  shell,
  Menu,
  BrowserWindow,
  Tray,
  Notification,
  MessageChannelMain,
} = fake.electron();
