/** The rules of the published schema of tasks, as far as our tasks use it: names, order, required parts, formats. */

interface Node {
  name: string;
  attributes: Record<string, string>;
  children: Node[];
  text: string;
}

/** A strict reader of well-formed XML without comments, sections or entities of its own. Throws on anything else. */
export function readXml(xml: string): Node {
  const root: Node = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const token = /<\?xml[^>]*\?>|<(\/?)([A-Za-z]\w*)((?:\s+\w+="[^"<&]*")*)\s*(\/?)>|([^<]+)|([^])/g;
  for (const [, close, name = '', attributes = '', empty, text, stray] of xml.matchAll(token)) {
    const top = open.at(-1) ?? root;
    if (stray) throw new Error(`stray ${stray}`);
    if (text !== undefined) {
      if (/&(?!(amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i.test(text)) throw new Error(`bare & in ${text}`);
      top.text += text;
    } else if (close) {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes nothing`);
    } else if (name) {
      const pairs = [...attributes.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]);
      const node: Node = { name, attributes: Object.fromEntries(pairs), children: [], text: '' };
      top.children.push(node);
      if (!empty) open.push(node);
    }
  }
  const [only, more] = root.children;
  if (open.length > 1 || !only || more) throw new Error('not one closed element');
  return only;
}

const base = ['Enabled', 'StartBoundary', 'EndBoundary', 'Repetition', 'ExecutionTimeLimit'];
const schedules = ['ScheduleByDay', 'ScheduleByWeek', 'ScheduleByMonth', 'ScheduleByMonthDayOfWeek'];
/** Children in the order they must have. */
const inOrder: Record<string, string[]> = {
  TimeTrigger: [...base, 'RandomDelay'],
  CalendarTrigger: [...base, 'RandomDelay', ...schedules],
  Exec: ['Command', 'Arguments', 'WorkingDirectory'],
};
/** Children in any order, each at most once. */
const anyOrder: Record<string, string[]> = {
  Task: ['RegistrationInfo', 'Triggers', 'Settings', 'Data', 'Principals', 'Actions'],
  RegistrationInfo: ['Author', 'Description', 'URI', 'Date', 'Source', 'Version', 'Documentation'],
  Principals: ['Principal'],
  Principal: ['UserId', 'LogonType', 'DisplayName', 'GroupId', 'RunLevel'],
  Actions: ['Exec'],
  Repetition: ['Interval', 'Duration', 'StopAtDurationEnd'],
  ScheduleByDay: ['DaysInterval'],
  ScheduleByWeek: ['WeeksInterval', 'DaysOfWeek'],
  ScheduleByMonth: ['DaysOfMonth', 'Months'],
  ScheduleByMonthDayOfWeek: ['Weeks', 'DaysOfWeek', 'Months'],
  DaysOfWeek: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
  Months: [
    ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October'],
    ...['November', 'December'],
  ],
  Settings: [
    ...['MultipleInstancesPolicy', 'DisallowStartIfOnBatteries', 'StopIfGoingOnBatteries', 'AllowHardTerminate'],
    ...['StartWhenAvailable', 'RunOnlyIfNetworkAvailable', 'AllowStartOnDemand', 'Enabled', 'Hidden', 'RunOnlyIfIdle'],
    ...['WakeToRun', 'ExecutionTimeLimit', 'Priority'],
  ],
};
const repeated: Record<string, string[]> = {
  Triggers: ['TimeTrigger', 'CalendarTrigger'],
  DaysOfMonth: ['Day'],
  Weeks: ['Week'],
};
const needed: Record<string, string[]> = {
  Task: ['Triggers', 'Actions'],
  TimeTrigger: ['StartBoundary'],
  CalendarTrigger: ['StartBoundary'],
  Exec: ['Command'],
  Repetition: ['Interval'],
};
const flag = /^(true|false)$/;
const span = /^P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?$/;
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?$/;
const formats: Record<string, RegExp> = {
  ...{ Enabled: flag, Hidden: flag, WakeToRun: flag, StartWhenAvailable: flag, AllowHardTerminate: flag },
  ...{ Interval: span, Duration: span, ExecutionTimeLimit: span, StopAtDurationEnd: flag },
  ...{ StartBoundary: moment, EndBoundary: moment },
  ...{ Day: /^(\d|[12]\d|3[01]|Last)$/, Week: /^([1-4]|Last)$/, Priority: /^(\d|10)$/ },
  ...{ DaysInterval: /^\d{1,3}$/, WeeksInterval: /^([1-9]|[1-4]\d|5[0-2])$/ },
  ...{ Command: /^.{1,260}$/, LogonType: /^(InteractiveToken|S4U)$/, RunLevel: /^(LeastPrivilege|HighestAvailable)$/ },
  ...{ MultipleInstancesPolicy: /^(Parallel|Queue|IgnoreNew|StopExisting)$/ },
};

/** What is wrong with a task, one phrase each. */
export function taskFaults(xml: string): string[] {
  const root = readXml(xml);
  const faults: string[] = [];
  if (root.name !== 'Task' || root.attributes.xmlns !== 'http://schemas.microsoft.com/windows/2004/02/mit/task')
    faults.push('not a task');
  const look = (node: Node) => {
    const names = node.children.map((child) => child.name);
    const [order, any, many] = [inOrder[node.name], anyOrder[node.name], repeated[node.name]];
    const known = order ?? any ?? many ?? [];
    for (const name of names) if (!known.includes(name)) faults.push(`${name} in ${node.name}`);
    if (!many && new Set(names).size !== names.length) faults.push(`twice in ${node.name}`);
    const sorted = order && names.toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
    if (sorted && sorted.join() !== names.join()) faults.push(`order in ${node.name}`);
    for (const name of needed[node.name] ?? []) if (!names.includes(name)) faults.push(`no ${name} in ${node.name}`);
    if (node.name === 'CalendarTrigger' && names.filter((name) => schedules.includes(name)).length !== 1)
      faults.push('not one schedule');
    if (formats[node.name] && !formats[node.name]?.test(node.text)) faults.push(`${node.name} is "${node.text}"`);
    if (node.name === 'Triggers' && names.length > 48) faults.push('more than 48 triggers');
    node.children.forEach(look);
  };
  look(root);
  const child = (name: string) => root.children.find((node) => node.name === name);
  const ids = child('Principals')?.children.map((node) => node.attributes.id);
  if (!ids?.includes(child('Actions')?.attributes.Context)) faults.push('Context names no principal');
  return faults;
}
