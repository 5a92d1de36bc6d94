/** Where packages come from, by name: hosts that a run may read from, and never write to. */

import { Fault } from '#contract/faults.ts';
import { registries } from '#contract/routines.ts';

/** The hosts that each ecosystem's own tools ask, as their documentation names them. */
const hosts: Record<(typeof registries)[number], readonly string[]> = {
  npm: ['registry.npmjs.org'],
  yarn: ['registry.yarnpkg.com', 'repo.yarnpkg.com'],
  pypi: ['pypi.org', 'files.pythonhosted.org'],
  crates: ['index.crates.io', 'static.crates.io'],
  go: ['proxy.golang.org', 'sum.golang.org'],
  rubygems: ['rubygems.org', 'index.rubygems.org'],
  maven: ['repo.maven.apache.org', 'repo1.maven.org'],
};

/** Throws `input` for a name that is none. */
export function registryHosts(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const known = registries.find((each) => each === name);
    if (known) return hosts[known];
    throw new Fault('input', `There is no package registry named '${name}'.`, {
      field: 'network',
      cure: `Use one of: ${registries.join(', ')}.`,
    });
  });
}
