/** Skills whose text a kind of subagent begins with. */
import type { InstructionProblem } from '#contract/instructions.ts';
import type { SkillBook } from '#core/skills/book.ts';
import { commandsOf } from '#core/skills/run-commands.ts';

/** One that would run commands is not opened: nobody has called it yet, so nobody has judged them. */
export async function skillTexts(
  book: SkillBook,
  names: readonly string[],
): Promise<{ texts: string[]; problems: InstructionProblem[] }> {
  const texts: string[] = [];
  const problems: InstructionProblem[] = [];
  for (const name of names) {
    const opened = await book.open('agent', name, '');
    if ('missing' in opened)
      problems.push({ path: name, message: opened.missing, cure: 'Take it out of the list of `skills`.' });
    else if (commandsOf(opened).length > 0)
      problems.push({
        path: opened.skill.path,
        message: 'it runs commands, so it is not handed over beforehand',
        cure: 'Let the subagent call it, with the tool Skill.',
      });
    else texts.push(opened.parts.map((part) => (part.kind === 'text' ? part.text : '')).join(''));
  }
  return { texts, problems };
}
