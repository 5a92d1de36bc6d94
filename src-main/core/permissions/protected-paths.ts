/** Places that no rule and no mode approves: what is written there runs later, outside the sandbox, or loosens it. */

const folders = new Set(['.git', '.claude', '.vscode', '.idea', '.husky', '.cargo', '.devcontainer']);
const files = new Set(
  (
    '.mcp.json .gitconfig .gitmodules .npmrc .envrc .bashrc .bash_profile .bash_login .bash_logout .bash_aliases ' +
    '.profile .zshrc .zshenv .zprofile .zlogin .zlogout .kshrc .cshrc .tcshrc .login .inputrc .xprofile .xinitrc'
  ).split(' '),
);

/** The name at fault, or null. Compared more loosely than any file system does, so that no spelling slips through. */
export function protectedName(path: string): string | null {
  const names = path.split('/');
  for (const [index, written] of names.entries()) {
    const name = loosely(written);
    if (folders.has(name) || files.has(name)) return written;
    if (/^(git|claude|vscode|husky|cargo)~\d$/.test(name)) return written;
    if (name === 'git' && names[index - 1] === '.config') return '.config/git';
    if (name === 'fish' && names[index - 1] === '.config') return '.config/fish';
  }
  return null;
}

function loosely(name: string): string {
  return name
    .normalize('NFKC')
    .replace(/\p{Cf}|\p{Cc}/gu, '')
    .toUpperCase()
    .toLowerCase()
    .replace(/:.*$/, '')
    .replace(/[. ]+$/, '');
}

/** Every protected name, for asking whether a wildcard could become one. */
export const protectedNames: readonly string[] = [...folders, ...files];
