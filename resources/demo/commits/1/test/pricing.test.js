import assert from 'node:assert/strict';
import { test } from 'node:test';
import { priceCart } from '../src/pricing.js';

const cart = (unitCents, discountCode = null) => ({
  items: [{ sku: 'MUG-01', quantity: 1, unitCents }],
  discountCode,
  customer: null,
});

test('shipping is free from 50 euros of goods, after the discount', () => {
  assert.equal(priceCart(cart(5000), '2026-11-18').shippingCents, 0);
  assert.equal(priceCart(cart(5000, 'AUTUMN5'), '2026-11-18').shippingCents, 490);
});

test('a discount is rounded down to whole cents', () => {
  assert.equal(priceCart(cart(999, 'AUTUMN5'), '2026-11-18').discountCents, 49);
});
