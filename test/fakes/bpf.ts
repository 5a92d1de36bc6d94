/** The kernel's classic BPF machine, as far as system call filters use it: says what a program answers to a call. */

export interface SystemCall {
  number: number;
  /** AUDIT_ARCH_* of the processor that the call is made for. */
  audit: number;
  /** Up to six, 64 bits each. */
  args?: (number | bigint)[];
}

/** What the filter answers: SECCOMP_RET_*, without its data, and the data. Throws for what the kernel would not load. */
export function answerOf(program: Buffer, call: SystemCall): { action: 'allow' | 'errno' | 'kill'; data: number } {
  const data = asKernelSees(call);
  let accumulator = 0;
  for (let at = 0; at < program.length / 8; ) {
    const [code, value] = [program.readUInt16LE(at * 8), program.readUInt32LE(at * 8 + 4)];
    const [whenTrue, whenFalse] = [program.readUInt8(at * 8 + 2), program.readUInt8(at * 8 + 3)];
    at += 1;
    const jump = (condition: boolean): void => {
      at += condition ? whenTrue : whenFalse;
    };
    if (code === 0x20) {
      if (value % 4 !== 0 || value > 60) throw new Error(`a load from ${value}`);
      accumulator = data.readUInt32LE(value);
    } else if (code === 0x15) jump(accumulator === value);
    else if (code === 0x35) jump(accumulator >= value);
    else if (code === 0x45) jump((accumulator & value) !== 0);
    else if (code === 0x06) {
      const action = { 32767: 'allow', 5: 'errno', 32768: 'kill' }[value >>> 16];
      if (!action) throw new Error(`an answer ${value.toString(16)}`);
      return { action: action as 'allow', data: value & 0xffff };
    } else throw new Error(`an instruction ${code.toString(16)}`);
  }
  throw new Error('the program ran past its end');
}

/** struct seccomp_data. */
function asKernelSees(call: SystemCall): Buffer {
  const data = Buffer.alloc(64);
  data.writeInt32LE(call.number | 0, 0);
  data.writeUInt32LE(call.audit, 4);
  for (const [index, value] of (call.args ?? []).entries())
    data.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), 16 + 8 * index);
  return data;
}
