import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discountFor } from '../src/discounts.js';

const guest = { items: [], customer: null };
const today = '2026-11-18';

test('no code, no discount', () => {
  assert.equal(discountFor(null, guest, 2500, today), null);
});

test('an unknown code is refused with a reason', () => {
  assert.deepEqual(discountFor('NOPE', guest, 2500, today), { code: 'NOPE', percent: 0, refused: 'unknown_code' });
});

test('a code ends on its day', () => {
  assert.equal(discountFor('AUTUMN5', guest, 2500, '2026-11-30').percent, 5);
  assert.equal(discountFor('AUTUMN5', guest, 2500, '2026-12-01').refused, 'expired');
});

test('a code with a minimum needs the minimum', () => {
  assert.equal(discountFor('BULK15', guest, 19_999, today).refused, 'minimum_not_reached');
  assert.equal(discountFor('BULK15', guest, 20_000, today).percent, 15);
});
