/** A rubric taken apart into its criteria, and a warning for each that nobody could check. */

/** More are not graded one by one with any care. */
export const mostCriteria = 50;

const item = /^\s*(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?(.+)$/;

/**
 * Items of its lists, lines that go on an item included; where there is no list, its paragraphs. Headings are none.
 * Each at most 2,000 characters.
 */
export function criteriaOf(rubric: string): string[] {
  const lines = rubric.replace(/\r\n?/g, '\n').split('\n');
  const found: string[] = [];
  let open = false;
  for (const line of lines) {
    const start = item.exec(line)?.[1];
    if (start !== undefined) found.push(start.trim());
    else if (open && /^\s{2,}\S/.test(line)) found.push(`${found.pop() ?? ''} ${line.trim()}`);
    open = start !== undefined || (open && line.trim() !== '' && /^\s/.test(line));
  }
  const parts = found.length > 0 ? found : paragraphs(lines);
  return parts.map((part) => part.slice(0, 2000));
}

function paragraphs(lines: readonly string[]): string[] {
  return lines
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .split(/\n\s*\n/)
    .map((part) => part.replace(/\s+/g, ' ').trim())
    .filter((part) => part !== '');
}

export interface RubricWarning {
  criterion: string;
  /** What is wrong and what to write instead, as sentences. */
  why: string;
}

/** Something that a file or a command can show. */
const anchored =
  /`[^`]+`|"[^"]+"|\b\d+(\.\d+)?\b|\b[\w-]+\/[\w./-]+|\b[\w-]+\.(?:[cm]?[jt]sx?|md|json|ya?ml|py|go|rs|java|rb|txt|toml|css|html|sql|sh|log)\b|\bexit(s|ed)? (code|with)\b|\b(tests?|lint|build|compil|type.?check)/i;
const vague =
  /\b(good|nice|nicely|clean|cleaner|better|best|well|elegant|readable|intuitive|user.?friendly|friendly|robust|appropriate|appropriately|reasonable|reasonably|proper|properly|high.quality|quality|sensible|fast|efficient|performant|scalable|maintainable|modern|professional|as needed|etc)\b/i;
const people =
  /\b(users?|customers?|people|team|reviewers?|stakeholders?)\b.{0,40}\b(likes?|loves?|happy|enjoys?|agrees?|approves?|finds?|understands?|satisf\w+)\b|\b(looks?|feels?) (good|right|nice|great|modern|professional)\b/i;
const elsewhere =
  /\b(in production|on staging|deployed|goes live|next (week|month|quarter)|in the future|long.term)\b/i;

/** Nothing to warn about: empty. It warns; whoever wrote the rubric may know better. */
export function lintRubric(rubric: string): RubricWarning[] {
  return criteriaOf(rubric).flatMap((criterion) => {
    const why = complaint(criterion);
    return why ? [{ criterion, why }] : [];
  });
}

function complaint(criterion: string): string | null {
  if (people.test(criterion))
    return 'Only people can say so, and the grader is none. Name what a file holds or a command prints instead.';
  if (elsewhere.test(criterion))
    return 'It cannot be seen in the repository tonight. Name what must be in the result instead.';
  if (vague.test(criterion) && !anchored.test(criterion)) {
    const word = vague.exec(criterion)?.[0] ?? '';
    return `Nothing shows whether it is "${word}". Name the file, the command, the figure or the words that would.`;
  }
  return criterion.length < 8
    ? 'It is too short to be understood. Say what must be true of which file or command.'
    : null;
}
