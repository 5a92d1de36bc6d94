/** The rules of a run: the settings files of its repository, person and administrator, and the routine's own. */
import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { RoutineSpec } from '#contract/routines.ts';
import { readHostPattern } from '#core/permissions/hosts.ts';
import { type Judge, workspace } from '#core/permissions/judge.ts';
import type { FileSystemView } from '#core/permissions/places.ts';
import { compilePolicy, type PolicyLayer, type PolicyOptions } from '#core/permissions/policy.ts';
import type { LoadedRules, Rules } from '#core/ports.ts';
import { refuseUnreadable } from './allowed-models.ts';
import { refuseRoutine } from './locks.ts';
import { readManaged, readSettings, type Settings } from './settings.ts';
import { areAbsent, type ManagedWhere, managedPlaces } from './settings-files.ts';

interface Options extends ManagedWhere {
  /** Absolute: of the person. */
  home: string;
}

/** Where the rules are meant for; `seenAt`: how the run names its worktree. */
interface Place {
  repository: string;
  worktree: string;
  granted: () => readonly string[];
  seenAt: string;
}

/**
 * Files are read anew for every go of a run; those of an administrator at every call, so that what they forbid counts at
 * once: a run that may not be any more ends there, with a fault that names the file.
 */
export function createRules({ home, ...managed }: Options): Rules {
  return {
    async load(spec, repository, worktree, granted = () => [], seenAt = workspace): Promise<LoadedRules> {
      const opened = (): LoadedRules => {
        const settings = readSettings({ ...managed, root: repository, home }, spec.permissionMode);
        refuseRoutine(spec, settings.managed);
        return open(settings, spec, { repository, worktree, granted, seenAt });
      };
      const places = managedPlaces(managed);
      const fixed = () => (areAbsent(places) ? '' : JSON.stringify(readManaged(managed)));
      const first = opened();
      let known = { fixed: fixed(), judge: first.judge };
      const now = (): Judge => {
        const key = fixed();
        if (key !== known.fixed) {
          refuseUnreadable(readManaged(managed).unreadable);
          known = { fixed: key, judge: opened().judge };
        }
        return known.judge;
      };
      return {
        judge: {
          get version() {
            return now().version;
          },
          async judge(...call) {
            const judge = now();
            return { ...(await judge.judge(...call)), version: judge.version };
          },
        },
        ...(first.webHosts ? { webHosts: first.webHosts } : {}),
        sources: first.sources,
        problems: first.problems,
      };
    },
  };

  function open(settings: Settings, spec: RoutineSpec, { repository, worktree, granted, seenAt }: Place): LoadedRules {
    const layers = [routineLayer(spec), ...loopsOff(settings), ...settings.layers].map((layer) =>
      moved(layer, repository, seenAt),
    );
    const options: PolicyOptions = {
      ...{ mode: spec.permissionMode === 'plan' ? 'acceptEdits' : spec.permissionMode, root: seenAt, home },
      ...{ unattended: false, os: 'posix', outward: true },
      ...(settings.closed === undefined ? {} : { closed: settings.closed }),
      ...(settings.managed.managedRulesOnly ? { managedRulesOnly: true } : {}),
    };
    const judged = (rules: readonly PolicyLayer[]): Judge => {
      const policy = compilePolicy(rules, options);
      let made: Promise<Judge> | null = null;
      // The parsers take longer to load than a first question may wait; they are needed at the first tool call.
      const make = async () => {
        const { runJudge } = await import('#core/permissions/run-judge.ts');
        return runJudge({ policy, view: worktreeView(worktree, seenAt), mode: spec.permissionMode, seenAt });
      };
      return {
        version: policy.version,
        async judge(tool, input, signal) {
          made ??= make();
          return await (await made).judge(tool, input, signal);
        },
      };
    };
    return {
      judge: withGrants(granted, (rules) => judged(rules.length > 0 ? [...layers, grantLayer(rules)] : layers)),
      webHosts: {
        allow: layers.flatMap(({ allow }) => allow).flatMap(webHost),
        refuse: layers.flatMap(({ ask, deny }) => [...ask, ...deny]).flatMap(webHost),
      },
      // As it is now; grants that come or go later are seen in the decisions.
      sources: (granted().length > 0 ? [...layers, grantLayer(granted())] : layers).map(
        ({ name, file, allow, ask, deny }) => ({
          ...{ layer: name, file },
          rules: allow.length + ask.length + deny.length,
        }),
      ),
      problems: settings.notes,
    };
  }
}

/** The host that a rule for WebFetch names; none for any other rule. */
function webHost(rule: string): string[] {
  const pattern = readHostPattern(/^\s*WebFetch\((.*)\)\s*$/is.exec(rule)?.[1] ?? '');
  if (!pattern || pattern.host === '') return [];
  return [pattern.subdomains ? `*.${pattern.host}` : pattern.host];
}

function routineLayer({ permissions }: RoutineSpec): PolicyLayer {
  return { name: 'command line', file: 'routine.yaml', ...permissions };
}

function grantLayer(allow: readonly string[]): PolicyLayer {
  return { name: 'grant', file: 'granted to the routine', allow, ask: [], deny: [] };
}

/**
 * Its version is that of the rules without grants: a grant only adds what a person has allowed, so one that comes or goes
 * takes no approval away.
 */
function withGrants(granted: () => readonly string[], judge: (granted: readonly string[]) => Judge): Judge {
  const { version } = judge([]);
  let known: { key: string; judge: Judge } | null = null;
  return {
    version,
    judge(tool, input, signal) {
      const rules = granted();
      const key = JSON.stringify(rules);
      if (known?.key !== key) known = { key, judge: judge(rules) };
      return known.judge.judge(tool, input, signal);
    },
  };
}

/** Where loops are switched off, the agent may not set one up either. */
function loopsOff({ managed }: Settings): PolicyLayer[] {
  return managed.featuresOff
    .filter(({ value }) => value === 'loops')
    .map(({ file }) => ({ name: 'managed', file, allow: [], ask: [], deny: ['CronCreate', 'ScheduleWakeup'] }));
}

/** Inside the sandbox the repository is at another place: rules that name it by its own path mean the worktree. */
function moved(layer: PolicyLayer, repository: string, seenAt: string): PolicyLayer {
  const [from, to] = [`(/${repository}/`, `(/${seenAt}/`];
  const all = (rules: readonly string[]) => rules.map((rule) => rule.replace(from, () => to));
  return { ...layer, allow: all(layer.allow), ask: all(layer.ask), deny: all(layer.deny) };
}

/** Links of the worktree as they are on disk; of the rest of the sandbox nothing can be told from out here. */
function worktreeView(worktree: string, seenAt: string): FileSystemView {
  return {
    ...{ caseInsensitive: false, normalising: false },
    readlink(path) {
      if (!path.startsWith(`${seenAt}/`)) return null;
      try {
        return readlinkSync(join(worktree, path.slice(seenAt.length)));
      } catch {
        return null;
      }
    },
  };
}
