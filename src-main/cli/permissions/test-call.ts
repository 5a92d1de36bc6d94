/** `nightshift permissions test`: which rule decides about a call, where it is written, and what would change it. */
import { answer } from './x.ts';
