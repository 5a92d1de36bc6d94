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
  const token = /<\?xml[^>]*\?>|<(\/?)([A-Za-z]\w*)((?:\s+\w+="[^"<&]*")*)\s*(\/?)>|([^<]+)|(<)/g;
  for (const [, close, name, attributes = '', empty, text, stray] of xml.matchAll(token)) {
    if (stray) throw new Error('a stray <');
    if (text !== undefined) addText(open.at(-1) ?? root, text);
    else if (close && open.pop()?.name !== name) throw new Error(`</${name}> closes nothing`);
    else if (!close && name) {
      const node = { name, attributes: pairs(attributes), children: [], text: '' };
      open.at(-1)?.children.push(node);
      if (!empty) open.push(node);
    }
  }
  const [only, more] = root.children;
  if (open.length > 1 || !only || more) throw new Error('not one closed element');
  return only;
}

function addText(node: Node, text: string): void {
  if (/&(?!(amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i.test(text)) throw new Error(`a bare & in ${text}`);
  node.text += text;
}

const pairs = (attributes: string) =>
  Object.fromEntries([...attributes.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));

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
  const ours =
    root.name === 'Task' && root.attributes.xmlns === 'http://schemas.microsoft.com/windows/2004/02/mit/task';
  const child = (name: string) => root.children.find((node) => node.name === name);
  const ids = child('Principals')?.children.map((node) => node.attributes.id);
  const named = ids?.includes(child('Actions')?.attributes.Context);
  return [
    ...(ours ? [] : ['not a task']),
    ...(named ? [] : ['Context names no principal']),
    ...withAll(root).flatMap((node) => [...childFaults(node), ...valueFaults(node)]),
  ];
}

const withAll = (node: Node): Node[] => [node, ...node.children.flatMap(withAll)];

function childFaults(node: Node): string[] {
  const names = node.children.map((each) => each.name);
  const [order, many] = [inOrder[node.name], repeated[node.name]];
  const known = order ?? anyOrder[node.name] ?? many ?? [];
  const sorted = order ? names.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)) : names;
  return [
    ...names.filter((name) => !known.includes(name)).map((name) => `${name} in ${node.name}`),
    ...(!many && new Set(names).size !== names.length ? [`twice in ${node.name}`] : []),
    ...(sorted.join() === names.join() ? [] : [`order in ${node.name}`]),
    ...(needed[node.name] ?? []).filter((name) => !names.includes(name)).map((name) => `no ${name} in ${node.name}`),
  ];
}

function valueFaults(node: Node): string[] {
  const days = node.children.filter((each) => schedules.includes(each.name)).length;
  return [
    ...(node.name === 'CalendarTrigger' && days !== 1 ? ['not one schedule'] : []),
    ...((formats[node.name]?.test(node.text) ?? true) ? [] : [`${node.name} is "${node.text}"`]),
    ...(node.name === 'Triggers' && node.children.length > 48 ? ['more than 48 triggers'] : []),
  ];
}
