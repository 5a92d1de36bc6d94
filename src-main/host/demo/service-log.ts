/** Writes the demo service's log of one night: the same text every time, true to the sources that it blames. */

/** Text of the demo's source files by path, e.g. `src/discounts.js`. */
export type Sources = ReadonlyMap<string, string>;

interface Entry {
  at: number;
  /** Called in order of time, so that order numbers count up. */
  lines: () => string[];
}

const opens = Date.parse('2026-11-18T12:00:00Z');
const closes = Date.parse('2026-11-19T06:00:00Z');
const deployed = Date.parse('2026-11-18T17:02:11.408Z');
const minute = 60_000;

/** How often each thing happens in the night; together some 20,000 lines. */
const counts = { placed: 16_900, guestCode: 412, invalid: 311, notJson: 43, limited: 187, timeouts: 96, dns: 7 };

/** Some 20,000 lines, about 1.4 MB, ending in a line break. */
export function writeServiceLog(sources: Sources): string {
  const random = createRandom(20_261_118);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const between = (from: number, to: number) => from + Math.floor(random() * (to - from));
  const request = () => between(0x10000000, 0xffffffff).toString(16);
  const entries: Entry[] = [];
  const add = (count: number, at: () => number, lines: () => string[]) => {
    for (let n = 0; n < count; n++) entries.push({ at: at(), lines });
  };

  let order = 40_211;
  const anyTime = () => evening(random, opens);
  entries.push({ at: opens + 412, lines: () => ['INFO  http req=- started version=1.7.0 port=8080'] });
  entries.push({ at: deployed, lines: () => ['INFO  http req=- started version=1.8.0 port=8080'] });
  add(counts.placed, anyTime, () => [
    `INFO  checkout req=${request()} placed O-${++order} total=${between(990, 18_900)}`,
  ]);
  add(
    counts.guestCode,
    () => evening(random, deployed + 3 * minute),
    () => [
      `ERROR checkout req=${request()} TypeError: Cannot read properties of null (reading 'orderCount')`,
      ...guestCodeStack(sources),
    ],
  );
  add(counts.invalid, anyTime, () => [`WARN  checkout req=${request()} InvalidCart: ${pick(badCarts)}`]);
  add(counts.notJson, anyTime, () => [
    `WARN  checkout req=${request()} SyntaxError: Unexpected token '<', "<?xml vers"... is not valid JSON`,
  ]);
  // One address that tries again and again, and a provider that is slow twice in the night.
  add(
    counts.limited,
    () => Date.parse('2026-11-19T01:20:00Z') + between(0, 9 * minute),
    () => [`WARN  http req=${request()} RateLimited: more than 20 checkouts a minute`],
  );
  const slow = [Date.parse('2026-11-18T19:40:00Z'), Date.parse('2026-11-19T02:11:00Z')];
  add(
    counts.timeouts,
    () => pick(slow) + between(0, 13 * minute),
    () => [`ERROR payments req=${request()} PaymentTimeout: payment provider gave no answer within 3000 ms, twice`],
  );
  add(
    counts.dns,
    () => Date.parse('2026-11-19T03:58:00Z') + between(0, 2 * minute),
    () => [
      `ERROR checkout req=${request()} Error: getaddrinfo EAI_AGAIN payments.internal`,
      '    at GetAddrInfoReqWrap.onlookupall [as oncomplete] (node:dns:122:26)',
    ],
  );

  entries.sort((a, b) => a.at - b.at);
  return entries
    .flatMap(({ at, lines }) => {
      const [first, ...stack] = lines();
      return [`${new Date(at).toISOString()} ${first}\n`, ...stack.map((line) => `${line}\n`)];
    })
    .join('');
}

const badCarts = [
  'items must not be empty',
  'items[0].quantity must be a whole number from 1 to 99',
  'items[0].sku is missing',
  'items[2].unitCents must be a whole number of cents',
  'customer.id is missing',
] as const;

/** The stack that the service's own code gives, its lines and columns looked up in the sources. */
export function guestCodeStack(sources: Sources): string[] {
  const frame = (name: string, file: string, anchor: string, within: number) => {
    const source = sources.get(file) ?? '';
    const offset = source.indexOf(anchor);
    if (offset < 0) throw new Error(`the demo's ${file} no longer holds: ${anchor}`);
    const before = source.slice(0, offset + within).split('\n');
    return `    at ${name} (file:///srv/orders-service/${file}:${before.length}:${(before.at(-1)?.length ?? 0) + 1})`;
  };
  return [
    frame('reasonToRefuse', 'src/discounts.js', 'cart.customer.orderCount', 'cart.customer.'.length),
    frame('discountFor', 'src/discounts.js', '= reasonToRefuse(', 2),
    frame('priceCart', 'src/pricing.js', '= discountFor(', 2),
    frame('checkout', 'src/checkout.js', '= priceCart(', 2),
    frame('Server.<anonymous>', 'src/server.js', 'await checkout(', 'await '.length),
  ];
}

/** An instant from `from` to the end of the night; the hours up to midnight are three times as busy. */
function evening(random: () => number, from: number): number {
  const midnight = Date.parse('2026-11-19T00:00:00Z');
  for (;;) {
    const at = from + Math.floor(random() * (closes - from));
    if (at < midnight || random() < 1 / 3) return at;
  }
}

/** Numbers from 0 up to 1, the same for the same seed: a linear congruential generator with Knuth's MMIX constants. */
function createRandom(seed: number): () => number {
  let state = BigInt(seed);
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 32n) / 2 ** 32;
  };
}
