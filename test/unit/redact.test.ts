/** What looks like a secret is cut out, what does not stays readable. */
import { describe, expect, test } from 'vitest';
import { redact, redactValue } from '#host/redact.ts';
import { createSecrets } from '#host/secrets.ts';

/** Put together here, so that no scanner takes this file for a leak. */
const made = (...parts: string[]) => parts.join('');

describe('cut out', () => {
  test.each([
    ['sk-ant', made('sk-', 'ant-api03-abcdefgh'), ''],
    ['a GitHub token', made('gh', 'p_', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'), ''],
    ['a GitLab token', made('glp', 'at-', 'a1B2c3D4e5F6g7H8i9J0'), ''],
    ['an AWS key id', made('AK', 'IA', 'ABCDEFGHIJKLMNOP'), ''],
    ['a Slack token', made('xo', 'xb-', '1234567890-abcdefghij'), ''],
    ['a web token', made('ey', 'JhbGciOiJI', '.eyJzdWIiOiIx', '.c2lnbmF0dXJl'), ''],
    ['a bearer header', 'abc.def.ghi', 'curl -H "Authorization: Bearer abc.def.ghi" x'],
    ['a basic header', 'dXNlcjpwYXNz', 'Authorization: Basic dXNlcjpwYXNz'],
    ['an x-api-key header', 'whatever it is', 'X-Api-Key: whatever it is'],
    ['a password in an address', 'hunter2', 'git clone https://me:hunter2@example.com/x.git'],
    ['an assignment that tells', 'correct-horse-1', 'DB_PASSWORD=correct-horse-1 npm test'],
    ['a JSON field that tells', 's3cr3t-value', '{"client_secret": "s3cr3t-value"}'],
    ['a flag that tells', 'abcd1234efgh', 'deploy --token abcd1234efgh --fast'],
    ['a long mixed value under any name', 'Zx9kQ2mN7pL4vB8wT1rY6uE3', 'FOO=Zx9kQ2mN7pL4vB8wT1rY6uE3'],
    [
      'a private key',
      'MIIBVgIBADANBg',
      made('-----BEGIN RSA PRIV', 'ATE KEY-----\nMIIBVgIBADANBg\n-----END RSA PRIV', 'ATE KEY-----'),
    ],
    ['a private key without its end', 'MIIBVgIBADANBg', made('-----BEGIN PRIV', 'ATE KEY-----\nMIIBVgIBADANBg\nmore')],
  ])('%s', (_name, secret, text) => {
    const clean = redact(text || `it is ${secret}, yes`);
    expect(clean).not.toContain(secret);
    expect(clean).toContain('[secret]');
  });

  test('known values of any shape, whole and in pieces', () => {
    const secrets = createSecrets();
    secrets.know('plain words, and a secret');
    secrets.know('short');
    expect(secrets.text('said: plain words, and a secret!')).toBe('said: [secret]!');
    expect(secrets.text('a short word')).toBe('a short word');
    const error = secrets.error(
      new Error('no: plain words, and a secret', { cause: new Error('plain words, and a secret') }),
    );
    expect(`${error.stack} ${(error.cause as Error).stack}`).not.toContain('plain words, and');
  });

  test('inside of values, names included; broken characters are made whole', () => {
    const value = {
      password: 'correct-horse-1',
      list: ['Bearer abcdefgh', { [made('sk-', 'ant-x1')]: 1 }],
      odd: '\ud800',
    };
    expect(redactValue(value, [])).toEqual({
      password: '[secret]',
      list: ['[secret]', { '[secret]': 1 }],
      odd: '\ufffd',
    });
  });
});

test.each([
  'const token = parse(input);',
  'run-mi8zab12cd34ef56gh78: started, key = value',
  'commit=4e429a81a542933e8db7647b7e916cbdb60d272c',
  'id=123e4567-e89b-12d3-a456-426614174000 at=2026-11-21T03:00:00.000Z',
  'for (const [key, value] of Object.entries(secrets)) total += value.length;',
  'PASSWORD=$(cat file) TOKEN=$TOKEN cmd',
  'tokens: 1234, max_tokens=8000',
  'https://example.com/a/b?c=d',
  'max_tokens: 128000',
])('stays: %s', (text) => expect(redact(text)).toBe(text));

test('a megabyte takes no time to speak of', () => {
  for (const text of [
    'a='.repeat(500_000),
    '-----BEGIN '.repeat(90_000),
    'a'.repeat(1_000_000),
    'http://'.repeat(140_000),
  ])
    expect(redact(text).length).toBeGreaterThan(0);
});
