/** The text that goes to the buyer; a guest gets it on the screen only. */

export function receiptFor(number, cart, price) {
  const lines = cart.items.map((item) => `${item.quantity} x ${item.sku}  ${euros(item.quantity * item.unitCents)}`);
  if (price.discountCents > 0) lines.push(`${price.discount.code}  -${euros(price.discountCents)}`);
  lines.push(`Total ${euros(price.totalCents)}`);
  return { to: cart.customer?.email ?? null, subject: `Your order ${number}`, text: lines.join('\n') };
}

function euros(cents) {
  return `${(cents / 100).toFixed(2)} EUR`;
}
