/** What a cart costs, in whole cents. */
import { discountFor } from './discounts.js';

const freeShippingFrom = 5000;
const shipping = 490;

export function priceCart(cart, today) {
  const subtotalCents = cart.items.reduce((sum, item) => sum + item.quantity * item.unitCents, 0);
  const discount = discountFor(cart.discountCode, cart, subtotalCents, today);
  // Rounded down: the customer never pays a cent more than the percentage says.
  const discountCents = Math.floor((subtotalCents * (discount?.percent ?? 0)) / 100);
  const goodsCents = subtotalCents - discountCents;
  const shippingCents = goodsCents >= freeShippingFrom ? 0 : shipping;
  return { subtotalCents, discountCents, shippingCents, totalCents: goodsCents + shippingCents, discount };
}
