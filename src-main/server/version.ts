/** The product's version, from the one place that states it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { productRoot } from '#host/self.ts';

export function productVersion(): string {
  const { version } = JSON.parse(readFileSync(join(productRoot, 'package.json'), 'utf8')) as { version: string };
  return version;
}
