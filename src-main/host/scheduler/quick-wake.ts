/** What a systemd timer starts: the question to a host that runs, without Node; whatever else is the case, the terminal entry. */
import { dueWords } from './options.ts';

/**
 * The same question as `cli/wake.ts` asks, for perl, which is there wherever git is and starts in a tenth of Node's time.
 * Arguments: the note of where the host listens, and the question. It ends with 0 only when a host has recorded it; what
 * is not plain (no note, a path with escapes in it, a refusal, no answer in five seconds) is left to the terminal entry.
 * Without single quotes: it stands in a shell's. 1 is AF_UNIX, and SOCK_STREAM; where it is not, connecting fails.
 */
const ask = `
  alarm 5;
  open(my $note, "<", $ARGV[0]) or exit 1;
  my ($path) = join("", <$note>) =~ /"socket":"([^"\\\\]+)"/ or exit 1;
  socket(my $host, 1, 1, 0) or exit 1;
  connect($host, pack("S Z*", 1, $path)) or exit 1;
  my @head = ("POST /rpc/due HTTP/1.1", "Host: localhost", "Connection: close", "Content-Type: application/json");
  syswrite($host, join("\\r\\n", @head, "Content-Length: " . length($ARGV[1]), "", $ARGV[1]));
  my $answer = "";
  while (sysread($host, my $part, 65536)) { $answer .= $part }
  exit($answer =~ m(^HTTP/1\\.1 200 ) ? 0 : 1);
`;

const script = `[ -e "$1" ] && perl -e '${ask}' "$1" "$2" >/dev/null 2>&1 && exit 0\nshift 2\nexec "$@"`;

/** `endpoint`: absolute path of the host's note. */
export interface Entry {
  exec: string;
  cli: string;
  endpoint: string;
}

/** Program and arguments with which an OS timer asks what is due. Linux. */
export function quickWake({ exec, cli, endpoint }: Entry, asked: { by: string; routine?: string }): string[] {
  const flags = ['--by', asked.by, ...(asked.routine === undefined ? [] : ['--routine', asked.routine])];
  return ['/bin/sh', '-c', script, 'wake', endpoint, JSON.stringify({ json: asked }), exec, cli, ...dueWords(flags)];
}
