/** `nightshift/sdk`: everything that a program may use, and nothing else. */
export type { Event } from '#contract/events.ts';
export { Fault, type FaultCode } from '#contract/faults.ts';
export type { Price } from '#contract/prices.ts';
export type { Question } from '#contract/questions.ts';
export type { Effort, Limits } from '#contract/routines.ts';
export type { Usage } from '#contract/runs.ts';
export type {
  Agent,
  AgentEvent,
  AgentOptions,
  AgentResult,
  AgentRun,
  BuiltInTool,
  Decision,
  Goal,
  RunOptions,
  SubagentKind,
} from './agent.ts';
export { createAgent } from './create-agent.ts';
export { type AgentTool, type ToolCallContext, type ToolResult, tool } from './tool.ts';
