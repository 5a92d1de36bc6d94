/** Charges a card through the payment provider, which is slow at times. */

export class PaymentTimeout extends Error {
  constructor(milliseconds) {
    super(`payment provider gave no answer within ${milliseconds} ms, twice`);
    this.name = 'PaymentTimeout';
  }
}

/**
 * `send` is `fetch` or something like it; it gets a signal that aborts after `milliseconds`.
 * Asked a second time after a timeout: the order number makes sure that no card is charged twice.
 */
export async function charge(send, order, milliseconds = 3000) {
  for (let attempt = 1; ; attempt++) {
    try {
      const signal = AbortSignal.timeout(milliseconds);
      const response = await send('/charges', { method: 'POST', body: order, idempotencyKey: order.number, signal });
      return response.chargeId;
    } catch (error) {
      if (error.name !== 'TimeoutError') throw error;
      if (attempt === 2) throw new PaymentTimeout(milliseconds);
    }
  }
}
