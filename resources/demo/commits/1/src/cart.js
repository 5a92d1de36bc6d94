/** Checks what a client sent and turns it into a cart, or says what is wrong with it. */

export class InvalidCart extends Error {
  constructor(field, problem) {
    super(`${field} ${problem}`);
    this.name = 'InvalidCart';
    this.field = field;
  }
}

export function parseCart(body) {
  if (!Array.isArray(body?.items) || body.items.length === 0) throw new InvalidCart('items', 'must not be empty');
  return {
    items: body.items.map(parseItem),
    discountCode: parseCode(body.discountCode),
    customer: body.customer ? parseCustomer(body.customer) : null,
  };
}

function parseItem(item, index) {
  const field = `items[${index}]`;
  if (typeof item?.sku !== 'string' || item.sku === '') throw new InvalidCart(`${field}.sku`, 'is missing');
  if (!Number.isInteger(item.quantity) || item.quantity < 1 || item.quantity > 99)
    throw new InvalidCart(`${field}.quantity`, 'must be a whole number from 1 to 99');
  if (!Number.isInteger(item.unitCents) || item.unitCents < 0)
    throw new InvalidCart(`${field}.unitCents`, 'must be a whole number of cents');
  return { sku: item.sku, quantity: item.quantity, unitCents: item.unitCents };
}

function parseCode(code) {
  if (code === undefined || code === null || code === '') return null;
  if (typeof code !== 'string') throw new InvalidCart('discountCode', 'must be text');
  return code.trim().toUpperCase();
}

function parseCustomer(customer) {
  if (typeof customer.id !== 'string') throw new InvalidCart('customer.id', 'is missing');
  return { id: customer.id, email: customer.email ?? null, orderCount: customer.orderCount ?? 0 };
}
