import assert from 'node:assert/strict';
import { test } from 'node:test';
import { charge, PaymentTimeout } from '../src/payments.js';

const order = { number: 'O-1', cents: 2990 };
const timeout = () => Promise.reject(new DOMException('too slow', 'TimeoutError'));

test('one slow answer is asked for again, under the same key', async () => {
  const keys = [];
  const send = async (_path, { idempotencyKey }) => {
    keys.push(idempotencyKey);
    return keys.length === 1 ? timeout() : { chargeId: 'ch-1' };
  };
  assert.equal(await charge(send, order), 'ch-1');
  assert.deepEqual(keys, ['O-1', 'O-1']);
});

test('two slow answers are a timeout', async () => {
  await assert.rejects(charge(timeout, order), PaymentTimeout);
});
