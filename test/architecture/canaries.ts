/** Files that break or keep one rule of the layers each: the proof that the gate is awake, and that it lets good code through. */
export interface Canary {
  path: string;
  source: string;
  /** The rule that must refuse the file; null: nothing may be said about it. */
  refusedBy: string | null;
}

const imports = 'lint/style/noRestrictedImports';
const globals = 'lint/style/noRestrictedGlobals';

const line = (path: string, source: string, refusedBy: string | null): Canary => ({ path, source, refusedBy });
const take = (path: string, from: string, refusedBy: string | null) =>
  line(path, `import { x } from '${from}';\nexport const y = x;\n`, refusedBy);

const forms: Canary[] = [
  line('src-renderer/state/type-only.ts', `import type { X } from '#core/x.ts';\nexport type Y = X;\n`, imports),
  line('src-renderer/state/re-export.ts', `export { x } from '#core/x.ts';\n`, imports),
  line('src-renderer/state/dynamic.ts', `export const load = () => import('#core/x.ts');\n`, imports),
  line('src-renderer/state/side-effect.ts', `import '#core/x.ts';\n`, imports),
  line('src-main/core/required.ts', `export const fs = require('electron');\n`, 'lint/style/noCommonJs'),
];

const layers: Canary[] = [
  take('src-main/contract/good.ts', './faults.ts', null),
  take('src-main/contract/zod.ts', 'zod', null),
  take('src-main/contract/node.ts', 'node:path', imports),
  take('src-main/contract/bare-node.ts', 'path', imports),
  take('src-main/contract/core.ts', '#core/ports.ts', imports),
  take('src-main/contract/react.ts', 'react', imports),
  take('src-main/core/good.ts', '#contract/faults.ts', null),
  take('src-main/core/path.ts', 'node:path', null),
  line('src-main/core/hash.ts', `import { createHash } from 'node:crypto';\nexport const y = createHash;\n`, null),
  take('src-main/core/sub/own.ts', '#core/ports.ts', null),
  take('src-main/core/sub/up.ts', '../ports.ts', imports),
  take('src-main/core/sub/up-and-down.ts', './../ports.ts', imports),
  take('src-main/core/spawn.ts', 'node:child_process', imports),
  take('src-main/core/net.ts', 'node:net', imports),
  take('src-main/core/http.ts', 'http', imports),
  take('src-main/core/timers.ts', 'node:timers/promises', imports),
  take('src-main/core/os.ts', 'node:os', imports),
  take('src-main/core/electron.ts', 'electron', imports),
  take('src-main/core/host.ts', '#host/paths.ts', imports),
  take('src-main/core/ws.ts', 'ws', imports),
  take('src-main/core/ledger/sql.ts', 'better-sqlite3', imports),
  take('src-main/core/store/sql.ts', 'better-sqlite3', null),
  take('src-main/core/store/server.ts', '#server/router.ts', imports),
  line(
    'src-main/core/sdk-types.ts',
    `import type { Message } from '@anthropic-ai/sdk/resources/messages';\nexport type M = Message;\n`,
    null,
  ),
  take('src-main/core/sdk-value.ts', '@anthropic-ai/sdk', 'plugin'),
  take('src-main/host/good.ts', '#core/ports.ts', null),
  take('src-main/host/server.ts', '#server/router.ts', imports),
  take('src-main/host/sql.ts', 'better-sqlite3', imports),
  take('src-main/host/lease.ts', 'better-sqlite3', null),
  take('src-main/host/sdk.ts', '@anthropic-ai/sdk', imports),
  take('src-main/host/model/sdk.ts', '@anthropic-ai/sdk', null),
  take('src-main/host/model/electron.ts', 'electron/main', imports),
  take('src-main/host/child.ts', '#child/tool-host.ts', imports),
  take('src-main/child/good.ts', 'node:child_process', null),
  line('src-main/child/types.ts', `import type { X } from '#contract/x.ts';\nexport type Y = X;\n`, null),
  take('src-main/child/value.ts', '#contract/x.ts', 'plugin'),
  take('src-main/child/core.ts', '#core/ports.ts', imports),
  take('src-main/child/zod.ts', 'zod', imports),
  take('src-main/sdk/good.ts', '#host/paths.ts', null),
  take('src-main/sdk/server.ts', '#server/router.ts', imports),
  take('src-main/sdk/sql.ts', 'better-sqlite3', imports),
  take('src-main/server/sdk.ts', '#sdk/sdk.ts', imports),
  take('src-main/server/good.ts', '#host/paths.ts', null),
  take('src-main/server/cli.ts', '#cli/main.ts', imports),
  take('src-main/server/sql.ts', 'better-sqlite3', imports),
  take('src-main/cli/good.ts', '#server/attach.ts', null),
  take('src-main/cli/electron.ts', '#electron/shell.ts', imports),
  take('src-main/cli/react.ts', 'react', imports),
  take('src-main/electron/good.ts', '#server/attach.ts', null),
  take('src-main/electron/window.ts', 'electron', null),
  take('src-main/electron/cli.ts', '#cli/main.ts', imports),
  take('src-preload/good.ts', 'electron', null),
  take('src-preload/core.ts', '#core/ports.ts', imports),
  take('src-preload/node.ts', 'node:fs', imports),
  take('src-renderer/state/good.ts', '#contract/state.ts', null),
  take('src-renderer/state/link.ts', '#link/client.ts', null),
  take('src-renderer/state/core.ts', '#core/ports.ts', imports),
  take('src-renderer/state/node.ts', 'node:fs', imports),
  take('src-renderer/state/electron.ts', 'electron', imports),
  take('src-renderer/state/server-library.ts', '@orpc/server', imports),
  take('src-renderer/state/up.ts', '../link/client.ts', imports),
];

