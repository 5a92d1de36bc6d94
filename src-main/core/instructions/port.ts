/** What core needs of instruction files and skills: each is one path of a commit's tree, or of this machine. */

/** What one path of a commit's tree, or of the machine, holds. */
export type TreeEntry =
  | { kind: 'file'; text: string }
  | { kind: 'folder'; names: { name: string; folder: boolean }[] }
  | { kind: 'missing' }
  /** It is there and cannot be used; `why` in words, e.g. that it links out of the repository. */
  | { kind: 'refused'; why: string };

/** Instruction files of this machine, outside of any commit. Neither method throws. */
export interface InstructionFiles {
  /**
   * Those that count for a repository, from the broadest to the narrowest: of the administrator, of the person, and of
   * the person for this repository alone. `root`: absolute, of its own working tree. `problem`: why one does not count.
   */
  list(
    root: string,
  ): Promise<{ layer: 'managed' | 'person' | 'local'; path: string; text: string; problem: string | null }[]>;
  /** One that such a file imports: absolute, or below the person's home with `~/`. */
  read(path: string): Promise<TreeEntry>;
  /** Skills and commands, the administrator's first. Absent: this machine has none. Does not throw. */
  skills?(): Promise<MachineSkill[]>;
  /** Settings files of this machine that may speak of hooks, as `root`: absolute, top of a repository. Absent: none. Does not throw. */
  hooks?(root: string): Promise<HookFile[]>;
  /** Kinds of subagents. Absent: this machine has none. Does not throw. */
  agents?(): Promise<MachineAgent[]>;
  /**
   * Whether a regular expression that somebody else wrote is found in a text. One that takes too long counts as found: a
   * guard rather runs once too often. Absent: it may take as long as it takes. Does not throw for one that can be read.
   */
  pattern?(source: string, text: string): boolean;
}

/** A kind of subagent of this machine, as it lies there. */
export interface MachineAgent {
  layer: 'managed' | 'person';
  /** Absolute. */
  path: string;
  entry: TreeEntry;
}

/** What one settings file says of hooks. */
export interface HookFile {
  layer: 'managed' | 'person' | 'local';
  /** Absolute. */
  file: string;
  /** As it stands there; not looked at yet. */
  hooks: unknown;
  /** Switches hooks off: an administrator's all others, a person's all but the administrator's. */
  disableAllHooks: boolean;
  /** An administrator's: nobody else's hooks count. */
  allowManagedHooksOnly: boolean;
  /** Why the file does not count, in words; null: it does. */
  problem: string | null;
}

/** A skill of this machine, as it lies there. */
export interface MachineSkill {
  kind: 'skill' | 'command';
  layer: 'managed' | 'person';
  /** Of its folder; for a command, of its file without `.md`, with the folders above it and colons between. */
  name: string;
  /** Absolute: of its SKILL.md, or of the command. */
  path: string;
  entry: TreeEntry;
  /** What lies beside SKILL.md, `path` relative to it; links and what is no file are left out. Null: too much, see `why`. */
  files: SandboxFile[] | null;
  why: string | null;
}

/** A file that is shown in a sandbox, read-only. */
export interface SandboxFile {
  path: string;
  content: Uint8Array;
  executable: boolean;
}
