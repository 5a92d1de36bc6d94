/** The entry of `nightshift`: refuses a Node that cannot run the product, then runs the command line. */
import { enableCompileCache } from 'node:module';

const needed = 24;

if (Number(process.versions.node.split('.')[0]) < needed) {
  process.stderr.write(
    `error: Nightshift needs Node ${needed} or newer; this is ${process.versions.node}.\n` +
      '  cure: run it as `npm run -s nightshift -- …` in its folder, which brings its own Node.\n',
  );
  process.exitCode = 1;
} else {
  enableCompileCache?.();
  const { readWake, wake } = await import('./wake.ts');
  const asked = readWake(process.argv.slice(2));
  if (!asked || !(await wake(asked, process.env))) {
    const { runHere } = await import('./process.ts');
    await runHere();
  }
}
