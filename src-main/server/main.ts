/** Entry of the host process. */
import { compose } from './compose.ts';
import { runHost } from './host-process.ts';

process.exit(await runHost(process.env, compose));
