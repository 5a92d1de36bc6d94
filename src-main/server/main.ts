/** Entry of the host process. */
import module from 'node:module';

// Before anything else is loaded: the next start finds its modules compiled.
module.enableCompileCache();
const { compose } = await import('./compose.ts');
const { runHost } = await import('./host-process.ts');

process.exit(await runHost(process.env, compose));
