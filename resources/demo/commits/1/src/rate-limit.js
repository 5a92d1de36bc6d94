/** At most `limit` requests per address and minute. */

export function createRateLimit(limit, now = Date.now) {
  const windows = new Map();
  return function allow(address) {
    const minute = Math.floor(now() / 60_000);
    const window = windows.get(address);
    if (window?.minute !== minute) {
      windows.set(address, { minute, count: 1 });
      return true;
    }
    window.count += 1;
    return window.count <= limit;
  };
}
