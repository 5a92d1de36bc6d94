/** The cassette of a run that happened on real parts. */
import type { Cassette, ExportedCassette } from '#contract/cassettes.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { findModel, modelTable } from '#host/model/model-table.ts';
import { readCassette } from '#host/replay/cassette-file.ts';
import { exportCassette } from '#host/replay/export.ts';
import type { realRuntime } from './real-runtime.ts';

type Product = Pick<Awaited<ReturnType<typeof realRuntime>>, 'store' | 'secrets'>;

export async function exported(
  { store, secrets }: Product,
  run: string,
): Promise<{ made: ExportedCassette; cassette: Cassette }> {
  const facts = async (model: string) => findModel(modelTable, model);
  const repositories = createRepositories({ env: process.env });
  const made = await exportCassette(
    { store, secrets, version: '0.0.0', facts, repositories, seenAt: () => '/workspace' },
    run,
  );
  return { made, cassette: readCassette(made.text) };
}
