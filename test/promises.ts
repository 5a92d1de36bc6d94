/** What the product promises, as data: each promise is cited by at least one test, and no test cites another. */
export const promises = {
  'one-trigger-one-run': 'One due instant of one routine becomes one run, whoever notices it first and however often.',
  'every-occurrence-accounted':
    'Every due instant ends in a named state: ran, ran late, coalesced, skipped, blocked or lost.',
  'why-answered':
    'Why something, or nothing, happened at an instant has an answer, for every instant since the routine began.',
  'routines-checked':
    'What keeps a routine from doing what it says is found by `routines check`, before a night shows it.',
  'timers-mended':
    "What the operating system's scheduler holds is shown beside what it should hold, and mended when you ask.",
  'awake-while-working':
    'The machine is kept awake while a run is at work, and not a moment longer, however the host ends.',
  'early-waits': 'A timer that fires too early costs nothing: the host waits for the instant that it meant.',
  'commit-then-tell': 'Nothing is shown that is not stored, except text while it is being written.',
  'stream-resumes': 'A screen that lost its connection catches up without a gap and without a repeat.',
  'one-host': 'Whoever starts first hosts; two starting at the same instant end with one host and no error.',
  'survives-kill': 'After a kill at any instant no event is lost, and the run is resumed or ends with a reason.',
  'child-sees-nothing':
    'A run sees its own worktree: no home directory, no other repository, no key, and no network but the hosts on its list.',
  'no-silent-fallback':
    'Where the sandbox cannot be set up, the run fails before its first tool call and says how to cure it.',
  'checkout-untouched': 'Your checkout, your branches and your uncommitted work are never touched by a run.',
  'nothing-executes': 'Nothing that a run wrote is ever executed outside its sandbox.',
  'checks-with-evidence': 'A proposal shows its checks before and after, run again in a clean sandbox.',
  'claims-looked-up':
    'What a proposal claims is looked up in the record of its run, and what nothing shows is said to be so.',
  'failed-tool-is-data': 'A tool that fails never ends a session.',
  'append-only-history': 'What was said to the model is never edited afterwards.',
  'parks-durably':
    'What must be asked waits as a stored question that holds nothing meanwhile; the same run goes on after your answer, days later too.',
  'yes-once': 'A yes holds for exactly what you saw, and once.',
  'runs-here':
    'Files of a proposal that would run on your machine by being there are shown apart and approved by name.',
  'money-reserved': 'Money is reserved at its worst case before a call; a limit stops the run at a clean point.',
  'file-is-truth':
    'A routine is two files that you can read, edit and keep in git; a broken one is named and harms no other.',
  'os-wakes': 'Your operating system wakes the routine: no window has to be open.',
  'door-locked':
    'The loopback address answers only your own browser: one-time link, exact host and origin, strict policy.',
  'told-by-files':
    'A run is told how to work by CLAUDE.md, AGENTS.md and rules, shows which files told it, and names what of them does not count.',
  'one-place':
    'A session goes on in one place only: handed over it never runs here again, and one that is over for good stays over.',
  'crew-under-one-cap':
    'Subagents work within the limits and the money of their run, however many at once, and go on after a crash as it does.',
  'hooks-asked-for':
    'A hook of a repository runs only after your yes to exactly it, inside the sandbox, and can only narrow what a run may do.',
  'memory-asked-for':
    'What a run notes for later ones is kept only after it has ended, and never without you once something has spoken to it.',
  'key-unseen': 'A key is stored in the keychain of the system and never sent back, logged or put on a command line.',
  'rehearsal-says-so': 'Recorded answers are labelled as a rehearsal wherever they are shown.',
  'window-thin': 'The window is sandboxed, cannot leave its page and reaches the host over one port only.',
  'layers-hold': 'Imports point at the contract; the compiler and the linter both refuse everything else.',
  'rules-hold':
    'Permission rules reach every command in a text, however it is spelled, and every answer names the rule behind it.',
  'locks-hold':
    'What an administrator fixes is refused at every door, naming the file; a file that others can write does not count.',
  'audit-chain': 'What a run asked, did and was allowed stands in a chain of records, and a change to it is found.',
  'goal-by-evidence':
    'A goal is met only by evidence that is looked up, and never while a check fails; the agent has no say in it.',
  'graded-by-another':
    'A rubric is graded by somebody who has not done the work, and a criterion counts only with evidence that is really there.',
  'task-by-exit-code':
    'One task runs from the terminal without a routine: its events as lines of JSON, its exit code by what came of it.',
  'one-loop': 'A program that embeds the agent runs the very loop that the app runs.',
  'errors-cure': 'Every planned failure says what is wrong, where, and the one next step.',
} as const;

export type PromiseId = keyof typeof promises;

/** Names the promise that a test proves, in the test's own title: `test(verifies('one-host', 'two starting …'), …)`. */
export function verifies(promise: PromiseId, title: string): string {
  return `${title} [${promise}]`;
}
