/** What skills that were called take away: their `disallowed-tools`, until a person speaks to the session again. */
import { meets } from '#core/hooks/matches.ts';
import type { Judge, Verdict } from '#core/permissions/judge.ts';
import type { SkillBook } from '#core/skills/book.ts';

/** `called`: their names. The rules of the run come after it: nothing is allowed here. */
export function narrowedBySkills(judge: Judge, skills: SkillBook | undefined, called: ReadonlySet<string>): Judge {
  if (!skills || called.size === 0) return judge;
  return {
    get version() {
      return judge.version;
    },
    async judge(tool, input, signal) {
      for (const name of called)
        for (const rule of await skills.disallowed(name))
          if (await meets({ condition: rule, file: name }, tool.name, input as Record<string, unknown>))
            return taken(name, rule);
      return await judge.judge(tool, input, signal);
    },
  };
}

function taken(skill: string, rule: string): Verdict {
  return {
    ...{ decision: 'deny', code: 'skill.disallowed', rule, source: `skill ${skill}` },
    ...{ segment: null, path: null, approvable: false },
    why: `The skill ${skill} does not allow this while it is worked by (${rule} in its disallowed-tools).`,
    hint: 'Reach the aim without it, as the skill says.',
  };
}
