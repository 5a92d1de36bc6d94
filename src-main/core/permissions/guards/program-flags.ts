/** The dangerous options of one program each: they run another program, write a file, or read one by name. */
import { buildToolFlags } from './build-tool-flags.ts';
import type { FlagTable } from './flags.ts';
import { scriptToolFlags } from './script-tool-flags.ts';

const fd: FlagTable = { short: 'xX', takes: 'tedEgcjSo', long: ['exec', 'exec-batch'] };
const awk: FlagTable = {
  short: 'filEoDdpgW',
  takes: 'Fv',
  long: ['file', 'exec', 'include', 'load', 'source', 'pretty-print', 'profile', 'dump-variables', 'debug'],
  stopAtOperand: true,
};
const pytest: FlagTable = {
  short: 'pco',
  takes: 'kmnrW',
  words: /^@/,
  long: [
    'rootdir',
    'override-ini',
    'config-file',
    'confcutdir',
    'pdbcls',
    'pastebin',
    'junit-xml',
    'basetemp',
    'log-file',
    ...['tx', 'rsyncdir', 'report-log', 'cov-config', 'inifile', 'ds', 'debug'],
  ],
  longTakes: ['tb', 'maxfail', 'durations', 'deselect', 'ignore', 'cov', 'timeout'],
  fine: ['co', 'cov'],
};
const compressor: FlagTable = { globsAreFine: true, long: ['use-compress-program'] };

const npm = scriptToolFlags.npm as FlagTable;

export const programFlags: Readonly<Record<string, FlagTable>> = {
  ...buildToolFlags,
  ...scriptToolFlags,
  find: {
    words: /^-(exec|execdir|ok|okdir|delete|fprint0?|fprintf|fls|files0-from)$|^-(exec|ok|fprint|fls)/,
    globsAreFine: false,
  },
  fd,
  fdfind: fd,
  awk,
  gawk: awk,
  mawk: awk,
  nawk: awk,
  rg: { short: 'z', takes: 'efgtTmABCEjMdr', long: ['pre', 'hostname-bin', 'search-zip'] },
  sort: {
    short: 'oT',
    takes: 'kSt',
    long: ['output', 'compress-program', 'files0-from', 'temporary-directory', 'random-source'],
  },
  man: {
    short: 'PHCltXpMm',
    long: [
      'pager',
      'html',
      'config-file',
      'preprocessor',
      'troff',
      'ditroff',
      'gxditview',
      'recode',
      'local-file',
      'manpath',
      'systems',
    ],
    words: /^\.{0,2}\//,
  },
  curl: {
    short: 'oOKTFDcJEbqxnQ',
    takes: 'XHAemurtyYzCPUdw',
    long: [
      ...['output', 'output-dir', 'remote-name', 'remote-name-all', 'remote-header-name', 'config', 'upload-file'],
      ...['form', 'form-string', 'dump-header', 'cookie-jar', 'trace', 'trace-ascii', 'stderr', 'netrc-file', 'cert'],
      ...['key', 'libcurl', 'etag-save', 'hsts', 'alt-svc', 'variable', 'unix-socket', 'abstract-unix-socket', 'proxy'],
      ...[
        ...['proto-default', 'socks4', 'socks4a', 'socks5', 'socks5-hostname', 'pubkey', 'capath', 'cacert', 'krb'],
        'netrc',
        'netrc-optional',
        'quote',
        'preproxy',
        'doh-url',
        'dns-servers',
        'connect-to',
        'resolve',
        'engine',
        'url-query',
      ],
    ],
    valuesMatter: true,
    longTakes: ['request', 'header', 'data', 'data-raw', 'user-agent', 'max-time', 'retry', 'write-out'],
    words:
      /^(-[A-Za-z]*[dHw]?|--[\w-]+=?)?@|^--(data|json|url|write)[\w-]*=?[^=]*@|^(?!https?:)[a-z][a-z\d+.-]*:\/\/|^file:|^--data-urlencode|%output\{/i,
    globsAreFine: false,
  },
  date: { short: 'fs', takes: 'd', long: ['file', 'set'] },
  jq: {
    exactLong: true,
    short: 'fL',
    long: ['from-file', 'slurpfile', 'rawfile', 'argfile', 'library-path'],
    words: /\benv\b|\$ENV|\$__prog|\b(import|include|input_filename|modulemeta)\b/,
  },
  pytest,
  'py.test': pytest,
  pnpm: {
    ...npm,
    long: [...(npm.long ?? []), 'dir', 'pnpmfile'],
    words: /^(config|set|exec|dlx|create|env|self-update|-c|https?:.*|git\+.*)$/,
  },
  yarn: {
    short: 'C',
    long: ['cwd', 'prefix', 'script-shell', 'use-yarnrc', 'modules-folder'],
    words: /^(config|set|exec|dlx|create|plugin|policies|npm|git\+.*|https?:.*)$/,
  },
  printf: { short: 'v', stopAtOperand: true },
  less: {
    short: 'koOTt',
    words: /^\+/,
    long: ['log-file', 'LOG-FILE', 'lesskey-file', 'lesskey-src', 'lesskey-content', 'tag', 'tag-file', 'cmd'],
  },
  more: { words: /^\+/ },
  ip: {
    short: 'b',
    long: ['batch'],
    words: /^(n|ne|net|netn|netns|vrf|-b\w*|e|ex|exe|exec|set|add|del|delete|flush)$/,
  },
  tree: { short: 'o', takes: 'LPI', long: ['output', 'fromfile', 'fromtabfile', 'info', 'infofile'] },
  xxd: { short: 'r', takes: 'clsgno' },
  shuf: { short: 'o', takes: 'ni', long: ['output', 'random-source'] },
  split: { long: ['filter'] },
  install: { long: ['strip-program'] },
  file: { short: 'mCfzZ', long: ['magic-file', 'compile', 'files-from', 'uncompress'] },
  zip: { short: 'TUm', long: ['unzip-command', 'test'] },
  unzip: { short: 'd:' },
  tcpdump: { short: 'zwrF', long: ['postrotate-command'] },
  gzip: compressor,
  cut: { expansionsAreFine: true, takes: 'bcdf' },
  diff: { expansionsAreFine: true, takes: 'UCIxXFS', globsAreFine: true },
  wc: { expansionsAreFine: true, long: ['files0-from'], globsAreFine: true },
  du: { expansionsAreFine: true, long: ['files0-from', 'exclude-from'], short: 'X', takes: 'dBt', globsAreFine: true },
  eslint: {
    fine: ['rule'],
    takes: 'f',
    values: /^(\.{1,2}\/|\/)/,
    long: ['rulesdir', 'resolve-plugins-relative-to', 'config', 'output-file', 'plugin', 'parser'],
    short: 'co',
  },
};
