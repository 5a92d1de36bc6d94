import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkout } from '../src/checkout.js';

const mug = { sku: 'MUG-01', quantity: 2, unitCents: 1250 };
const shop = {
  send: async (_path, { body }) => ({ chargeId: `ch-${body.number}` }),
  today: () => '2026-11-18',
  nextOrderNumber: () => 'O-1',
};

test('a checkout charges the total and answers with the order', async () => {
  const order = await checkout({ items: [mug] }, shop);
  assert.equal(order.number, 'O-1');
  assert.equal(order.chargeId, 'ch-O-1');
  assert.equal(order.totalCents, 2500 + 490);
});

test('a code that cannot be used does not stop the checkout', async () => {
  const order = await checkout({ items: [mug], discountCode: 'NOPE' }, shop);
  assert.equal(order.discount.refused, 'unknown_code');
  assert.equal(order.discountCents, 0);
});
