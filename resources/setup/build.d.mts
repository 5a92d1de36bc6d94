export function needsBuild(root: string): boolean;
export function build(root: string, node: string): string | null;
export function bundleHost(root: string, node: string): string | null;
