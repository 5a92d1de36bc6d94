export interface Place {
  env: Record<string, string>;
  name: string;
  log: string;
  settings: string;
}
export function managerProblem(): string | null;
export function managerAnswers(env: NodeJS.ProcessEnv): boolean;
export function startManager(place: Place): Promise<void>;
export function stopManager(place: Place, signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
