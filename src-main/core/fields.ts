/** What an address has sent, looked at field by field before anything is known of it. */
export type Fields = Record<string, unknown>;

/** An object as it is; whatever else it may be: no fields at all. Never throws. */
export function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
