/** The changed files, folder by folder, each with what was added and taken away. */
import { FileMinus2, FilePen, FilePlus2, FileSymlink, type LucideIcon } from 'lucide-react';
import type { FileChange } from '#contract/proposals.ts';
import s from './file-tree.module.css';

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
  const folders = Map.groupBy(files, ({ path }) => path.split('/').slice(0, -1).join('/'));
  return (
    <nav aria-label="Changed files" className={s.tree}>
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
                    title={`${file.path}, ${file.status}`}
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
    </nav>
  );
}
