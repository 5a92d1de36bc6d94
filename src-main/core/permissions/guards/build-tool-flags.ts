/** Compilers, virtual machines and build systems: options that name another compiler, a plug-in, an agent or a build file. */
import type { FlagTable } from './flags.ts';

/** Both `-pgmF x` and `-pgmF=x`; for tools whose long options begin with one dash. */
const single = (words: RegExp): FlagTable => ({ singleDash: true, exactLong: true, words });

const compiler = single(
  new RegExp(
    [
      '^(-wrapper|--?fplugin.*|-fpass-plugin.*|--?specs.*|@.*|-B.*|-fuse-ld=.*[^\\w=-].*|-no-canonical-prefixes',
      '-iplugindir.*|-Xlinker|-Xclang|-Xanalyzer|-mllvm|-load|-cc1.*|--config.*|--ld-path.*|--gcc-toolchain.*|-ccc-.*',
      '-fmodules-cache-path.*|-fprebuilt-module-path.*|-ivfsoverlay.*|-dumpdir|-aux-info.*|-foffload.*|-run',
      '-fdump-.*=.*|-fdiagnostics-add-output.*|-Wl,.*(-plugin|-dynamic-linker|,-o\\b).*|-Wa,.*-o.*|-Wp,.*)$',
    ].join('|'),
  ),
);

const javaWords =
  /^(-XX:(OnError|OnOutOfMemoryError|Flags|VMOptionsFile|ErrorFile|HeapDumpPath|LogFile|SharedArchiveFile|CompileCommandFile|\+?UnlockDiagnostic).*|-javaagent.*|-agent(lib|path).*|-Xbootclasspath.*|-Xrun.*|-Xlog.*file.*|-Xdebug|-Xshare:dump|@.*|-D(java\.(library\.path|security|system\.class|ext|endorsed|rmi|class|naming)|jdk\.|sun\.|com\.sun\.).*|--patch-module.*|--upgrade-module-path.*|--add-opens.*|-p|--module-path.*)$/;
const java: FlagTable = {
  ...single(javaWords),
  stopAtOperand: true,
  longTakes: ['cp', 'classpath', 'class-path', 'add-modules', 'add-exports', 'add-reads', 'limit-modules'],
};
const javac = single(
  /^(--?processor.*|-J.*|-Xplugin.*|@.*|-doclet.*|-taglet.*|--module-path.*|-p|--patch-module.*|--system.*|-A.*=.*[/\\].*)$/,
);
const gradle: FlagTable = {
  short: 'I',
  takes: 'pbcgxPD',
  long: ['init-script', 'include-build'],
  words:
    /^(:?(\w+:)*(publish\w*|uploadArchives|wrapper|release)|-D(org\.gradle\.(jvmargs|java)|java\.|gradle\.user).*|-P\w*[jJ]vmArgs.*|--(gradle-distribution|gradle-version).*)$/,
};
const maven: FlagTable = {
  singleDash: true,
  exactLong: true,
  long: ['settings', 'global-settings', 'toolchains', 'global-toolchains', 'log-file', 'l', 't'],
  words:
    /^(-gs|-gt|-s|deploy|release:.*|(.*:)?(exec|antrun|groovy|gmavenplus|scm|wagon)[\w-]*(:.*)?|-D(exec\.|maven\.ext|maven\.repo|argLine|jvm|maven\.compiler\.(executable|fork)|settings|altDeployment|maven\.test\.jvm|surefire\.).*)$/,
};
const rustc: FlagTable = {
  ...{ takes: 'CAWDFLo', long: ['sysroot', 'runtool', 'test-builder', 'html-in-header'], valuesMatter: true },
  longTakes: ['codegen', 'edition', 'crate-type', 'crate-name', 'cfg', 'target', 'extern'],
  words:
    /^(@.*|-Z.*|--(theme|html-\w|markdown-).*|(-C|--codegen=)?(linker|link-args?|llvm-args|dlltool|ar|profile-use)=.*|.*\.(so|dylib|dll))$/,
};
const go: FlagTable = {
  singleDash: true,
  exactLong: true,
  long: (
    'toolexec exec overlay vettool modfile o C pkgdir coverprofile cpuprofile memprofile blockprofile mutexprofile trace ' +
    'outputdir gccgoflags compiler fuzzcachedir replace modcache asmflags'
  ).split(' '),
  fine: ['cover', 'cpu', 'p', 'e'],
  words:
    /^(generate|-w|tool|bug|telemetry|--?test\.(outputdir|\w*profile|trace).*|-extld.*)$|-ext(ld|ar|ldflags)|^--?gcflags=.*(importcfg|embedcfg)/,
};
const make: FlagTable = {
  short: 'fCIEWo',
  long: ['eval', 'file', 'makefile', 'directory', 'include-dir', 'assume-new', 'old-file', 'what-if', 'new-file'],
  words:
    /^((\.?SHELL(FLAGS)?|MAKE\w*|CC|CXX|CPP|LD|AR|AS|GO|NPM|NODE|PYTHON\d?|RUSTC|CARGO|BASH_ENV|DESTDIR|PREFIX|\w*FLAGS|PATH|LD_\w+)[:+?!]*=|\w+\s*!=|\w+[:+?!]*=.*[^\w.,:+=@-])/,
};
const meson: FlagTable = {
  short: 'C',
  long: ['cross-file', 'native-file', 'wrapper'],
  words: /^(devenv|runpython|dist)$/,
};
const cmake: FlagTable = {
  short: 'PC',
  takes: 'GABSDUTjt',
  long: ['toolchain', 'open', 'graphviz', 'trace-redirect'],
  words:
    /^(-E|-D?CMAKE_\w*(COMPILER|LAUNCHER|TOOLCHAIN|INCLUDE|LINKER|MAKE_PROGRAM|_AR|RANLIB|EMULATOR)\w*[:=].*[/;\s].*|SHELL=.*|-f)$/,
  valuesMatter: true,
  pastEnd: true,
};
const bazelWords =
  /^--?(run_under|override_\w+|crosstool_top|server_javabase|host_jvm_args|bazelrc|workspace_status_command|credential_helper|shell_executable|bes_backend|remote_\w+|extra_toolchains|\w*action_env=(PATH|LD_)|test_env=LD_|registry|output_user_root)/;
