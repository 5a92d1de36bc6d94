/** Opens one run's way out: the proxy, the socket that is shown inside, and what programs there must be told. */
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { type LocalPort, type NetworkAttempt, proxyPort, refusedHost } from '#contract/egress.ts';
import type { NetworkSpec } from '#core/ports.ts';
import { isPublic, type Resolve, systemResolve } from './addresses.ts';
import { readAllowList } from './allow-list.ts';
import { type Authority, createAuthority } from './authority.ts';
import type { Budget } from './budget.ts';
import type { Machine } from './own-registries.ts';
import { createProxy } from './proxy.ts';
import { registryAccess } from './registries.ts';

export interface Egress {
  /** Host path of the socket; valid until `hide`. */
  socket: string;
  /** Ports of this machine's loopback that are allowed: inside they lie at the same place. */
  local: LocalPort[];
  /** Variables for everything that runs inside. */
  environment: Record<string, string>;
  /** Files to be seen inside: path and text. */
  files: { target: string; content: string }[];
  /** In words, for the list of what is enforced. */
  phrase: string;
  /** Refused attempts since the last call of it, oldest first; at most a handful are kept. */
  refusals(): NetworkAttempt[];
  /** Takes the socket's name away: who has it open keeps it, nobody else comes in, and nothing is left behind. */
  hide(): Promise<void>;
  close(): Promise<void>;
}

export interface EgressOptions {
  budget: Budget;
  resolve?: Resolve;
  /** Which addresses may be dialled; without it only public ones. For tests, whose servers are on the loopback. */
  admits?: (address: string) => boolean;
  /** Whose settings name the package registries; this machine's unless given. */
  machine?: Machine;
  /** PEM of further authorities for the hosts outside, for tests. */
  trust?: string;
}

const authorityFile = '/etc/nightshift/authority.pem';
const bundleFile = '/etc/nightshift/authorities.pem';
const systemBundles = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem'];
const mostRefusals = 20;
/** A sandbox talks to itself under these names. */
const loopback = ['localhost', '127.0.0.1', '::1'];
/** Below it only root may listen, and nobody is root inside. */
const firstFreePort = 1024;

/** Throws `input` for an entry that is wrong. */
export async function openEgress(spec: NetworkSpec, options: EgressOptions): Promise<Egress> {
  const machine = options.machine ?? { env: process.env, home: homedir() };
  const registries = await registryAccess(spec.registries ?? [], machine);
  // A person has set the machine to them, so an address may be a private one.
  const reading = readAllowList(registries.entries, true);
  const rules = [...readAllowList(spec.allow, spec.allowPrivate), ...reading];
  const readOnly = reading.map(({ host }) => host);
  const credentials = spec.credentials ?? [];
  const inspects = readOnly.length > 0 || credentials.length > 0;
  const authority = inspects ? await createAuthority() : null;
  let refused: NetworkAttempt[] = [];
  const proxy = createProxy({
    ...{ rules, readOnly, credentials, budget: options.budget, trust: options.trust ?? null },
    resolve: options.resolve ?? systemResolve,
    admits: options.admits ?? ((address) => isPublic(address)),
    authority: authority && Promise.resolve(authority),
    report(attempt) {
      if (attempt.host === refusedHost) return;
      if (attempt.decision === 'deny' && refused.length < mostRefusals) refused.push(attempt);
      spec.onAttempt?.(attempt);
    },
  });
  const directory = await mkdtemp(join(tmpdir(), 'nightshift-net-'));
  const socket = join(directory, 's');
  const hide = () => rm(directory, { recursive: true, force: true });
  try {
    await proxy.listen(socket);
    await chmod(socket, 0o600);
  } catch (error) {
    await hide();
    throw error;
  }
  const named = rules.filter(({ byHand, host }) => byHand && loopback.includes(host));
  // A registry is read through the proxy, which sees to it that it is only read.
  const local = named.filter(
    (rule) => rule.port >= firstFreePort && rule.port !== proxyPort && !reading.includes(rule),
  );
  // Where nothing can listen in its place, the proxy is asked for all of that name.
  const asked = named.filter((rule) => !local.includes(rule)).map(({ host }) => host);
  return {
    socket,
    local: local.map(({ host, port }) => ({ host, port })),
    environment: { ...proxyVariables(asked), ...(authority ? trustVariables() : {}), ...registries.environment },
    files: authority ? await trustFiles(authority) : [],
    phrase: phraseOf(spec),
    refusals() {
      const all = refused;
      refused = [];
      return all;
    },
    hide,
    async close() {
      await proxy.close();
      await hide();
    },
  };
}

function phraseOf({ allow, registries = [] }: NetworkSpec): string {
  const to = [...allow, ...registries.map((name) => `${name} (read-only)`)];
  return to.length > 0 ? `network only to ${to.join(', ')}` : 'every host refused by the proxy';
}

/** Both spellings: curl reads only the lower case of one, others only the upper. `asked`: addresses that go out, too. */
function proxyVariables(asked: readonly string[]): Record<string, string> {
  const proxy = `http://127.0.0.1:${proxyPort}`;
  const direct = loopback.filter((host) => !asked.includes(host)).join(',');
  const usual = { http_proxy: proxy, https_proxy: proxy, all_proxy: proxy, no_proxy: direct };
  return {
    ...usual,
    ...Object.fromEntries(Object.entries(usual).map(([name, value]) => [name.toUpperCase(), value])),
    // Node and what is built on it look at the variables above only when told to.
    NODE_USE_ENV_PROXY: '1',
    ELECTRON_GET_USE_PROXY: '1',
    YARN_HTTP_PROXY: proxy,
    YARN_HTTPS_PROXY: proxy,
  };
}

function trustVariables(): Record<string, string> {
  const readers = ['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE', 'GIT_SSL_CAINFO', 'PIP_CERT'];
  return {
    ...Object.fromEntries([...readers, 'CARGO_HTTP_CAINFO', 'DENO_CERT'].map((name) => [name, bundleFile])),
    NODE_EXTRA_CA_CERTS: authorityFile,
  };
}

/** The run's own authority, alone and after the usual ones. */
async function trustFiles({ certificate }: Authority): Promise<Egress['files']> {
  const texts = await Promise.all(systemBundles.map((path) => readFile(path, 'utf8').catch(() => '')));
  const usual = texts.find((text) => text !== '') ?? rootCertificates.join('\n');
  return [
    { target: authorityFile, content: certificate },
    { target: bundleFile, content: `${usual.trimEnd()}\n${certificate}` },
  ];
}
