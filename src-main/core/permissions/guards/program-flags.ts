/** The dangerous options of one program each: they run another program, write a file, or read one by name. */
import type { FlagTable } from './flags.ts';

const fd: FlagTable = { short: 'xX', takes: 'tedEgcjSo', long: ['exec', 'exec-batch'] };
const awk: FlagTable = {
  short: 'filEoDdpgW',
  takes: 'Fv',
  long: ['file', 'exec', 'include', 'load', 'source', 'pretty-print', 'profile', 'dump-variables', 'debug'],
  stopAtOperand: true,
};
const npm: FlagTable = {
  short: 'C',
  long: ['prefix', 'script-shell', 'userconfig', 'globalconfig', 'node-options', 'git', 'shell', 'editor', 'viewer'],
  words: /^(config|set|exec|x|explore|edit)$/,
};
const pytest: FlagTable = {
  short: 'pco',
  takes: 'kmnrW',
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
  ],
  longTakes: ['tb', 'maxfail', 'durations', 'deselect', 'ignore', 'cov', 'timeout'],
  fine: ['co'],
};
const make: FlagTable = {
  short: 'fCIEWo',
  long: ['eval', 'file', 'makefile', 'directory', 'include-dir'],
  words:
    /^((\.?SHELL(FLAGS)?|MAKE\w*|CC|CXX|CPP|LD|AR|AS|\w*FLAGS|PATH|LD_\w+)[:+?!]*=|\w+\s*!=|\w+[:+?!]*=.*[^\w.,:+=@-])/,
};
const goOutputs = ['memprofile', 'blockprofile', 'mutexprofile', 'trace', 'outputdir', 'gccgoflags'];
const compressor: FlagTable = { globsAreFine: true, long: ['use-compress-program'] };

export const programFlags: Readonly<Record<string, FlagTable>> = {
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
  sort: { short: 'oT', takes: 'kSt', long: ['output', 'compress-program', 'files0-from', 'temporary-directory'] },
  man: {
    short: 'PHCl',
    long: ['pager', 'html', 'config-file', 'preprocessor', 'troff', 'ditroff', 'gxditview', 'recode', 'local-file'],
  },
  curl: {
    short: 'oOKTFDcJEbqxnQ',
    takes: 'XHAemurtyYzCPUdw',
    long: [
      ...['output', 'output-dir', 'remote-name', 'remote-name-all', 'remote-header-name', 'config', 'upload-file'],
      ...['form', 'form-string', 'dump-header', 'cookie-jar', 'trace', 'trace-ascii', 'stderr', 'netrc-file', 'cert'],
      ...['key', 'libcurl', 'etag-save', 'hsts', 'alt-svc', 'variable', 'unix-socket', 'abstract-unix-socket', 'proxy'],
      ...[
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
    words: /\benv\b|\$ENV|\b(import|include|input_filename|modulemeta)\b/,
  },
  go: {
    singleDash: true,
    exactLong: true,
    long: [
      'toolexec',
      'exec',
      'overlay',
      'vettool',
      'modfile',
      'o',
      'C',
      'pkgdir',
      'coverprofile',
      'cpuprofile',
      ...goOutputs,
    ],
    fine: ['cover', 'cpu', 'p', 'e'],
    words: /^(generate|-w|tool|bug)$|^--?ldflags=.*-ext(ld|ar|ldflags)/,
  },
  cargo: { long: ['config', 'manifest-path', 'target-dir'], short: 'C', words: /^(\+.*|login|install|publish|yank)$/ },
  pytest,
  'py.test': pytest,
  npm,
  pnpm: { ...npm, long: [...(npm.long ?? []), 'dir'], words: /^(config|set|exec|dlx)$/ },
  yarn: { short: 'C', long: ['cwd', 'prefix', 'script-shell', 'use-yarnrc'], words: /^(config|set|exec|dlx)$/ },
  make,
  gmake: make,
  printf: { short: 'v', stopAtOperand: true },
  less: {
    short: 'koOTt',
    words: /^\+/,
    long: ['log-file', 'LOG-FILE', 'lesskey-file', 'lesskey-src', 'lesskey-content', 'tag'],
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
  unzip: { short: 'd' },
  tcpdump: { short: 'zwrF', long: ['postrotate-command'] },
  gzip: compressor,
  cut: { expansionsAreFine: true, takes: 'bcdf' },
  diff: { expansionsAreFine: true, takes: 'UCIxXFS', globsAreFine: true },
  wc: { expansionsAreFine: true, long: ['files0-from'], globsAreFine: true },
  du: { expansionsAreFine: true, long: ['files0-from', 'exclude-from'], short: 'X', takes: 'dBt', globsAreFine: true },
  gcc: { long: ['wrapper', 'specs'], words: /^(-wrapper|-fplugin.*|-specs.*|@.*|-B.*)$/ },
  cc: { words: /^(-wrapper|-fplugin.*|-specs.*|@.*|-B.*)$/ },
  clang: { words: /^(-fplugin.*|-load|@.*|-B.*)$/ },
  eslint: {
    long: ['rulesdir', 'resolve-plugins-relative-to', 'config', 'output-file', 'plugin', 'parser'],
    short: 'co',
  },
  docker: { words: /^(run|exec|cp|build|compose|-v|--privileged|--volume.*|--mount.*)$/ },
};
