/** A unified diff as hunks; one that is too long or cannot be read, as text. */
import { useMemo } from 'react';
import { parseDiff } from 'react-diff-view';
import { Hunk } from './hunk.tsx';
import { Output } from './output.tsx';
import s from './patch.module.css';
import { count } from './words.ts';

/** Lines that are drawn as hunks. */
const drawnAtMost = 2000;

export function Patch({ patch, path }: { patch: string; path: string }) {
  const files = useMemo(() => readPatch(patch), [patch]);
  const long = patch.split('\n').length > drawnAtMost;
  if (long || files.length === 0)
    return (
      <Output text={patch || `${path} is as it was.`} label={`Change of ${path}, ${count(patch.length)} characters`} />
    );
  return (
    <div className={s.patch}>
      {files.map((file) =>
        file.hunks.map((hunk) => <Hunk key={hunk.content} file={file} hunk={hunk} view="unified" />),
      )}
    </div>
  );
}

/** A patch the library cannot read is shown as text instead. */
function readPatch(patch: string): ReturnType<typeof parseDiff> {
  try {
    return parseDiff(patch).filter((file) => file.hunks.length > 0);
  } catch {
    return [];
  }
}
