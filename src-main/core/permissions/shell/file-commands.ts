/** Which words of a command name files, and what the command does to them. */
import { isStatic, type ShellWord, textWord } from './words.ts';

export interface FileUse {
  reads: ShellWord[];
  writes: ShellWord[];
  /** It goes down into folders and reads what it finds there. */
  recursive: boolean;
  /** Its reading is its purpose: a forbidden name is refused, not merely asked about. */
  reader: boolean;
}

const readers = new Set(
  (
    'cat tac nl head tail wc grep egrep fgrep zgrep zcat rg ag ack sed gsed awk gawk mawk nawk cut sort uniq diff cmp comm od ' +
    'xxd hexdump strings base64 base32 md5sum sha1sum sha256sum sha512sum cksum less more bat jq column fold fmt paste join ' +
    'rev split cp dd tar zip gzip bzip2 xz iconv tee source .'
  ).split(' '),
);

/** Their words are no names of files whose content matters. */
const bystanders = new Set(
  'echo printf true false : export declare local readonly typeset unset set cd pwd test [ ls stat du find which type exit sleep seq date basename dirname whoami uname realpath readlink tree kill'.split(
    ' ',
  ),
);

const patternFirst = /^([ef]?grep|zgrep|rg|ag|ack|g?sed|[gmn]?awk|jq)$/;
const changers = /^(mv|rm|rmdir|touch|mkdir|truncate|chmod|chown|chgrp|shred|unlink|patch|tee|ln|mkfifo|mknod|trash)$/;

export function fileUse(program: string, args: readonly ShellWord[]): FileUse {
  const use = { ...filesOf(program, args), recursive: goesDown(program, args), reader: readers.has(program) };
  return use.recursive && use.reads.length === 0 ? { ...use, reads: [textWord('.')] } : use;
}

function filesOf(program: string, args: readonly ShellWord[]): Pick<FileUse, 'reads' | 'writes'> {
  const operands = args.flatMap(fileWords(args));
  if (changers.test(program)) return { writes: operands, reads: /^(tee|ln|mv|patch)$/.test(program) ? operands : [] };
  if (program === 'cp' || program === 'install') {
    const target = targetDirectory(args);
    return { writes: target ?? operands.slice(-1), reads: target ? operands : operands.slice(0, -1) };
  }
  if (program === 'dd') return { writes: behind('of=', args), reads: behind('if=', args) };
  const archive = archiveOf(program, args, operands);
  if (archive) return { writes: archive, reads: operands };
  const named = patternFirst.test(program) ? withoutPattern(operands, args) : operands;
  const inPlace = /^g?sed$/.test(program) && args.some(({ value }) => /^(-[nErsuz]*i|--in)/.test(value));
  if (inPlace) return { writes: named, reads: [] };
  return { writes: [], reads: bystanders.has(program) ? [] : named };
}

const compressors = /^(gzip|gunzip|bzip2|bunzip2|xz|unxz|lzma|zstd|compress|uncompress)$/;

/** What a program puts its result into without an option that says so; null: nothing, or it only looks. */
function archiveOf(program: string, args: readonly ShellWord[], operands: ShellWord[]): ShellWord[] | null {
  const has = (pattern: RegExp) => args.some(({ value }) => pattern.test(value));
  if (program === 'zip') return [...operands.slice(0, 1), ...named(args, /^(?:-[a-zA-Z]*O|--ou[a-z-]*)(?:=(.+))?$/)];
  if (compressors.test(program)) return has(/^-[a-zA-Z]*[clt]|^--(stdout|to-stdout|list|test)$/) ? null : operands;
  if (program === 'xxd' || program === 'split') return operands.slice(1);
  if (!/^(g|bsd)?tar$/.test(program)) return null;
  const bundle = args[0]?.value.startsWith('-') ? '' : (args[0]?.value ?? '');
  if (!/[cruA]/.test(bundle) && !has(/^-[a-zA-Z]*[cruA]|^--(cr|app|upd|cat|conc|del)/)) return null;
  const old = bundle.includes('f') ? operands.slice(1, 2) : [];
  return [...old, ...named(args, /^(?:-[a-zA-Z]*f|--fil?e?)(?:=?(.+))?$/)];
}

/** The values of an option, in its own word or in the next. */
function named(args: readonly ShellWord[], option: RegExp): ShellWord[] {
  return args.flatMap((word, index) => {
    const found = option.exec(word.value);
    if (!found) return [];
    const value = found.at(-1);
    const next = args[index + 1];
    if (value && found.length > 1 && value !== word.value) return [cutOff(word, word.value.length - value.length)];
    return next ? [next] : [];
  });
}

const behind = (start: string, args: readonly ShellWord[]) =>
  args.filter(({ value }) => value.startsWith(start)).map((word) => cutOff(word, start.length));

/** Words that are no options, and the values that are glued to options. */
function fileWords(args: readonly ShellWord[]): (word: ShellWord, index: number) => ShellWord[] {
  const end = args.findIndex(({ value }) => value === '--');
  return (word, index) => {
    if (index === end || word.value === '-') return [];
    if (word.value.startsWith('-') && (end < 0 || index < end))
      return tail(word, /^--[\w-]+=(.+)$/s) ?? tail(word, /^-[A-Za-z](.*[./].*)$/s) ?? [];
    // `HEAD:file` of git, `name=file` of many.
    return [word, ...(tail(word, /^[\w.^~-]*[:=](.+)$/s) ?? [])];
  };
}

/** What the pattern finds at the end of a word that is known. */
function tail(word: ShellWord, pattern: RegExp): ShellWord[] | null {
  const found = isStatic(word) ? pattern.exec(word.value)?.[1] : undefined;
  return found === undefined ? null : [cutOff(word, word.value.length - found.length)];
}

function cutOff(word: ShellWord, length: number): ShellWord {
  if (!isStatic(word)) return { ...word, atoms: [{ kind: 'unknown', quoted: true }] };
  const value = word.value.slice(length);
  return { raw: value, value, atoms: [{ kind: 'text', text: value, quoted: false }] };
}

function withoutPattern(operands: ShellWord[], args: readonly ShellWord[]): ShellWord[] {
  const named = args.some(({ value }) =>
    /^(-[a-zA-Z]*[ef]|--(regexp|file|expression|from-file)(=.*)?|--files)$/.test(value),
  );
  return named ? operands : operands.slice(1);
}

function targetDirectory(args: readonly ShellWord[]): ShellWord[] | null {
  const at = args.findIndex(({ value }) => /^(-[a-zA-Z]*t|--ta[a-z-]*)$/.test(value));
  const glued = args.find(({ value }) => /^(--ta[a-z-]*=|-t.)/.test(value));
  if (at >= 0 && args[at + 1]) return [args[at + 1] as ShellWord];
  return glued ? [cutOff(glued, glued.value.startsWith('--') ? glued.value.indexOf('=') + 1 : 2)] : null;
}

function goesDown(program: string, args: readonly ShellWord[]): boolean {
  const has = (pattern: RegExp) => args.some(({ value }) => pattern.test(value));
  if (/^[efz]?grep$/.test(program)) return has(/^-[a-zA-Z]*[rR]|^--(de|r)|^-d/);
  if (/^(rg|ag|ack)$/.test(program)) return !has(/^--(files|type-list|version|help)$/);
  if (program === 'cp' || program === 'diff' || program === 'zip')
    return has(/^-[a-zA-Z]*[rRa]|^--(recursive|archive)$/);
  return program === 'tar' || (program === 'git' && args[0]?.value === 'grep');
}
