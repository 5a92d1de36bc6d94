/** Charges a card through the payment provider. */

export class PaymentTimeout extends Error {
  constructor(milliseconds) {
    super(`payment provider gave no answer within ${milliseconds} ms`);
    this.name = 'PaymentTimeout';
  }
}

/** `send` is `fetch` or something like it; it gets a signal that aborts after `milliseconds`. */
export async function charge(send, order, milliseconds = 3000) {
  try {
    const response = await send('/charges', { method: 'POST', body: order, signal: AbortSignal.timeout(milliseconds) });
    return response.chargeId;
  } catch (error) {
    if (error.name === 'TimeoutError') throw new PaymentTimeout(milliseconds);
    throw error;
  }
}
