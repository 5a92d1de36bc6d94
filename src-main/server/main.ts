/** Entry of the host process. */
import module from 'node:module';

// Before anything else is loaded: the next start finds its modules compiled.
module.enableCompileCache();
const { compose } = await import('./compose.ts');
const { runHost } = await import('./host-process.ts');

// What is started without an environment of its own gets that of this process.
const env = { ...process.env };
delete process.env.ANTHROPIC_API_KEY;
process.exit(await runHost(env, compose));