const clangTidy = single(/^--?(load|export-fixes|config-file|vfsoverlay|extra-arg).*$/);
const pandoc: FlagTable = {
  short: 'FLdAHB',
  takes: 'ftroVMTDc',
  long: [
    ...['filter', 'lua-filter', 'defaults', 'data-dir', 'pdf-engine', 'pdf-engine-opt', 'log', 'extract-media'],
    ...[
      'include-in-header',
      'include-before-body',
      'include-after-body',
      'abbreviations',
      'request-header',
      'template',
    ],
    ...['syntax-definition', 'reference-doc', 'epub-embed-font', 'csl', 'bibliography', 'self-contained'],
  ],
  words: /^(lua|server|-[A-Za-z]*[ftrw].*\.lua|--(to|from|read|write)=.*\.lua|.*\.lua|(?:https?|ftp):.*)$/,
  valuesMatter: true,
};
const latex = single(
  /^(--?(shell-escape|enable-write18|shell-restricted|e|r|pdflatex|latex|lualatex|xelatex|output-dir\w*|aux-dir\w*|fmt|progname)(=.*)?|-(pdf|xe|lua)?latex=.*|\\.*)$/,
);
const dotnet: FlagTable = {
  words:
    /^(exec|fsi|script|watch|tool|new|nuget|publish|workload|@.*|(--?|\/)(logger|l|dl|distributedlogger):?.*[,\\/].*|(--?|\/)p(roperty)?:(.*(Path|Targets|Props|Tool|Compiler|Custom\w*)=).*|.*\.(dll|exe))$/i,
  long: ['test-adapter-path', 'diag', 'additionalprobingpath', 'fx-version', 'roll-forward-path'],
};
const loads = single(/^--?(load|load-pass-plugin|plugin)(=.*)?$/);

const compilers = /^(?:[\w.]+-)*(gcc|g\+\+|cc|c\+\+|clang|clang\+\+|cpp|tcc|gfortran|ifort|gcj|gdc|gccgo)(-[\d.]+)?$/;

/** Also a compiler for another machine or of a certain version. */
export function compilerFlags(program: string): FlagTable | undefined {
  return compilers.test(program) ? compiler : undefined;
}

