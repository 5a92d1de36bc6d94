/** What stands between a run and this machine: one kind for each system, and room for a stronger one, such as a virtual machine. */
import type { Hands, HandsSpec } from '#core/ports.ts';

/** A launch without a repository is a trial of the machine. */
export type WallSpec = Omit<HandsSpec, 'gitDirectory'> & { gitDirectory: string | null };

export interface Need {
  name: string;
  /** Path or name; answers to `--version`. */
  program: string;
  /** Version, in digits and dots. */
  oldest: string;
  /** Command that installs it. */
  install: string;
}

/** The one door to every kind of sandbox: whoever offers this can carry runs. */
export interface Wall {
  /** For people: `bubblewrap`, `Seatbelt`. */
  readonly name: string;
  /** False: it never ran where we could look. Then a run, the doctor and the README say so. */
  readonly verified: boolean;
  /** Programs of the system that it is made of. */
  readonly needs: Need[];
  /** The path by which a run sees the worktree; absent: `/workspace`. */
  seenAt?(worktree: string): string;
  /** Folder inside, below which `WallSpec.files` are seen; absent: it shows none. */
  filesAt?: string;
  /** Throws `sandbox.unavailable` with the cure; nothing runs outside of it instead. */
  launch(spec: WallSpec): Promise<Hands>;
}

/** What a run lists first, and the doctor shows, about a wall that is not verified. */
export function unverifiedPhrase({ name }: Pick<Wall, 'name'>): string {
  return `${name}, unverified: never exercised by our tests on a real system`;
}

/** For the log: the sandbox of a run's checks bears a name of its own, and belongs to the run all the same. */
export function whose(name: string): { run: string; sandbox?: string } {
  const run = /^run-[0-9a-z]+/.exec(name)?.[0] ?? name;
  return run === name ? { run } : { run, sandbox: name };
}
