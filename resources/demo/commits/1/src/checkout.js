/** One checkout from beginning to end: cart, price, charge, receipt. */
import { parseCart } from './cart.js';
import { charge } from './payments.js';
import { priceCart } from './pricing.js';
import { receiptFor } from './receipts.js';

/** `shop` is the outside: `send` to the payment provider, `today()` and `nextOrderNumber()`. */
export async function checkout(body, shop) {
  const cart = parseCart(body);
  const price = priceCart(cart, shop.today());
  const number = shop.nextOrderNumber();
  const chargeId = await charge(shop.send, { number, cents: price.totalCents });
  return { number, chargeId, ...price, receipt: receiptFor(number, cart, price) };
}
