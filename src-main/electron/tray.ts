/** The tray: one of three pictures, the same state as a sentence, and the way back into the window. */
import { type Attention, moodOf, needsOf, sentenceOf } from './attention.ts';
import type { ElectronPort, ShellTray } from './electron-port.ts';

export interface Sign {
  update(attention: Attention): void;
  close(): void;
}

export interface Ways {
  open(route?: string): void;
  quit(): void;
}

/** @param icons absolute folder with `idle.png`, `working.png`, `needs-you.png` and their doubled sizes */
export function showTray(el: ElectronPort, icons: string, ways: Ways): Sign {
  let tray: ShellTray | undefined;
  let shown = '';
  try {
    tray = new el.Tray(`${icons}/idle.png`);
    tray.on('click', () => ways.open());
  } catch {
    // A desktop without a tray: the window and the badge remain.
  }
  return {
    update: (attention) => {
      el.app.setBadgeCount(needsOf(attention));
      const sentence = sentenceOf(attention);
      const face = `${moodOf(attention)} ${sentence}`;
      if (!tray || face === shown) return;
      shown = face;
      tray.setImage(`${icons}/${moodOf(attention)}.png`);
      tray.setToolTip(`Nightshift: ${sentence}`);
      tray.setContextMenu(
        el.Menu.buildFromTemplate([
          { label: sentence, enabled: false },
          { type: 'separator' },
          { label: 'Open Nightshift', click: () => ways.open() },
          { label: 'Proposals', click: () => ways.open('/proposals') },
          { type: 'separator' },
          {
            label: attention.running.size > 0 ? 'Quit (runs go on without the window)' : 'Quit',
            click: () => ways.quit(),
          },
        ]),
      );
    },
    close: () => tray?.destroy(),
  };
}
