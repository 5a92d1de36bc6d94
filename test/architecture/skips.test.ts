/** No test is silently left out: a skip has a condition and its title says why. */
import { expect, test } from 'vitest';
import { productFiles, read } from './product-files.ts';

const bare = /\b(?:test|it|describe)(?:\.\w+)*\.(only|skip|todo|fixme)\s*\(/g;
/** A conditional skip, and the title that follows it. */
const conditional = /\.(?:skipIf|runIf)\([^\n]*?\)\(\s*(['"`])([^\n]*?)\1/g;
// What a template fills in is known only when it runs, and is then in the report.
const reason = /\b(skipped|where|needs|without|only|linux|macos|windows|root|reads)\b|\$\{/i;

function faults(source: string): string[] {
  const silent = [...source.matchAll(bare)].map(([text]) => text);
  const unexplained = [...source.matchAll(conditional)].filter(([, , title = '']) => !reason.test(title));
  return [...silent, ...unexplained.map(([text]) => text)];
}

test('every skip says why', () => {
  const files = productFiles('test').filter(
    (file) => /\.(test|browser|electron)\.tsx?$/.test(file) && !file.endsWith('/skips.test.ts'),
  );
  console.log(`skips: ${files.length} test files`);
  expect(files.length).toBeGreaterThan(0);
  expect(files.flatMap((file) => faults(read(file)).map((text) => `${file}: ${text}`))).toEqual([]);
});

test.each([
  [`test.skip('a', f)`, 1],
  [`describe.only('a', f)`, 1],
  [`it.todo('a')`, 1],
  [`test.skipIf(!systemd)('fires', f)`, 1],
  [`test.skipIf(!systemd)('fires (needs systemd)', f)`, 0],
  [`test.skipIf(!systemd)(\`fires\${reason}\`, f)`, 0],
  [`test('a', f)`, 0],
])('%s has %i faults', (source, count) => expect(faults(source)).toHaveLength(count));
