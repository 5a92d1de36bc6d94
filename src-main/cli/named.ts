/** Tells what a person named from what was left out. */

/** The fields that have a value. */
export function named<T extends Record<string, unknown>>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
