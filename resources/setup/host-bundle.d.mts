export function bundleFile(root: string): string;
export function proofFile(root: string): string;
export function stateOf(file: string): [size: number, modified: number, changed: number] | null;
export function provenBundle(root: string): string | null;
