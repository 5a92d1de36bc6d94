/** Tells a person that a proposal waits; where the system shows no notifications, the badge alone says so. */
import type { Proposal } from '#contract/proposals.ts';
import type { ElectronPort, ShellNotification } from './electron-port.ts';

/** @returns the function to call per proposal; clicking what it shows calls `open` with the page's path */
export function createNotifier(el: ElectronPort, icon: string, open: (route: string) => void): (p: Proposal) => void {
  // A notification nobody holds is collected, and its click is lost with it.
  const shown = new Set<ShellNotification>();
  return (proposal) => {
    if (!el.Notification.isSupported()) return;
    const notification = new el.Notification({
      title: proposal.revision === 1 ? 'A proposal waits for you' : 'A proposal was revised',
      body: proposal.title,
      icon,
    });
    shown.add(notification);
    const forget = () => shown.delete(notification);
    notification.on('click', () => {
      forget();
      open(`/proposals/${proposal.id}`);
    });
    notification.on('close', forget);
    notification.on('failed', forget);
    notification.show();
  };
}
