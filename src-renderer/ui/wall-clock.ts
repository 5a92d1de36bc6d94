/** Instants as fields of the kind `datetime-local` hold them: in the local zone, without saying so. */

/** What such a field shows of an instant; '' for none or no instant. */
export function wallClock(instant: string | number): string {
  const at = new Date(instant);
  if (instant === '' || Number.isNaN(at.getTime())) return '';
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const seconds = at.getSeconds() === 0 ? '' : `:${two(at.getSeconds())}`;
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}${seconds}`;
}

/** What such a field holds, as an instant; '' while it is not whole. */
export function instantOf(wall: string): string {
  const at = new Date(wall);
  return wall === '' || Number.isNaN(at.getTime()) ? '' : at.toISOString();
}
