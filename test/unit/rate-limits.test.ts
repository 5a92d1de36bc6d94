/** What headers and words of an answer say of the account's limits. */
import { describe, expect, test } from 'vitest';
import { rateWords } from '#contract/weather.ts';
import { accountOf, liftsIn, ratesOfAnswer } from '#host/model/rate-limits.ts';

const now = Date.parse('2026-11-21T02:00:00Z');
const hour = 3_600_000;

describe('the rates of an answer', () => {
  const whole = {
    'anthropic-ratelimit-requests-limit': '50',
    'anthropic-ratelimit-requests-remaining': '47',
    'anthropic-ratelimit-requests-reset': '2026-11-21T02:00:04Z',
  };
  const rate = { kind: 'requests', limit: 50, remaining: 47 };

  test('are read with their instant by the clock of whoever says it', () => {
    expect(ratesOfAnswer(new Headers(whole), now)).toEqual([{ ...rate, resetInMs: 4000 }]);
    // Theirs is an hour ahead of ours.
    const ahead = new Headers({ ...whole, date: 'Sat, 21 Nov 2026 01:59:00 GMT' });
    expect(ratesOfAnswer(ahead, now - hour)).toEqual([{ ...rate, resetInMs: 64_000 }]);
  });

  test.each([
    ['nothing', {}],
    ['no instant', { ...whole, 'anthropic-ratelimit-requests-reset': 'soon' }],
    ['no figure', { ...whole, 'anthropic-ratelimit-requests-remaining': '-1' }],
    ['half of it', { 'anthropic-ratelimit-requests-limit': '50' }],
  ])('are left out where they are not whole: %s', (_name, headers) => {
    expect(ratesOfAnswer(new Headers(headers as Record<string, string>), now)).toEqual([]);
  });

  test('more left than there is counts as all of it', () => {
    const odd = new Headers({ ...whole, 'anthropic-ratelimit-requests-remaining': '900' });
    expect(ratesOfAnswer(odd, now)).toMatchObject([{ remaining: 50 }]);
  });
});

describe('a limit that lifts by itself', () => {
  test.each<[string, Record<string, string>, number | null]>([
    ['Usage limit reached|1795237200', {}, 1_795_237_200_000 - now],
    ['The limit is reached. It resets at 2026-11-21T05:00:00Z.', {}, 3 * hour],
    ["You've hit your limit · resets 3am (UTC)", {}, hour],
    ["You've hit your limit · resets 1:30am (UTC)", {}, 23.5 * hour],
    ["You've hit your limit · resets 4:00am (Europe/Berlin)", {}, hour],
    ["You've hit your limit · resets 3am (Nowhere/AtAll)", {}, null],
    ['refused', { 'anthropic-ratelimit-unified-reset': String((now + 2 * hour) / 1000) }, 2 * hour],
    ['Claude usage limit reached. Your limit will reset at 3am (UTC).', {}, hour],
    ['Limits will reset at 3:30 AM (UTC). View your usage details.', {}, 1.5 * hour],
    ['Your limit will reset at Nov 23, 6pm (UTC).', {}, 64 * hour],
    ["You've hit your weekly limit · resets Jan 2, 2am (UTC)", {}, 42 * 24 * hour],
    // It is a Saturday.
    ["You've hit your weekly limit · resets Mon 3am (UTC)", {}, 49 * hour],
    ["You've hit your weekly limit · resets Sat 1am (UTC)", {}, 167 * hour],
    ['Limit reached, resets in 2 hours and 5 minutes', {}, 2 * hour + 300_000],
    ['Too many requests. Please try again in 1h 30m.', {}, 1.5 * hour],
    ['Please try again in a while.', {}, null],
    ['Your account has reached its monthly spend limit.', {}, null],
    ['You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.', {}, null],
  ])('%s', (message, headers, expected) => {
    expect(liftsIn(new Headers(headers), message, now)).toBe(expected);
  });

  const at = (hours: number) => String((now + hours * hour) / 1000);
  test.each<[string, Record<string, string>, number | null]>([
    ['its own instant', { status: 'rejected', reset: at(2) }, 2 * hour],
    ['milliseconds', { reset: `${at(2)}000` }, 2 * hour],
    ['RFC 3339', { reset: '2026-11-21T04:00:00Z' }, 2 * hour],
    ['nonsense', { status: 'rejected', reset: 'soon' }, null],
    [
      'the window that refuses, not the one that resets later',
      { status: 'rejected', reset: at(70), '5h-status': 'rejected', '5h-reset': at(2), '7d-status': 'allowed_warning' },
      2 * hour,
    ],
    [
      'the latest window that refuses',
      { '5h-utilization': '1', '5h-reset': at(2), '7d-status': 'rejected', '7d-reset': at(70) },
      70 * hour,
    ],
    [
      'a subscription that has room: it was another limit',
      { status: 'allowed', reset: at(2), '5h-utilization': '0.2', '5h-reset': at(2) },
      null,
    ],
  ])('of a subscription is told by %s', (_what, headers, expected) => {
    const named = Object.entries(headers).map(([name, value]): [string, string] => [
      `anthropic-ratelimit-unified-${name}`,
      value,
    ]);
    expect(liftsIn(new Headers(named), 'refused', now)).toBe(expected);
  });

  test('is the latest of the rates that are used up', () => {
    const used = (name: string, at: string) => ({
      [`anthropic-ratelimit-${name}-limit`]: '50',
      [`anthropic-ratelimit-${name}-remaining`]: '0',
      [`anthropic-ratelimit-${name}-reset`]: at,
    });
    const headers = { ...used('requests', '2026-11-21T02:00:30Z'), ...used('tokens', '2026-11-21T02:00:50Z') };
    expect(liftsIn(new Headers(headers), 'slow down', now)).toBe(50_000);
  });
});

test('an account is told by a fingerprint that holds nothing of the key', () => {
  const account = accountOf('https://api.example.invalid', 'sk-secret');
  expect(account).toMatch(/^[0-9a-f]{16}$/);
  expect(accountOf('https://api.example.invalid', 'sk-other')).not.toBe(account);
  expect(accountOf('https://other.example.invalid', 'sk-secret')).not.toBe(account);
});

test('a rate reads as what is left and until when', () => {
  const rate = { kind: 'requests' as const, limit: 50, remaining: 47, resetAt: '2026-11-21T03:12:00.000Z' };
  const clock = (at: string) => at.slice(11, 16);
  expect(rateWords(rate, now, clock)).toBe('requests 47 of 50 left until 03:12');
  expect(rateWords(rate, now + 2 * hour, clock)).toBe('requests 50 of 50 left');
});
