/** How a person types our commands here, and from where: plainly, or by way of npm, which changes both. */
import { dirname, relative } from 'node:path';

/** The folder that relative paths on the command line are meant from. npm runs scripts in the package's own folder. */
export function personsFolder(env: NodeJS.ProcessEnv, cwd: string): string {
  return (isRunByNpm(env) && env.INIT_CWD) || cwd;
}

/** `text` with our commands in backticks, or at the start of a line, so that they can be copied and run. */
export function typed(text: string, env: NodeJS.ProcessEnv): string {
  if (!isRunByNpm(env)) return text;
  const command = `${npmCommand(env)} `;
  return text.replace(/(`|^[ \t]*)nightshift (?=[a-z<-])/gm, (_all, before: string) => before + command);
}

/** Scripts of other packages that call us have the same variables, with another name in them. */
function isRunByNpm(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.npm_lifecycle_event) && env.npm_package_name === 'nightshift';
}

function npmCommand({ INIT_CWD: cwd, npm_package_json: file }: NodeJS.ProcessEnv): string {
  const home = file && dirname(file);
  if (!home || !cwd || !relative(home, cwd).startsWith('..')) return 'npm run -s nightshift --';
  const folder = /^[\w./@:+-]+$/.test(home) ? home : `'${home.replaceAll("'", "'\\''")}'`;
  return `npm --prefix ${folder} run -s nightshift --`;
}
