/** The part of Electron that the shell uses: what is not named here cannot be used, and everything named here is faked in tests. */
import type * as E from 'electron';

export type Contents = Pick<
  E.WebContents,
  'id' | 'getURL' | 'on' | 'setWindowOpenHandler' | 'executeJavaScript' | 'isLoading'
>;

export type ShellWindow = Pick<
  E.BrowserWindow,
  'loadURL' | 'show' | 'hide' | 'focus' | 'isFocused' | 'isMinimized' | 'restore' | 'isDestroyed' | 'on' | 'once'
> & { webContents: Contents };

export type ShellTray = Pick<E.Tray, 'setImage' | 'setToolTip' | 'setContextMenu' | 'on' | 'destroy'>;
export type ShellNotification = Pick<E.Notification, 'show' | 'on'>;

export interface ElectronPort {
  app: Pick<
    E.App,
    | 'requestSingleInstanceLock'
    | 'enableSandbox'
    | 'whenReady'
    | 'quit'
    | 'on'
    | 'setBadgeCount'
    | 'setAsDefaultProtocolClient'
    | 'setAppUserModelId'
    | 'isPackaged'
  >;
  protocol: Pick<E.Protocol, 'registerSchemesAsPrivileged' | 'handle'>;
  dialog: Pick<E.Dialog, 'showMessageBox'>;
  session: {
    defaultSession: Pick<
      E.Session,
      'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'
    >;
  };
  shell: Pick<E.Shell, 'openExternal'>;
  ipcMain: Pick<E.IpcMain, 'on'>;
  Menu: Pick<typeof E.Menu, 'buildFromTemplate' | 'setApplicationMenu'>;
  BrowserWindow: new (options: E.BrowserWindowConstructorOptions) => ShellWindow;
  Tray: new (image: string) => ShellTray;
  Notification: (new (options: E.NotificationConstructorOptions) => ShellNotification) & { isSupported(): boolean };
  MessageChannelMain: new () => { port1: E.MessagePortMain; port2: E.MessagePortMain };
}
