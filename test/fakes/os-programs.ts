/** Stand-ins for `launchctl` and `schtasks` on PATH: they note their arguments, keep a state, and fail when told to. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const common = `
const { readFileSync, writeFileSync, existsSync, appendFileSync } = require('node:fs');
const { basename, join } = require('node:path');
const here = __dirname;
const args = process.argv.slice(2);
appendFileSync(join(here, 'calls'), JSON.stringify(args) + '\\n');
const file = join(here, 'state.json');
const state = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
const keep = () => writeFileSync(file, JSON.stringify(state));
const failures = existsSync(join(here, 'fail.json')) ? JSON.parse(readFileSync(join(here, 'fail.json'), 'utf8')) : {};
const failure = failures[args[0]];
if (failure) { process.stderr.write(failure.words + '\\n'); process.exit(failure.code); }
`;

/** Knows \`print\`, \`bootstrap\` (fails with 5 for what is loaded or no property list) and \`bootout\` (3 for what is not). */
const launchctl = `${common}
if (args[0] === 'print') {
  const rows = Object.keys(state).map((label) => '\\t\\t       0      - \\t' + label);
  const off = failures.off ? '\\t\\t"' + failures.off + '" => disabled\\n' : '';
  process.stdout.write(args[1] + ' = {\\n\\tservices = {\\n\\t\\t     100      - \\tcom.apple.Finder\\n' + rows.join('\\n') + '\\n\\t}\\n\\tdisabled services = {\\n' + off + '\\t}\\n}\\n');
} else if (args[0] === 'bootstrap') {
  const label = basename(args[2], '.plist');
  if (state[label] || !readFileSync(args[2], 'utf8').includes('<key>Label</key>')) {
    process.stderr.write('Bootstrap failed: 5: Input/output error\\n');
    process.exit(5);
  }
  state[label] = true; keep();
} else if (args[0] === 'bootout') {
  const label = args[1].split('/')[2];
  if (!state[label]) { process.stderr.write('Boot-out failed: 3: No such process\\n'); process.exit(3); }
  delete state[label]; keep();
} else process.exit(64);
`;

/** Takes UTF-16 with its mark only, and prints what it holds in its own way. */
const schtasks = `${common}
const named = (flag) => args[args.indexOf(flag) + 1];
if (args[0] === '/query' && args.includes('/xml')) {
  const all = Object.entries(state).map(([name, xml]) => '<!-- ' + name + ' -->\\r\\n' + xml);
  process.stdout.write('<?xml version="1.0" encoding="UTF-16"?>\\r\\n<Tasks>\\r\\n' + all.join('\\r\\n') + '</Tasks>\\r\\n');
} else if (args[0] === '/query') process.stdout.write('"TaskName","Next Run Time","Status"\\r\\n');
else if (args[0] === '/create') {
  const bytes = readFileSync(named('/xml'));
  const text = bytes.toString('utf16le');
  if (bytes[0] !== 0xff || bytes[1] !== 0xfe || !/^.<\\?xml version="1.0" encoding="UTF-16"\\?>/.test(text)) {
    process.stderr.write('ERROR: The task XML is malformed.\\n');
    process.exit(1);
  }
  // Windows writes durations and elements in its own way.
  state[named('/tn')] = text.slice(text.indexOf('<Task ')).replaceAll('PT1H<', 'PT60M<').replaceAll('<Enabled>true</Enabled><Start', '<Start');
  keep();
} else if (args[0] === '/delete') {
  if (!state[named('/tn')]) { process.stderr.write('ERROR: The system cannot find the file specified.\\n'); process.exit(1); }
  delete state[named('/tn')]; keep();
} else process.exit(64);
`;

export interface FakeProgram {
  /** Its folder stands alone on PATH. */
  env: Record<string, string>;
  folder: string;
  home: string;
  calls(): string[][];
  /** By first argument: what it says and its exit code. \`{}\`: all is well again. */
  fail(failures: Record<string, { words: string; code: number } | string>): void;
  state(): Record<string, unknown>;
  setState(state: Record<string, unknown>): void;
  close(): void;
}

export function fakeProgram(name: 'launchctl' | 'schtasks'): FakeProgram {
  const folder = mkdtempSync(join(tmpdir(), 'nsp-'));
  const [bin, home] = [join(folder, 'bin'), join(folder, 'home')];
  for (const path of [bin, home]) mkdirSync(path);
  writeFileSync(join(bin, `${name}.cjs`), name === 'launchctl' ? launchctl : schtasks);
  writeFileSync(join(bin, name), `#!/bin/sh\nexec '${process.execPath}' '${join(bin, `${name}.cjs`)}' "$@"\n`);
  chmodSync(join(bin, name), 0o755);
  const read = (file: string) => (existsSync(join(bin, file)) ? readFileSync(join(bin, file), 'utf8') : '');
  return {
    ...{ folder, home },
    env: { HOME: home, PATH: bin, NIGHTSHIFT_HOME: join(home, 'data') },
    calls: () =>
      read('calls')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    fail: (failures) => writeFileSync(join(bin, 'fail.json'), JSON.stringify(failures)),
    state: () => JSON.parse(read('state.json') || '{}'),
    setState: (state) => writeFileSync(join(bin, 'state.json'), JSON.stringify(state)),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
