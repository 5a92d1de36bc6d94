/** Which changed files would run on the person's own machine later, outside the sandbox, just by being there. */

/** Kinds of hand-over, with the paths that belong to each; names are compared without case (security.md §4.2). */
const kinds: readonly (readonly [why: string, pattern: RegExp])[] = [
  [
    'git reads it, and may run what it names',
    /(^|\/)(\.git|\.gitmodules|\.gitattributes|\.gitconfig|\.lfsconfig)(\/|$)/,
  ],
  ['it may be taken for a git repository of its own', /(^|\/)(commondir|gitdir)$/],
  [
    'a git hook runs it',
    /(^|\/)(\.husky|\.githooks|git-hooks)(\/|$)|(^|\/)(\.pre-commit-config\.ya?ml|\.?lefthook(-local)?\.(ya?ml|toml|json)|\.overcommit\.yml|\.simple-git-hooks\.c?json)$/,
  ],
  [
    'continuous integration runs it',
    /(^|\/)(\.github|\.gitlab|\.circleci|\.buildkite|\.forgejo|\.gitea|\.woodpecker|\.ci)(\/|$)|(^|\/)(\.gitlab-ci\.yml|azure-pipelines\.yml|jenkinsfile|\.travis\.yml|\.drone\.yml|bitbucket-pipelines\.yml|appveyor\.yml)$/,
  ],
  [
    'an agent takes its orders or its tools from it',
    /(^|\/)(\.claude|\.cursor|\.codex|\.gemini|\.agents|\.aider.*|\.windsurf|\.continue|\.clinerules|\.roo|\.kiro|\.amazonq|\.opencode)(\/|$)|(^|\/)(agents|claude|gemini|review)(\.local)?\.md$|(^|\/)(\.mcp\.json|\.cursorrules|\.windsurfrules|opencode\.jsonc?|copilot-instructions\.md)$/,
  ],
  [
    'an editor runs what it names',
    /(^|\/)(\.vscode|\.idea|\.fleet|\.zed|\.devcontainer)(\/|$)|(^|\/)(\.devcontainer\.json|\.lvimrc|\.vimrc|\.exrc|\.nvimrc|\.nvim\.lua|\.dir-locals\.el|\.editorconfig)$|\.(code-workspace|sublime-project)$/,
  ],
  [
    'a shell or a version switcher runs it on entering the folder',
    /(^|\/)(\.envrc|\.env(\..*)?|\.tool-versions|\.?mise(\..*)?\.toml|\.autoenv|\.bashrc|\.bash_profile|\.bash_login|\.bash_aliases|\.profile|\.zshrc|\.zshenv|\.zprofile|\.zlogin|\.?mise\/.*|rust-toolchain(\.toml)?|\.node-version|\.nvmrc|\.python-version)$/,
  ],
  [
    'a package manager runs what it names',
    /(^|\/)(package\.json|\.npmrc|\.yarnrc(\.yml)?|\.yarn(\/.*)?|\.pnpmfile\.c?js|pnpm-workspace\.yaml|\.cargo(\/.*)?|cargo\.toml|build\.rs|setup\.py|setup\.cfg|pyproject\.toml|\.pypirc|pip\.conf|gemfile|\.bundle(\/.*)?|[^/]*\.gemspec|pipfile|composer\.json|binding\.gyp|deno\.jsonc?|bunfig\.toml)$/,
  ],
  [
    'a lock file says where packages come from',
    /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|cargo\.lock|poetry\.lock|uv\.lock|pipfile\.lock|gemfile\.lock|composer\.lock|go\.sum)$/,
  ],
  [
    'a build tool runs it',
    /(^|\/)(gnu)?makefile(\..*)?$|\.mk$|(^|\/)(justfile|taskfile\.ya?ml|rakefile|gruntfile\..*|gulpfile\..*|dockerfile(\..*)?|docker-compose.*\.ya?ml|compose\.ya?ml|vagrantfile|cmakelists\.txt|build\.gradle(\.kts)?|settings\.gradle(\.kts)?|gradlew(\.bat)?|mvnw(\.cmd)?|\.mvn(\/.*)?|pom\.xml|build\.xml|build|workspace|module)(\.bazel)?$/,
  ],
  [
    'a tool runs it as its configuration',
    /(^|\/)[^/]*\.config\.(c|m)?[jt]s$|(^|\/)\.(eslintrc|prettierrc|babelrc|stylelintrc|mocharc|lintstagedrc|releaserc)(\..*)?$|(^|\/)(conftest\.py|tox\.ini|noxfile\.py|\.rprofile|\.gdbinit|\.lldbinit|\.irbrc|\.pryrc|sitecustomize\.py|usercustomize\.py|.*\.pth)$/,
  ],
  [
    'it stands in for an installed program',
    /(^|\/)(node_modules|\.?venv|site-packages|vendor\/bundle)(\/|$)|(^|\/)bin\/(python|node|pip|npm)[^/]*$/,
  ],
];

/** For each path why the file would run outside the sandbox, as half a sentence; paths of which nothing is known are left out. */
export function handOffs(paths: readonly string[]): Map<string, string> {
  const bare = bareRepositories(paths);
  const found = paths.flatMap((path): [string, string][] => {
    const name = spelled(path);
    const why = kinds.find(([, pattern]) => pattern.test(name))?.[0];
    if (why) return [[path, why]];
    return bare.some((folder) => name.startsWith(folder)) ? [[path, 'git takes its folder for a repository']] : [];
  });
  return new Map(found);
}

/** As the most forgiving file system compares names: case, composition, letters without a look, and what Windows leaves off. */
function spelled(path: string): string {
  const folded = path
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .toUpperCase()
    .toLowerCase();
  const names = folded.split('/').map((name) => name.replace(/:.*$/, '').replace(/[. ]+$/, ''));
  return names.join('/').replace(/(^|\/)git~\d+(?=\/|$)/, '$1.git');
}

/** Folders that git would take for a repository without a worktree, each ending in a slash. */
function bareRepositories(paths: readonly string[]): string[] {
  const names = paths.map(spelled);
  const folders = names.filter((name) => /(^|\/)head$/.test(name)).map((name) => name.slice(0, -'head'.length));
  return folders.filter((folder) =>
    names.some((name) => /^(objects|refs|config)(\/|$)/.test(name.slice(folder.length)) && name.startsWith(folder)),
  );
}
