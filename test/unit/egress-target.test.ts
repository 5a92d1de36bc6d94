/** Where a request wants to go is read in one way or not at all; what is on the list is what a person wrote. */
import { describe, expect, test } from 'vitest';
import { isPublic } from '#host/egress/addresses.ts';
import { readAllowList, ruleFor } from '#host/egress/allow-list.ts';
import { canonicalHost, connectTarget, requestTarget } from '#host/egress/target.ts';

describe('a host', () => {
  test.each([
    ['Example.COM', 'example.com', false],
    ['example.com.', 'example.com', false],
    ['a_b.example', 'a_b.example', false],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example', false],
    ['127.0.0.1', '127.0.0.1', true],
    ['[::1]', '::1', true],
    ['[2001:DB8:0:0::1]', '2001:db8::1', true],
  ])('%s is %s', (text, host, literal) => expect(canonicalHost(text)).toEqual({ host, literal }));

  test.each([
    ['2130706433', 'decimal'],
    ['0x7f000001', 'hexadecimal'],
    ['0x7f.0.0.1', 'hexadecimal in part'],
    ['0177.0.0.1', 'octal'],
    ['127.1', 'shortened'],
    ['127.0.1', 'shortened'],
    ['127.0.0.1.', 'an address with a dot'],
    ['127.0.0.01', 'octal in part'],
    ['[::ffff:127.0.0.1]', 'IPv4 in IPv6'],
    ['[::ffff:7f00:1]', 'IPv4 in IPv6'],
    ['[::1%25lo]', 'a zone'],
    ['[fe80::1%eth0]', 'a zone'],
    ['example.com..', 'two dots at the end'],
    ['.example.com', 'a dot at the start'],
    ['a..b', 'an empty label'],
    ['', 'nothing'],
    ['.', 'a dot'],
    ['exämple.com', 'letters that are not ASCII'],
    ['example。com', 'an ideographic full stop'],
    ['１２７.0.0.1', 'wide digits'],
    ['①.example', 'an enclosed digit'],
    ['example%2ecom', 'an encoded dot'],
    ['exam ple.com', 'a blank'],
    ['example.com\0.evil.test', 'a NUL'],
    ['-a.example', 'a dash at the start'],
    [`${'a'.repeat(64)}.com`, 'a long label'],
    [`${'a.'.repeat(127)}com`, 'a long name'],
    ['example.0x1', 'a name that ends like a number'],
    ['1.2.3.4.5', 'too many numbers'],
    ['*.example.com', 'a star'],
  ])('%j is none: %s', (text) => expect(canonicalHost(text)).toBeNull());
});

describe('an address to ask for', () => {
  test.each([
    ['http://example.com/a?b', 'example.com', 80, '/a?b'],
    ['HTTP://EXAMPLE.com:8080', 'example.com', 8080, '/'],
    ['http://example.com?x', 'example.com', 80, '/?x'],
    ['http://[::1]:81/', '::1', 81, '/'],
    // Whatever follows the host belongs to the path: no reader may see another host in it.
    ['http://example.com/@evil.test/', 'example.com', 80, '/@evil.test/'],
  ])('%s', (url, host, port, path) => expect(requestTarget(url)).toMatchObject({ target: { host, port }, path }));

  test.each([
    'http://user@example.com/',
    'http://user:pass@example.com/',
    'http://example.com@evil.test/',
    'http://example.com\\@evil.test/',
    'http://example.com#@evil.test/',
    'http://example.com:80:81/',
    'http://example.com:/',
    'http://example.com:0/',
    'http://example.com:65536/',
    'http://example.com:080808/',
    'http://exa\tmple.com/',
    'http://example.com /',
    'http:///example.com/',
    'http:/example.com/',
    'http:example.com',
    'https://example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    '//example.com/',
    '/path',
    '*',
    '',
    'http://',
    'http://example.com/\u00e4',
  ])('%j is none', (url) => expect(requestTarget(url)).toBeNull());

  test.each([
    'example.com',
    'example.com:',
    'example.com:x',
    ':443',
    'user@example.com:443',
    'example.com:443/',
    'http://example.com:443',
    'example.com:443 ',
    'a\0.example.com:443',
    '2130706433:443',
    '::1:443',
    'example.com:99999',
  ])('CONNECT %j is none', (text) => expect(connectTarget(text)).toBeNull());
});

