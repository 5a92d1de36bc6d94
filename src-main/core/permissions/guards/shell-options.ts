/** Options of the shell itself that only make it stricter or more talkative. */
import { isStatic, type ShellWord } from '#core/permissions/shell/words.ts';

export function isHarmlessSet(args: readonly ShellWord[]): boolean {
  return (
    args.length > 0 &&
    args.every((word) => isStatic(word) && /^([-+][euxo]+|pipefail|errexit|nounset|xtrace)$/.test(word.value))
  );
}
