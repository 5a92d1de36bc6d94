import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidCart, parseCart } from '../src/cart.js';

const mug = { sku: 'MUG-01', quantity: 2, unitCents: 1250 };

test('a cart without a customer is a guest cart', () => {
  assert.equal(parseCart({ items: [mug] }).customer, null);
});

test('codes are compared without regard to case and outer blanks', () => {
  assert.equal(parseCart({ items: [mug], discountCode: ' autumn5 ' }).discountCode, 'AUTUMN5');
});

for (const [field, items] of [
  ['items', []],
  ['items[0].sku', [{ ...mug, sku: '' }]],
  ['items[0].quantity', [{ ...mug, quantity: 1.5 }]],
  ['items[1].unitCents', [mug, { ...mug, unitCents: '1250' }]],
]) {
  test(`a bad cart names the field at fault: ${field}`, () => {
    assert.throws(() => parseCart({ items }), (error) => error instanceof InvalidCart && error.field === field);
  });
}
