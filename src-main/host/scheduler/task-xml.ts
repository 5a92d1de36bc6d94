/** Writes a task of Windows Task Scheduler, with every harmful default said otherwise; pure, so that it can be compared. */
import type { Days, MonthDay, Trigger } from './task-triggers.ts';
import { element } from './xml-text.ts';

export interface TaskSpec {
  /** For a person reading the scheduler's list. */
  description: string;
  /** Full path and arguments, one text as Windows keeps it; at most 260 characters of path. */
  command: string;
  arguments: string;
  workingDirectory?: string;
  /** `DOMAIN\name`; left out, Windows takes whoever registers it. */
  user?: string;
  wake: boolean;
  triggers: Trigger[];
}

const weekdayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const monthNames = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];
/** Windows starts a missed task later only if it repeats for ever or has an end. */
const end = '2099-12-31T23:59:59';

/** Without declaration of encoding; `taskFile` adds it. Throws RangeError for a path that Task Scheduler refuses. */
export function taskXml(spec: TaskSpec): string {
  if (spec.command.length > 260) throw new RangeError('the path of the program has more than 260 characters');
  const lines = [
    '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">',
    `  <RegistrationInfo>${element('Author', 'Nightshift')}${element('Description', spec.description)}</RegistrationInfo>`,
    '  <Triggers>',
    ...spec.triggers.map((trigger) => `    ${triggerXml(trigger)}`),
    '  </Triggers>',
    '  <Principals>',
    `    <Principal id="Author">${spec.user === undefined ? '' : element('UserId', spec.user)}${element('LogonType', 'InteractiveToken')}${element('RunLevel', 'LeastPrivilege')}</Principal>`,
    '  </Principals>',
    '  <Settings>',
    ...Object.entries(settings(spec.wake)).map(([name, value]) => `    ${element(name, value)}`),
    '  </Settings>',
    '  <Actions Context="Author">',
    `    <Exec>${element('Command', spec.command)}${element('Arguments', spec.arguments)}${spec.workingDirectory === undefined ? '' : element('WorkingDirectory', spec.workingDirectory)}</Exec>`,
    '  </Actions>',
    '</Task>',
  ];
  return `${lines.join('\n')}\n`;
}

/** The bytes that `schtasks /create /xml` takes whatever the machine's code page: UTF-16 with its mark. */
export function taskFile(xml: string): Buffer {
  return Buffer.from(`\uFEFF<?xml version="1.0" encoding="UTF-16"?>\n${xml}`, 'utf16le');
}

function settings(wake: boolean): Record<string, string> {
  return {
    // A hand-over takes seconds; the default would drop a fire that comes in them.
    MultipleInstancesPolicy: 'Parallel',
    DisallowStartIfOnBatteries: 'false',
    StopIfGoingOnBatteries: 'false',
    AllowHardTerminate: 'true',
    StartWhenAvailable: 'true',
    RunOnlyIfNetworkAvailable: 'false',
    AllowStartOnDemand: 'true',
    Enabled: 'true',
    Hidden: 'false',
    RunOnlyIfIdle: 'false',
    WakeToRun: String(wake),
    ExecutionTimeLimit: 'PT10M',
    // The default is below normal, and what is started inherits it.
    Priority: '5',
  };
}

function triggerXml({ start, days, repeat }: Trigger): string {
  const name = days.kind === 'once' ? 'TimeTrigger' : 'CalendarTrigger';
  const span = repeat?.span ?? null;
  const repetition =
    repeat === null
      ? ''
      : `<Repetition>${element('Interval', duration(repeat.every))}${span === null ? '' : element('Duration', duration(span))}${element('StopAtDurationEnd', 'false')}</Repetition>`;
  const zone = start.endsWith('Z') ? 'Z' : '';
  const head = element('Enabled', 'true') + element('StartBoundary', start) + element('EndBoundary', end + zone);
  // The schema wants this order.
  return `<${name}>${head}${repetition}${daysXml(days)}</${name}>`;
}

function daysXml(days: Days): string {
  const week = (list: number[]) => `<DaysOfWeek>${list.map((day) => `<${weekdayNames[day]} />`).join('')}</DaysOfWeek>`;
  const year = (list: number[]) => `<Months>${list.map((month) => `<${monthNames[month - 1]} />`).join('')}</Months>`;
  const each = (name: string, list: MonthDay[]) => list.map((value) => element(name, String(value))).join('');
  switch (days.kind) {
    case 'once':
      return '';
    case 'daily':
      return `<ScheduleByDay>${element('DaysInterval', String(days.every))}</ScheduleByDay>`;
    case 'weekly':
      return `<ScheduleByWeek>${element('WeeksInterval', String(days.every))}${week(days.weekdays)}</ScheduleByWeek>`;
    case 'dates':
      return `<ScheduleByMonth><DaysOfMonth>${each('Day', days.dates)}</DaysOfMonth>${year(days.months)}</ScheduleByMonth>`;
    case 'weeks':
      return `<ScheduleByMonthDayOfWeek><Weeks>${each('Week', days.weeks)}</Weeks>${week(days.weekdays)}${year(days.months)}</ScheduleByMonthDayOfWeek>`;
  }
}

/** Seconds as `PT1H30M`. */
export function duration(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const rest = seconds % 86_400;
  const parts = [
    [Math.floor(rest / 3600), 'H'],
    [Math.floor((rest % 3600) / 60), 'M'],
    [rest % 60, 'S'],
  ] as const;
  const time = parts.map(([value, letter]) => (value > 0 ? `${value}${letter}` : '')).join('');
  return `P${days > 0 ? `${days}D` : ''}${time ? `T${time}` : days > 0 ? '' : 'T0S'}`;
}

/** Words as one text that a Windows program splits into the same words again. */
export function windowsArguments(words: string[]): string {
  return words
    .map((word) => {
      if (/^[^\s"]+$/.test(word)) return word;
      // Backslashes count only before a quotation mark, where each stands for half.
      return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
    })
    .join(' ');
}
