/** In auto mode always a person: what leaves the machine, spends, publishes, or cannot be undone. */
import { readGit } from './guards/git.ts';
import { guardFault } from './guards/guard.ts';
import { isInterpreter } from './guards/interpreters.ts';
import type { ShellWord } from './shell/words.ts';

/** For each program the subcommands or words that make it so; an empty pattern: always. */
const table: Record<string, RegExp> = {
  terraform: /^(apply|destroy|import|state|taint|force-unlock)$/,
  tofu: /^(apply|destroy|import|state)$/,
  pulumi: /^(up|destroy|refresh)$/,
  kubectl: /^(delete|apply|create|patch|replace|scale|drain|cordon|exec|rollout|edit|set|run|annotate|label)$/,
  helm: /^(install|upgrade|uninstall|rollback|delete)$/,
  gh: /^(merge|release|api|create|delete|close|comment|edit|review|reopen|secret|variable|workflow|run|gist)$/,
  glab: /^(merge|release|api|create|delete|close)$/,
  npm: /^(publish|unpublish|deprecate|dist-tag|owner|access|token|adduser|login)$/,
  pnpm: /^publish$/,
  yarn: /^(publish|npm)$/,
  cargo: /^(publish|yank|owner|login)$/,
  twine: /^/,
  poetry: /^publish$/,
  uv: /^publish$/,
  gem: /^(push|yank)$/,
  docker: /^(push|login|rm|rmi|prune|kill|stop)$/,
  podman: /^(push|login|rm|rmi|prune)$/,
  chmod: /^(-\w*R|--recursive)/,
  chown: /^(-\w*R|--recursive)/,
  dd: /^of=/,
  curl: /^(-X|--request|-d|--data|-F|--form|-T|--upload)/,
  mysql: /^/,
  psql: /^/,
  mongosh: /^/,
  'redis-cli': /^/,
  sqlite3: /^/,
  sqlcmd: /^/,
  mariadb: /^/,
  mail: /^/,
  sendmail: /^/,
  vercel: /^/,
  netlify: /^/,
  flyctl: /^/,
  heroku: /^/,
  wrangler: /^/,
  shred: /^/,
  truncate: /^/,
};

const clouds = /^(aws|gcloud|gsutil|az|doctl|oci|ibmcloud|linode-cli|hcloud|eksctl|bq|s3cmd)$/;
const cloudWords =
  /delete|remove|terminate|destroy|purge|^rm$|^rb$|^mv$|^sync$|^cp$|create|put|update|deploy|start|stop|run|invoke|send|publish/;

/** Change only what a sandbox holds anyway. */
const local = new Set(['chmod', 'chown', 'dd', 'sqlite3', 'shred', 'truncate', 'rm']);

/** `all`: also what cannot be undone without leaving the sandbox, as auto mode wants it. */
export function outwardReason(program: string, args: readonly ShellWord[], fed: boolean, all: boolean): string | null {
  if (!all && (local.has(program) || isInterpreter(program))) return null;
  const has = (pattern: RegExp) => args.some(({ value }) => pattern.test(value));
  if (program === 'git') return gitReason(args);
  if (clouds.test(program) && has(cloudWords)) return `${program} changes something elsewhere`;
  if (Object.hasOwn(table, program) && has(table[program] as RegExp))
    return `${program} reaches outside or cannot be undone`;
  if (isInterpreter(program) && guardFault(program, args, fed)) return 'a program that is written on the command line';
  if (program === 'rm' && has(/^(\/|~)|\$|`/)) return 'it deletes by an absolute or computed name';
  return null;
}

function gitReason(words: readonly ShellWord[]): string | null {
  const { subcommand, args } = readGit(words);
  const has = (pattern: RegExp) => args.some(({ value }) => pattern.test(value));
  if (subcommand === null) return 'a git command that is not known';
  const always =
    /^(push|commit|clean|rebase|merge|tag|am|cherry-pick|revert|filter-branch|update-ref|gc|prune|send-email|pull)$/;
  const risky =
    always.test(subcommand) ||
    (subcommand === 'reset' && has(/^--(hard|merge|keep)/)) ||
    (subcommand === 'branch' && has(/^-[a-zA-Z]*[dDmMfC]|^--(delete|force|move)/)) ||
    (/^(checkout|switch|restore)$/.test(subcommand) && has(/^(-f|--force|--|\.|--discard-changes)$/)) ||
    (/^(stash|worktree|remote|reflog|notes)$/.test(subcommand) &&
      has(/^(drop|clear|remove|prune|expire|add|set-url|delete)$/));
  return risky ? `git ${subcommand} changes history or leaves the machine` : null;
}
