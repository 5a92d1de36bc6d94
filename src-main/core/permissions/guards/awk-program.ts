/** Whether an awk program can only compute and print to its output. */

/** False also where a text cannot be told from a regular expression. */
export function isHarmlessAwk(program: string): boolean {
  if (/\\\n|system|getline|@|\||ENVIRON|PROCINFO|ARGV|ARGC/.test(withoutStrings(program))) return false;
  // A comparison in a pattern is fine; behind print it is a file.
  const plain = withoutStrings(program);
  // Where texts are left in, a semicolon or a brace may be one of their letters.
  return !(plain === program && /["/\\]/.test(program) ? /\bprintf?\b[\s\S]*>/ : /\bprintf?\b[^;}\n]*>/).test(plain);
}

/** A slash makes it unclear where a text ends; then nothing is taken out. */
function withoutStrings(program: string): string {
  return program.includes('/') || program.includes('\\') ? program : program.replace(/"[^"\n]*"/g, '""');
}
