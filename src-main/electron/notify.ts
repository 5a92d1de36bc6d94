/** Tells a person that a proposal or a question waits; where the system shows no notifications, the badge alone says so. */
import type { Proposal } from '#contract/proposals.ts';
import type { Question } from '#contract/questions.ts';
import { visible } from '#contract/visible.ts';
import type { ElectronPort, ShellNotification } from './electron-port.ts';

export interface Notifier {
  proposed(proposal: Proposal): void;
  asked(question: Question): void;
}

/** Clicking what is shown calls `open` with the page's path. */
export function createNotifier(el: ElectronPort, icon: string, open: (route: string) => void): Notifier {
  // A notification nobody holds is collected, and its click is lost with it.
  const shown = new Set<ShellNotification>();

  function notify(title: string, body: string, route: string): void {
    if (!el.Notification.isSupported()) return;
    const notification = new el.Notification({ title, body, icon });
    shown.add(notification);
    const forget = () => shown.delete(notification);
    notification.on('click', () => {
      forget();
      open(route);
    });
    notification.on('close', forget);
    notification.on('failed', forget);
    notification.show();
  }

  return {
    proposed: ({ id, title, revision }) =>
      notify(revision === 1 ? 'A proposal waits for you' : 'A proposal was revised', title, `/proposals/${id}`),
    asked: ({ run, why }) => notify('A run waits for your answer', visible(why), `/runs/${run}`),
  };
}
