/** The HTTP side: reads a request, lets checkout do the work, and maps every outcome to a status. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { InvalidCart } from './cart.js';
import { checkout } from './checkout.js';
import { createLog } from './log.js';
import { PaymentTimeout } from './payments.js';
import { createRateLimit } from './rate-limit.js';

export function createApp(shop, write) {
  const log = createLog(write);
  const allow = createRateLimit(20);

  return createServer(async (request, response) => {
    const id = randomUUID().slice(0, 8);
    const answer = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (request.method !== 'POST' || request.url !== '/checkout') return answer(404, { error: 'not_found' });
    if (!allow(request.socket.remoteAddress)) {
      log.warn('http', id, { name: 'RateLimited', message: 'more than 20 checkouts a minute' });
      return answer(429, { error: 'rate_limited' });
    }
    try {
      const order = await checkout(JSON.parse(await text(request)), shop);
      log.info('checkout', id, `placed ${order.number} total=${order.totalCents}`);
      answer(201, order);
    } catch (error) {
      if (error instanceof InvalidCart || error instanceof SyntaxError) {
        log.warn('checkout', id, error);
        return answer(422, { error: 'invalid_cart', field: error.field });
      }
      if (error instanceof PaymentTimeout) {
        log.error('payments', id, error);
        return answer(502, { error: 'payment_timeout' });
      }
      log.error('checkout', id, error, true);
      answer(500, { error: 'internal' });
    }
  });
}

async function text(request) {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

if (process.argv[1] === import.meta.filename) {
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  const port = Number(process.env.PORT ?? 8080);
  let order = 40_000;
  const shop = {
    send: async (path, { body }) => ({ chargeId: `ch-${body.number}` }),
    today: () => new Date().toISOString().slice(0, 10),
    nextOrderNumber: () => `O-${++order}`,
  };
  const write = (line) => process.stdout.write(line);
  createLog(write).info('http', '-', `started version=${version} port=${port}`);
  createApp(shop, write).listen(port);
}
