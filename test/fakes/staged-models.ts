/** What the staged host knows of models: the built-in table, as if no address had given a list. */
import type { ModelList } from '#contract/models.ts';
import { listOf } from '#host/model/model-list.ts';
import { modelTable } from '#host/model/model-table.ts';

export const stagedModels: ModelList = {
  ...{ auto: 'claude-opus-5-5', listedAt: null, detail: 'What Nightshift knows by itself.' },
  models: listOf({ models: modelTable, at: null }, {}),
};
