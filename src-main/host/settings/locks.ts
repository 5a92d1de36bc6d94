/** Refuses at the doors what an administrator has fixed, each time naming the field, the file and the cure. */
import { Fault } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { Feature } from '#contract/settings.ts';
import { matchesHost, readHostPattern } from '#core/permissions/hosts.ts';
import type { Locks } from '#core/ports.ts';
import { readLoop } from '#core/session/loop-words.ts';
import { chooseModel, refuseUnreadable } from './allowed-models.ts';
import { type ManagedSettings, readManaged } from './settings.ts';
import type { ManagedWhere } from './settings-files.ts';

/** Files are read anew at every question: what an administrator forbids counts at once. */
export function createLocks(where: ManagedWhere): Locks {
  return {
    routine(spec) {
      const managed = readManaged(where);
      refuseUnreadable(managed.unreadable);
      refuseRoutine(spec, managed);
      chooseModel(spec.model, managed, 'auto');
    },
    feature(name) {
      const managed = readManaged(where);
      refuseUnreadable(managed.unreadable);
      refuseFeature(name, managed);
    },
  };
}

/** Throws `input` when the routine asks for a mode or a part of the product that is forbidden. */
export function refuseRoutine({ permissionMode, network, web, prompt }: RoutineSpec, managed: ManagedSettings): void {
  const forbidden = managed.forbiddenModes.find(({ value }) => value === permissionMode);
  if (forbidden)
    throw new Fault('input', `The permission mode "${permissionMode}" is forbidden by ${forbidden.file}.`, {
      field: 'permissionMode',
      cure: 'Choose another mode for the routine, or ask whoever administers this machine.',
    });
  const off = (name: Feature) => managed.featuresOff.find(({ value }) => value === name);
  const [noNetwork, noLoops] = [off('network'), off('loops')];
  if (noNetwork && network.length > 0)
    throw new Fault('input', `No run may reach the network: ${noNetwork.file} switches it off.`, {
      field: 'network',
      cure: 'Take the hosts out of the routine, or ask whoever administers this machine.',
    });
  if (noNetwork && web && web.length > 0)
    throw new Fault('input', `No run may reach the network: ${noNetwork.file} switches it off.`, {
      field: 'web',
      cure: 'Take web out of the routine, or ask whoever administers this machine.',
    });
  for (const { value, file } of managed.deny) {
    const host = network.find((entry) => isDenied(entry, value));
    if (host)
      throw new Fault('input', `The host "${host}" is forbidden by the rule ${value} in ${file}.`, {
        field: 'network',
        cure: 'Take the host out of the routine, or ask whoever administers this machine.',
      });
  }
  if (noLoops && readLoop(prompt))
    throw new Fault('input', `Loops are switched off by ${noLoops.file}.`, {
      field: 'prompt',
      cure: 'Write the prompt without /loop, or ask whoever administers this machine.',
    });
}

/** A wildcard entry is denied with any host that it would reach. */
function isDenied(entry: string, rule: string): boolean {
  const pattern = readHostPattern(/^\s*WebFetch\((.*)\)\s*$/s.exec(rule)?.[1] ?? '');
  if (!pattern || entry.startsWith('registry:')) return false;
  const host = entry.replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase();
  if (!host.startsWith('*.')) return matchesHost(pattern, host);
  const below = host.slice(1);
  return matchesHost(pattern, `x${below}`) || `.${pattern.host}`.endsWith(below);
}

function refuseFeature(name: Feature, { featuresOff }: ManagedSettings): void {
  const off = featuresOff.find(({ value }) => value === name);
  if (!off) return;
  const words: Record<Feature, string> = {
    ...{ drill: 'The drill is', demo: 'The demo is', loops: 'Loops are', network: 'The network is' },
    auto: 'Auto mode is',
  };
  throw new Fault('unsupported', `${words[name]} switched off by ${off.file}.`, {
    field: name,
    cure: 'Ask whoever administers this machine.',
  });
}
