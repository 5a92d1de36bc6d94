/** What a suite's report says, as counts: nothing that ran, failed or was left out goes missing. */
import { readFileSync } from 'node:fs';

/**
 * @typedef {{ passed: number, failed: number, skipped: string[] }} Counts
 * `skipped` holds the titles, so that what was not run can be named.
 */

/** @returns {Counts} */
export const none = () => ({ passed: 0, failed: 0, skipped: [] });

/**
 * Reads a vitest JSON report. A file that could not be loaded counts as one failure.
 * @param {string} file
 * @returns {Counts}
 */
export function readVitest(file) {
  const counts = none();
  for (const suite of JSON.parse(readFileSync(file, 'utf8')).testResults) {
    for (const { status, fullName } of suite.assertionResults) {
      if (status === 'passed') counts.passed += 1;
      else if (status === 'failed') counts.failed += 1;
      else counts.skipped.push(fullName);
    }
    if (suite.status === 'failed' && !suite.assertionResults.some(({ status }) => status === 'failed'))
      counts.failed += 1;
  }
  return counts;
}

/**
 * Reads a Playwright JSON report. A test that passed only on a second try counts as failed.
 * @param {string} file
 * @returns {Counts}
 */
export function readPlaywright(file) {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  const counts = none();
  const walk = (suite, above) => {
    for (const spec of suite.specs ?? [])
      for (const test of spec.tests) {
        if (test.status === 'expected') counts.passed += 1;
        else if (test.status === 'skipped') counts.skipped.push([...above, spec.title].join(' '));
        else counts.failed += 1;
      }
    for (const inner of suite.suites ?? []) walk(inner, [...above, inner.title]);
  };
  for (const suite of report.suites) walk(suite, []);
  counts.failed += counts.failed === 0 ? report.errors.length : 0;
  return counts;
}

/**
 * The counts of a suite that ended with `code`. A suite that failed without naming a test, left no report, or ran
 * nothing at all counts as one failure: silence is never success.
 * @param {number} code
 * @param {Counts} [report]
 * @returns {Counts}
 */
export function judge(code, report) {
  const counts = report ?? none();
  const silent = counts.passed + counts.failed + counts.skipped.length === 0;
  if (counts.failed === 0 && (code !== 0 || silent)) counts.failed = 1;
  return counts;
}

/**
 * The last line of a test run, alone on its line, over all suites.
 * @param {Counts[]} all
 */
export function summary(all) {
  const sum = (/** @type {(counts: Counts) => number} */ pick) =>
    all.reduce((total, counts) => total + pick(counts), 0);
  return `${sum((c) => c.passed)} passed, ${sum((c) => c.failed)} failed, ${sum((c) => c.skipped.length)} skipped`;
}

/**
 * The end of a text, at most `lines` lines of at most 400 characters, saying how much was left out.
 * @param {string} text
 * @param {number} lines
 */
export function tail(text, lines) {
  const all = text.trimEnd().split('\n');
  const kept = all.slice(-lines).map((line) => (line.length > 400 ? `${line.slice(0, 400)}…` : line));
  return all.length > lines ? [`… ${all.length - lines} lines above left out`, ...kept] : kept;
}
