/** A Windows script that starts the terminal entry with an environment of its own. */

/** Throws RangeError for what a script cannot hold: quotation marks and line ends. */
export function wakeScript(exec: string, cli: string, environment: Record<string, string>): string {
  const quote = (text: string) => {
    if (/["\p{Cc}]/u.test(text)) throw new RangeError(`a Windows script cannot hold ${JSON.stringify(text)}`);
    return text.replaceAll('%', '%%');
  };
  const lines = [
    '@echo off',
    // The script is UTF-8, whatever the console's code page.
    'chcp 65001 >nul',
    ...Object.entries(environment).map(([name, value]) => `set "${name}=${quote(value)}"`),
    `"${quote(exec)}" "${quote(cli)}" %*`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}
