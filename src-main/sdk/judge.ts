/** Rules over tools that the embedding program gave: the gift was a yes, which rules and modes can narrow. */
import type { PermissionMode } from '#contract/routines.ts';
import type { Judge, Verdict } from '#core/permissions/judge.ts';

/** Codes that say no more than that no rule speaks of the tool. */
const unspoken: ReadonlySet<string> = new Set(['rule.none', 'mode.dont_ask', 'auto.unclassified']);

/** @param own names of tools that run in the embedding program. */
export function withOwnTools(judge: Judge, own: ReadonlySet<string>, mode: PermissionMode): Judge {
  return {
    get version() {
      return judge.version;
    },
    async judge(tool, input, signal) {
      const found = await judge.judge(tool, input, signal);
      if (!own.has(tool.name) || found.rule !== null) return found;
      if (found.decision !== 'allow' && !unspoken.has(found.code ?? '')) return found;
      if (mode === 'plan' && tool.class !== 'read') return denied(found, tool.name);
      if (mode === 'auto') return { ...found, ...(tool.class === 'read' ? given : unclassified) };
      // These two modes say what becomes of a tool that no rule speaks of.
      if (mode === 'default') return { ...found, ...asked, why: `No rule speaks of ${tool.name}.` };
      return mode === 'dontAsk' ? found : { ...found, ...given };
    },
  };
}

const given = { decision: 'allow', code: null, why: 'The program that runs the agent gave it this tool.' } as const;
/** For the classifier. */
const unclassified = { decision: 'ask', code: 'auto.unclassified', approvable: true } as const;
const asked = { decision: 'ask', code: 'rule.none', approvable: true } as const;

function denied(found: Verdict, name: string): Verdict {
  return {
    ...{ ...found, decision: 'deny', code: 'mode.plan', approvable: false },
    why: `${name} is denied: in plan mode nothing may be changed.`,
    hint: 'Describe what you would do instead.',
  };
}
