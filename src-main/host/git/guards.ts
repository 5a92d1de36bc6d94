/** Which configuration is forced on every git call so that no configured command can ever start. */

/** Forced in every call. Each line names a way in which git would otherwise start a program, reach out, or surprise. */
const pinned: [key: string, value: string][] = [
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.untrackedCache', 'false'],
  ['core.splitIndex', 'false'],
  ['core.safecrlf', 'false'],
  ['core.quotePath', 'false'],
  ['core.askPass', ''],
  ['core.sshCommand', 'false'],
  ['core.alternateRefsCommand', ''],
  ['credential.helper', ''],
  ['protocol.allow', 'never'],
  ['submodule.recurse', 'false'],
  ['diff.ignoreSubmodules', 'all'],
  ['diff.external', ''],
  ['log.showSignature', 'false'],
  ['commit.gpgSign', 'false'],
  ['merge.verifySignatures', 'false'],
  ['merge.autoStash', 'false'],
  ['i18n.commitEncoding', 'UTF-8'],
  ['i18n.logOutputEncoding', 'UTF-8'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['advice.detachedHead', 'false'],
  // The owner of the repository may be somebody else than the user of this process: that is not what guards us.
  ['safe.directory', '*'],
];

/** An empty filter or diff command means none. */
const commands = /^(filter\..+\.(clean|smudge|process)|diff\..+\.(command|textconv))$/s;
const required = /^filter\..+\.required$/s;
/** An empty merge driver would count as "merged, keep ours"; a failing one leaves a conflict for a person. */
const mergeDriver = /^merge\..+\.driver$/s;
const mergeOptions = /^branch\..+\.mergeoptions$/s;

/**
 * @param configured names of all keys in the repository's own configuration, as git spells them.
 * @returns key and value pairs that override them, to be passed through the environment: names may hold `=`.
 */
export function guards(configured: string[]): [key: string, value: string][] {
  const overrides = new Map<string, string>();
  for (const key of configured) {
    if (commands.test(key) || mergeOptions.test(key)) overrides.set(key, '');
    else if (required.test(key)) overrides.set(key, 'false');
    else if (mergeDriver.test(key)) overrides.set(key, 'exit 1');
  }
  return [...pinned, ...overrides];
}

/** Pairs in the form that git reads from its environment. */
export function asEnvironment(pairs: [key: string, value: string][]): Record<string, string> {
  const env: Record<string, string> = { GIT_CONFIG_COUNT: String(pairs.length) };
  pairs.forEach(([key, value], i) => {
    env[`GIT_CONFIG_KEY_${i}`] = key;
    env[`GIT_CONFIG_VALUE_${i}`] = value;
  });
  return env;
}
