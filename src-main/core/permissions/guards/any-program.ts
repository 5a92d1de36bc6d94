/** Options that mean the same in whatever program has them: run this program, load this code. */
import { isStatic, type ShellWord, surePrefix } from '#core/permissions/shell/words.ts';

/** As `spoken` gives them. Their value is a program or code, however harmless it looks. */
const runs = new Set(
  (
    'globalsetup globalteardown setupfiles setupfilesafterenv testrunner testsequencer sequencer watchplugins ' +
    'snapshotserializers customprovidermodule testglobalsetup projectservice execargv nodeargs nodearg nodearguments ' +
    'nodeoption nodeoptions preload plugin plugins pluginsearchdir loadplugins loadplugin plug plugindir pluginlist ' +
    'configplugin rulesdir rulesdirectory ' +
    'resolvepluginsrelativeto resolveplugins initscript initscripts initfile inithook includebuild luafilter pdfengine ' +
    'pdfengineopt javaagent agentlib agentpath processor processorpath doclet docletpath pythonexecutable ' +
    'usecompressprogram compressprogram tocommand checkpointaction rsh rshcommand rsyncpath pager viewer ' +
    'extdiff extcmd diffcmd diff3cmd diffprogram diff3program editorcmd editor wrapper runtool runwith testbuilder exec eval ' +
    'execute execbatch scriptshell shellarg shellexecutable rununder externalchecksdir externalchecksgit ' +
    'gcovexecutable gcovtool extractwith preview preprocessor hostnamebin postrenderer loadpassplugin fplugin ' +
    'fpassplugin pnpmfile globalpnpmfile credentialhelper workspacestatuscommand hostjvmargs serverjavabase bazelrc ' +
    'testadapterpath splitexp htmlviewer importer customsyntax customformatter ' +
    'customtypesheddir installoption globaloption buildoption jsfunctions ldpath execpath askpass useaskpass proxycommand ' +
    'shellescape enablewrite18 parserpath rulepaths configbasedir execcommand editoroption ' +
    'pagercommand withcompiler loadpath nativefile crossfile initmodule enableexec enablealphaplugins luascript'
  ).split(' '),
);

/** Their value may be a name that the tool knows; a file, an address or a piece of code may not. */
const names = new Set(
  (
    'runner reporter reporters testreporter format formatter outputformat parser require import loader resolver ' +
    'testenvironment environment env transform transformer presets preset use ui syntax stringifier compiler logger ' +
    'listener printer ruleset rules shell command load script addon harness executor theme provider settings ' +
    'functions bootstrap autoloadfile includepath browser extends interface'
  ).split(' '),
);

/** Written out as an object, it may say any of the above. */
const objects = /^(config|transform|projects|settings|preset|presets|defaults|configuration)$/;

const allRuns = [...runs];

/** Shortened from the ones above by parsers that allow it; too short a beginning says nothing. */
const shortest = 8;
const whole = new Set(['workspace', 'external', 'resolver']);

/** `--Global-Setup`, `--globalSetup` and `--jest.globalSetup` are one. */
function spoken(name: string): string {
  return (name.split('.').at(-1) ?? name).replace(/[-_]/g, '').toLowerCase();
}

interface Option {
  name: string;
  /** Glued with `=`, else the next word; undefined: none. */
  value: string | undefined;
}

function readOption(word: ShellWord, next: ShellWord | undefined): Option | null {
  const found = /^(--?)([A-Za-z][\w.-]*)(=?)([\s\S]*)$/.exec(surePrefix(word) ?? '');
  const [, dashes = '', written = '', equals, glued = ''] = found ?? [];
  if (!found || (dashes === '-' && written.length < 5)) return null;
  // What follows an expansion is not known; no plain name looks like this.
  const value = equals && !isStatic(word) ? './' : glued;
  return { name: spoken(written), value: equals ? value : next?.value };
}

const runsCode = (name: string) =>
  runs.has(name) || (name.length >= shortest && !whole.has(name) && allRuns.some((long) => long.startsWith(name)));

/** What is at fault, as written; null: nothing. */
export function anyProgramFault(args: readonly ShellWord[]): string | null {
  const fault = args.find((word, index) => {
    const option = readOption(word, args[index + 1]);
    if (!option) return false;
    const { name, value } = option;
    if (runsCode(name)) return true;
    return (
      value !== undefined && ((names.has(name) && isCode(value)) || (objects.test(name) && /^\s*[[{]/.test(value)))
    );
  });
  return fault?.raw ?? null;
}

/** A file by its path or its ending, or an address; not a plain name. */
export function isCode(value: string): boolean {
  return (
    /^(\.{0,2}\/|~|\.\.?$|file:|https?:|data:|git\+|github:|npm:)/i.test(value) ||
    /\.([cm]?[jt]sx?|py|rb|lua|so|dll|dylib|jar|sh|pl|php|exs?|groovy|gradle|kts|cmake|vim|el|hs|r)$/i.test(value)
  );
}