const purity: Canary[] = [
  line('src-main/core/now.ts', 'export const now = () => Date.now();\n', 'plugin'),
  line('src-main/core/new-date.ts', 'export const now = () => new Date();\n', 'plugin'),
  line('src-main/core/date-call.ts', 'export const now = () => Date();\n', 'plugin'),
  line('src-main/core/date-of.ts', 'export const at = (ms: number) => new Date(ms);\n', null),
  line('src-main/core/random.ts', 'export const r = () => Math.random();\n', 'plugin'),
  line('src-main/core/uuid.ts', 'export const r = () => crypto.randomUUID();\n', globals),
  line('src-main/core/random-bytes.ts', `export { randomBytes } from 'node:crypto';\n`, imports),
  line(
    'src-main/core/node-uuid.ts',
    `import { randomUUID } from 'node:crypto';\nexport const r = randomUUID;\n`,
    imports,
  ),
  line('src-main/core/store/env.ts', `import { env } from 'node:process';\nexport const e = env;\n`, imports),
  line('src-main/core/store/tick.ts', `import { nextTick } from 'node:process';\nexport const t = nextTick;\n`, null),
  line('src-main/core/tick.ts', `import { nextTick } from 'node:process';\nexport const t = nextTick;\n`, imports),
  line('src-main/core/env.ts', 'export const home = () => process.env.HOME;\n', globals),
  line('src-main/core/global-this.ts', 'export const p = () => globalThis.process;\n', globals),
  line('src-main/core/timeout.ts', 'export const t = (f: () => void) => setTimeout(f, 1);\n', globals),
  line('src-main/core/fetch.ts', `export const t = () => fetch('http://localhost');\n`, globals),
  line('src-main/host/timeout.ts', 'export const t = (f: () => void) => setTimeout(f, 1);\n', null),
];

const style: Canary[] = [
  line('src-main/host/any.ts', 'export const x: any = 1;\n', 'lint/suspicious/noExplicitAny'),
  line(
    'src-main/host/floating.ts',
    'async function f() {\n  return 1;\n}\nexport function g() {\n  f();\n}\n',
    'lint/nursery/noFloatingPromises',
  ),
  line(
    'src-main/host/switch.ts',
    `export function f(x: 'a' | 'b') {\n  switch (x) {\n    case 'a':\n      return 1;\n  }\n}\n`,
    'lint/nursery/useExhaustiveSwitchCases',
  ),
  line(
    'src-main/host/long.ts',
    'export const x = [\n'.concat('  1,\n'.repeat(400), '];\n'),
    'lint/style/noExcessiveLinesPerFile',
  ),
  line('src-main/host/barrel.ts', `export * from './any.ts';\n`, 'lint/performance/noBarrelFile'),
  line('src-main/host/camelCase.ts', 'export const x = 1;\n', 'lint/style/useFilenamingConvention'),
  line(
    'src-main/host/cycle-a.ts',
    `import { b } from '#host/cycle-b.ts';\nexport const a = () => b;\n`,
    'lint/suspicious/noImportCycles',
  ),
  line(
    'src-main/host/cycle-b.ts',
    `import { a } from './cycle-a.ts';\nexport const b = () => a;\n`,
    'lint/suspicious/noImportCycles',
  ),
  line(
    'test/unit/focused.test.ts',
    `import { test } from 'vitest';\ntest.only('x', () => {});\n`,
    'lint/suspicious/noFocusedTests',
  ),
];

export const canaries: Canary[] = [...forms, ...layers, ...purity, ...style];