export const buildToolFlags: Readonly<Record<string, FlagTable>> = {
  java,
  javaw: java,
  javac,
  javadoc: javac,
  javap: javac,
  jshell: { words: /^/ },
  jar: { words: /^(-?[a-zA-Z]*x[a-zA-Z]*|--extract|-J.*|-C|-?[a-z]*[cu][a-z]*f?i?|--dir.*|@.*)$/ },
  kotlinc: single(/^(-script|-Xplugin.*|-P|-J.*|@.*|-e)$/),
  gradle,
  gradlew: gradle,
  mvn: maven,
  mvnw: maven,
  mvnd: maven,
  sbt: single(/^(-java-home|--?sbt-jar.*|--?sbt-launch.*|-J.*|eval .*|--?addPluginSbtFile.*|set .*|-D.*|@.*|<.*)$/),
  ant: single(/^(-f|-file|-buildfile|-lib|-logger|-listener|-propertyfile|-inputhandler|-main|-find|-s)$/),
  rustc,
  rustdoc: rustc,
  cargo: {
    long: ['config', 'manifest-path', 'target-dir', 'artifact-dir', 'out-dir', 'lockfile-path'],
    short: 'CZ',
    fine: ['target', 'out', 'lock'],
    words:
      /^(\+.*|login|install|publish|yank|owner|-Z.*|--theme|--html-.*|(-C|--codegen=)?(linker|link-args?|llvm-args)=.*|--target=.*[/.].*|ssh:.*|git\+.*)$/,
    pastEnd: true,
  },
  go,
  make,
  gmake: make,
  bmake: { ...make, short: 'fCIEWoVvdJm' },
  cmake,
  ctest: single(
    /^(-S|-SP|--script.*|--build-and-test|--test-command|-O|--output-(junit|log).*|--test-dir|-D|-M|-T|--build-.*)$/,
  ),
  cpack: { words: /^/ },
  ninja: { short: 'fC', takes: 'jklv', words: /^(browse|restat|recompact|clean|cleandead)$/ },
  meson,
  bazel: { words: bazelWords },
  bazelisk: { words: bazelWords },
  scons: { short: 'fCY', long: ['site-dir', 'file', 'sconstruct', 'makefile', 'directory', 'repository'] },
  just: {
    short: 'fcde',
    long: ['justfile', 'shell', 'command', 'set', 'working-directory', 'chooser', 'edit', 'shell-arg', 'shell-command'],
  },
  task: { short: 'tdg', long: ['taskfile', 'dir', 'global'] },
  invoke: { short: 'crf', long: ['search-root', 'collection', 'config'] },
  fab: { short: 'crf', long: ['search-root', 'collection', 'config'] },
  'clang-tidy': clangTidy,
  ld: single(/^(--?plugin.*|-o|--?dynamic-linker.*|-T|@.*|--?rpath.*)$/),
  nm: loads,
  opt: loads,
  llc: loads,
  ar: { words: /^(-?[a-z]*x[a-z]*|--plugin.*|@.*)$/ },
  'golangci-lint': { words: /^custom$/, long: ['out-format'] },
  ghc: single(/^(-e|-F|-pgm.*|-fplugin.*|-package-db.*|-optF.*|@.*|--interactive)$/),
  ocamlopt: single(/^(-pp|-ppx|-cc|-plugin)$/),
  ocamlc: single(/^(-pp|-ppx|-cc|-plugin)$/),
  ocamlfind: single(/^(-pp|-ppx|-cc|-plugin)$/),
  swift: single(/^(-e|-Xswiftc|-Xlinker|-Xcc|-Xfrontend|-load-plugin.*|--toolset|--disable-sandbox|plugin|repl)$/),
  swiftc: single(/^(-Xcc|-Xfrontend|-Xlinker|-load-plugin.*|-use-ld.*|@.*)$/),
  zig: single(/^(--build-file|--build-runner|--test-cmd.*|-fplugin.*|@.*)$/),
  nim: single(/^(e|--eval.*|--?(gcc|clang|cc)\..*|--?pass[CL].*|-r)$/),
  dart: { words: /^-e$/ },
  pandoc,
  latex,
  pdflatex: latex,
  xelatex: latex,
  lualatex: { words: /^/ },
  latexmk: latex,
  tex: latex,
  dotnet,
  msbuild: { words: /^/ },
  protoc: {
    long: ['plugin', 'plug'],
    words: /^(@.*)$/,
  },
  buf: { words: /^\{/ },
  mix: { words: /^(eval|cmd|archive\.install|escript\.install|local\..*|--eval|-e|-r|--require)$/ },
  dune: { short: '', long: ['root', 'workspace'] },
  cabal: { short: 'w', long: ['with-compiler', 'project-file', 'config-file'], words: /-pgm/ },
  stack: { long: ['stack-yaml'], words: /^-e$/, pastEnd: true },
  lein: { words: /^(exec|update-in|run|repl|deploy)$/ },
  clojure: { short: 'ei', words: /^(-Sdeps|-e|-i|-M.*|-X.*|-A.*)$/ },
  clj: { words: /^/ },
};
