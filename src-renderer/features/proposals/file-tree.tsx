/** The changed files, folder by folder, each with what was added and taken away. */
import { FileMinus2, FilePen, FilePlus2, FileSymlink, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { FileChange } from '#contract/proposals.ts';
import s from './file-tree.module.css';
import { filesThatRun, wouldRun } from './files-that-run.ts';

const icons: Record<FileChange['status'], LucideIcon> = {
  added: FilePlus2,
  modified: FilePen,
  deleted: FileMinus2,
  renamed: FileSymlink,
  typechange: FilePen,
};

interface FileTreeProps {
  files: readonly FileChange[];
  current: string | undefined;
  onOpen(path: string): void;
}

export function FileTree({ files, current, onOpen }: FileTreeProps) {
  const running = filesThatRun(files);
  return (
    <nav aria-label="Changed files" className={s.tree}>
      {running.length > 0 && (
        <div className={s.running}>
          <h2>
            <TriangleAlert size={14} aria-hidden /> {wouldRun}
          </h2>
          <Folders files={running} current={current} onOpen={onOpen} />
        </div>
      )}
      <Folders files={files.filter(({ runsHere }) => !runsHere)} current={current} onOpen={onOpen} />
    </nav>
  );
}

function Folders({ files, current, onOpen }: FileTreeProps) {
  const folders = Map.groupBy(files, ({ path }) => path.split('/').slice(0, -1).join('/'));
  return (
    <>
      {[...folders].map(([folder, inside]) => (
        <div key={folder}>
          {folder && <div className={s.folder}>{folder}/</div>}
          <ul>
            {inside.map((file) => {
              const Icon = icons[file.status];
              return (
                <li key={file.path}>
                  <button
                    type="button"
                    className={s.file}
                    aria-current={file.path === current ? 'true' : undefined}
                    title={[file.path, file.status, file.runsHere].filter(Boolean).join(', ')}
                    onClick={() => onOpen(file.path)}
                  >
                    <Icon size={14} aria-label={file.status} />
                    <span className={s.name}>{file.path.split('/').at(-1)}</span>
                    <span className={s.added}>+{file.additions}</span>
                    <span className={s.removed}>−{file.deletions}</span>
                  </button>
                </li>
              );
            })}
          </ul>
        </div>
      ))}
    </>
  );
}
