/** Which words of a command name files, and what the command does to them. */
import { isStatic, type ShellWord } from './words.ts';

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
  const use: FileUse = { reads: [], writes: [], recursive: false, reader: readers.has(program) };
  const operands = fileWords(args);
  if (changers.test(program)) {
    use.writes = operands;
    if (/^(tee|ln|mv|patch)$/.test(program)) use.reads = operands;
  } else if (/^(cp|install)$/.test(program)) {
    const target = targetDirectory(args);
    use.writes = target ?? operands.slice(-1);
    use.reads = target ? operands : operands.slice(0, -1);
  } else if (program === 'dd') {
    for (const word of args) {
      if (word.value.startsWith('of=')) use.writes.push(cutOff(word, 3));
      if (word.value.startsWith('if=')) use.reads.push(cutOff(word, 3));
    }
  } else if (/^g?sed$/.test(program) && args.some(({ value }) => /^(-[nErsuz]*i|--in)/.test(value))) {
    use.writes = withoutPattern(operands, args);
  } else if (!bystanders.has(program))
    use.reads = patternFirst.test(program) ? withoutPattern(operands, args) : operands;
  use.recursive = goesDown(program, args);
  if (use.recursive && use.reads.length === 0)
    use.reads = [{ raw: '.', value: '.', atoms: [{ kind: 'text', text: '.', quoted: true }] }];
  return use;
}

/** Words that are no options, and the values that are glued to options. */
function fileWords(args: readonly ShellWord[]): ShellWord[] {
  const found: ShellWord[] = [];
  let open = true;
  for (const word of args) {
    if (open && word.value === '--') open = false;
    else if (!open || !word.value.startsWith('-') || word.value === '-') {
      if (word.value !== '-') found.push(word);
      // `HEAD:file` of git, `name=file` of many.
      const split = isStatic(word) ? /^[\w.^~-]*[:=](.+)$/s.exec(word.value) : null;
      if (split?.[1]) found.push(cutOff(word, word.value.length - split[1].length));
    } else if (isStatic(word)) {
      const glued = /^--[\w-]+=(.+)$/s.exec(word.value) ?? /^-[A-Za-z](.*[./].*)$/s.exec(word.value);
      if (glued?.[1]) found.push(cutOff(word, word.value.length - glued[1].length));
    }
  }
  return found;
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
  const at = args.findIndex(({ value }) => /^(-[a-zA-Z]*t|--target-directory)$/.test(value));
  const glued = args.find(({ value }) => /^(--target-directory=|-t.)/.test(value));
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
