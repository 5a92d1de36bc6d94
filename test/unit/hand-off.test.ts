/** Files that something on the person's machine runs by their being there are known by name, however they are spelled. */
import { expect, test } from 'vitest';
import { handOffs } from '#core/proposals/hand-off.ts';

const run = [
  ...['.git', 'a/.git/config', '.gitmodules', '.gitattributes', 'sub/.GIT/hooks/post-checkout'],
  ...['.husky/pre-commit', '.pre-commit-config.yaml', 'lefthook.yml', '.githooks/pre-push'],
  ...['.github/workflows/ci.yml', '.gitlab-ci.yml', 'Jenkinsfile', '.circleci/config.yml', '.ci/run'],
  ...['.claude/settings.json', '.mcp.json', 'AGENTS.md', 'docs/CLAUDE.md', '.cursor/rules/a.mdc', '.cursorrules'],
  ...['.vscode/tasks.json', '.idea/workspace.xml', 'x.code-workspace', '.devcontainer/devcontainer.json', '.exrc'],
  ...['.envrc', '.env', '.env.local', '.tool-versions', 'mise.toml'],
  ...['package.json', 'packages/a/package.json', '.npmrc', '.yarnrc.yml', '.cargo/config.toml', 'setup.py', 'build.rs'],
  ...['package-lock.json', 'yarn.lock', 'Cargo.lock', 'go.sum'],
  ...['Makefile', 'GNUmakefile', 'rules.mk', 'Dockerfile', 'Dockerfile.dev', 'justfile', 'gradlew', 'BUILD.bazel'],
  ...['vite.config.ts', 'jest.config.js', 'conftest.py', 'tests/conftest.py', '.eslintrc.json', 'a/sitecustomize.py'],
  ...['node_modules/x/index.js', '.venv/bin/python', 'bin/node'],
  // A link in the place of the folder.
  ...['.husky', '.githooks', '.cargo', '.yarn', '.mvn', 'node_modules', '.venv', '.github'],
  // Other spellings that some file system takes for the same name.
  ...['.v\u017fcode/tasks.json', '.g\u200cit/config', '.git /config', '.vscode./tasks.json', 'GIT~1/config'],
  ...['.mcp.json::$DATA', 'ma\u212Aefile'],
  ...['.devcontainer.json', '.clinerules/a.md', 'Cargo.toml', 'rust-toolchain.toml', 'x.gemspec', '.Rprofile'],
];
const harmless = [
  ...['src/index.js', 'README.md', 'src/hooks/use-x.ts', 'src/objects/user.js', 'docs/head.md', 'lib/config.js'],
  ...[
    'src/make.ts',
    'git/notes.txt',
    'environment.ts',
    'src/package.ts',
    'refs/list.txt',
    'claude.ts',
    'mypackage.json',
  ],
];

test('each of the kinds is found, in any folder and in any case', () => {
  expect(run.filter((path) => !handOffs([path]).has(path))).toEqual([]);
});

test('ordinary files are not', () => {
  expect([...handOffs(harmless)]).toEqual([]);
});

test('a folder that git would take for a repository is found by its parts together', () => {
  const bare = ['fixtures/r/HEAD', 'fixtures/r/config', 'fixtures/r/objects/aa/bb', 'fixtures/other.txt'];
  expect([...handOffs(bare).keys()]).toEqual(bare.slice(0, 3));
});
