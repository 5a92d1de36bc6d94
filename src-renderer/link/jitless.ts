/** Must be the first import of the page: zod otherwise tries `new Function` at its first schema, which the CSP reports. */
import { config } from 'zod';

config({ jitless: true });
