/** Each reason why a sandbox cannot be had names its own cure. */
import { describe, expect, test } from 'vitest';
import { type KernelSwitches, notInstalled, refusal, wrongPlatform } from '#host/sandbox/refusal-linux.ts';

const open: KernelSwitches = { apparmorRestricts: null, unprivilegedClone: null, maxNamespaces: '96365' };
const denied = 'bwrap: setting up uid map: Permission denied\n';

describe('a refusal', () => {
  test.each<[string, string, Partial<KernelSwitches>, boolean, RegExp]>([
    ['AppArmor on Ubuntu', denied, { apparmorRestricts: '1' }, false, /apparmor-profiles/],
    ['AppArmor does not bind root', denied, { apparmorRestricts: '1' }, true, /seccomp=unconfined/],
    [
      'the Debian switch',
      'bwrap: No permissions to create new namespace',
      { unprivilegedClone: '0' },
      false,
      /unprivileged_userns_clone=1/,
    ],
    [
      'no namespaces at all',
      'bwrap: Creating new namespace failed: No space left on device',
      { maxNamespaces: '0' },
      true,
      /max_user_namespaces/,
    ],
    [
      'a container without its own /proc',
      "bwrap: Can't mount proc on /newroot/proc: Operation not permitted",
      {},
      true,
      /systempaths=unconfined/,
    ],
    ['an old bubblewrap', 'bwrap: Unknown option --disable-userns', {}, false, /0\.8\.0/],
    ['anything else', 'something odd', {}, false, /doctor/],
  ])('because of %s', (_, said, switches, root, cure) => {
    const fault = refusal(said, { ...open, ...switches }, root);
    expect(fault).toMatchObject({ code: 'sandbox.unavailable', cure: expect.stringMatching(cure) });
  });

  test('quotes the last words, and says so when there are none', () => {
    expect(refusal(denied, open, false).message).toContain('setting up uid map: Permission denied');
    expect(refusal('', open, false).message).toContain('without a word');
  });

  test('is plain about what is missing or unsupported', () => {
    expect(notInstalled('/usr/bin/bwrap').cure).toContain('apt install bubblewrap');
    expect(wrongPlatform('darwin').message).toContain('macOS');
    expect(wrongPlatform('win32').cure).toContain('WSL 2');
  });
});
