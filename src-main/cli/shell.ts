/** What a command gets: everything from outside the process comes in here, so that commands run without one. */

import type { Paint } from '#cli/print/paint.ts';
import type { ApiClient } from '#contract/api.ts';
import type { Clock } from '#core/ports.ts';

/** A stream that takes text: a terminal, a pipe, or a test's list of strings. */
export interface Sink {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
}

/** The part of standard input that commands use. */
export interface Source extends AsyncIterable<Uint8Array | string> {
  isTTY?: boolean | undefined;
  setRawMode?(raw: boolean): unknown;
}

/** The part of an attachment to the host that commands use. */
export interface HostLink {
  readonly client: ApiClient;
  readonly hostPid: number;
  /** This call started the host. */
  readonly started: boolean;
  /** Settles when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>;
  close(): void;
}

/** The process around the commands, as seen by them. */
export interface Shell {
  out: Sink;
  err: Sink;
  stdin: Source;
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** The machine's IANA time zone. */
  zone: string;
  clock: Clock;
  /** Aborted by Ctrl+C and by SIGTERM. */
  signal: AbortSignal;
  /** Version of the product. */
  version: string;
  /** Attaches to the host; `start: false` never starts one and throws `host.unreachable` where none runs. */
  attach(how: { start: boolean }): Promise<HostLink>;
}

export interface Context extends Shell {
  json: boolean;
  paint: Paint;
  /** The client of the present attachment: read it anew for each call, because `reattach` replaces it. */
  readonly client: ApiClient;
  readonly link: HostLink;
  /** Replaces the attachment that has `gone` by a new one, starting a host if need be; once for all who ask. */
  reattach(gone: HostLink): Promise<void>;
  /** One line of progress: to stdout for people, to stderr beside JSON. Control characters are for the caller to remove. */
  tell(line: string): void;
}
