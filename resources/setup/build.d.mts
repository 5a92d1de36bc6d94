export function needsBuild(root: string): boolean;
export function build(root: string, node: string): string | null;