describe('the allow-list', () => {
  const target = (text: string) => connectTarget(text) ?? { host: '', port: 0, literal: false };
  const covers = (entry: string, text: string) => ruleFor(readAllowList([entry]), target(text)) !== null;

  test.each([
    ['example.com', 'example.com:443', true],
    ['example.com', 'EXAMPLE.com.:443', true],
    ['example.com', 'example.com:80', false],
    ['example.com', 'example.com:8443', false],
    ['example.com:8443', 'example.com:8443', true],
    ['example.com', 'evil-example.com:443', false],
    ['example.com', 'example.com.evil.test:443', false],
    ['example.com', 'a.example.com:443', false],
    ['*.example.com', 'a.example.com:443', true],
    ['*.example.com', 'a.b.example.com:443', true],
    ['*.example.com', 'example.com:443', false],
    ['*.example.com', 'evilexample.com:443', false],
    ['*.example.com:81', 'a.example.com:81', true],
    ['93.184.216.34', '93.184.216.34:443', true],
    ['[2001:db8::1]:444', '[2001:db8::1]:444', true],
  ])('%s and %s: %s', (entry, text, expected) => expect(covers(entry, text)).toBe(expected));

  test.each([
    '',
    '*',
    '*.com',
    '*.127.0.0.1',
    'https://example.com',
    'example.com/path',
    'a b',
    'a@b',
    'x:0',
    'x:65536',
    '1.2',
    '[::1',
    '::1',
    'a*.example.com',
  ])('%j is refused, and named', (entry) => {
    expect(() => readAllowList([entry])).toThrow(expect.objectContaining({ code: 'input', field: 'network' }));
  });

  test.each([
    '169.254.169.254',
    '0.0.0.0',
    '[::]',
    '255.255.255.255',
    '224.0.0.1',
    '[fe80::1]',
    '168.63.129.16',
    '[fd00:ec2::254]',
    '100.100.100.200',
  ])('not even a person can name %s', (entry) => {
    expect(() => readAllowList([`${entry}:80`], true)).toThrow(/nothing may be sent to/);
  });

  test('a private address is a person’s own word only where a person wrote it', () => {
    expect(readAllowList(['127.0.0.1:80'], true)[0]?.byHand).toBe(true);
    expect(readAllowList(['127.0.0.1:80'])[0]?.byHand).toBe(false);
    // The one name that is an address by its meaning.
    expect(readAllowList(['LocalHost.:80'], true)[0]).toEqual({
      host: 'localhost',
      port: 80,
      below: false,
      byHand: true,
    });
    expect(readAllowList(['localhost:80'])[0]?.byHand).toBe(false);
    for (const name of ['localhost.localdomain:80', '*.my.localhost:80', 'app.localhost:80'])
      expect(readAllowList([name], true)[0]?.byHand, name).toBe(false);
  });
});

describe('a public address', () => {
  test.each(['93.184.216.34', '1.1.1.1', '2606:4700::1111'])('%s is one', (address) =>
    expect(isPublic(address, [])).toBe(true),
  );
  test.each(
    '127.0.0.1 127.8.8.8 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 169.254.170.2 100.64.0.1 100.100.100.200 192.0.0.192 192.0.2.1 198.18.0.1 224.0.0.1 240.0.0.1 255.255.255.255 168.63.129.16 ::1 :: fe80::1 fc00::1 fd00:ec2::254 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: 2001::1 nonsense'.split(
      ' ',
    ),
  )('%s is none', (address) => expect(isPublic(address, [])).toBe(false));
  test('an address of this machine is none', () => expect(isPublic('93.184.216.34', ['93.184.216.34'])).toBe(false));
});
