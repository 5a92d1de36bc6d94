/** Which discount codes there are, and what one of them takes off a cart. */

const rules = new Map([
  ['AUTUMN5', { percent: 5, until: '2026-12-01' }],
  ['BULK15', { percent: 15, minimumCents: 20000 }],
  ['WELCOME10', { percent: 10, firstOrderOnly: true }],
]);

/**
 * What `code` does for `cart` on the day `today` (YYYY-MM-DD).
 * Either `{ code, percent }`, or `{ code, percent: 0, refused }` with the reason; `null` when there is no code.
 */
export function discountFor(code, cart, subtotalCents, today) {
  if (code === null) return null;
  const rule = rules.get(code);
  if (!rule) return refuse(code, 'unknown_code');
  const reason = reasonToRefuse(rule, cart, subtotalCents, today);
  return reason ? refuse(code, reason) : { code, percent: rule.percent };
}

function reasonToRefuse(rule, cart, subtotalCents, today) {
  if (rule.until && today >= rule.until) return 'expired';
  if (rule.minimumCents && subtotalCents < rule.minimumCents) return 'minimum_not_reached';
  if (rule.firstOrderOnly && cart.customer.orderCount > 0) return 'first_order_only';
  return null;
}

function refuse(code, refused) {
  return { code, percent: 0, refused };
}
