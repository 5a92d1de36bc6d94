export const oldestNode: number;
export const noModernNode: string;
export function modernNode(as?: { version?: string; platform?: string; arch?: string }): string | null;
export function become(program: string, args: string[], options?: { env?: NodeJS.ProcessEnv }): Promise<number>;
