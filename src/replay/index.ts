// The door `millrace/replay`: a topology that runs again over a range of its inputs, as an application of its own.
export type { ReplayState } from './ledger.ts'
export type { OutputCount } from './output-gate.ts'
export type { OutputAction, ReplayOutput } from './outputs.ts'
export type {
  EndRule,
  ReplayEstimate,
  ReplayPartition,
  ReplayPlan,
  ReplayRange,
  ReplayThrottle,
  StartRule,
} from './plan.ts'
export type { ReplayRequest } from './plan-replay.ts'
export type { ReplayEnd } from './run-replay.ts'
export type { PartitionProgress } from './progress.ts'
export type { ReplayStatus } from './replay-status.ts'
export { Replays, type ReplaysParts, type RunOptions } from './replays.ts'
export type { RecordText } from './contents.ts'
export type { Comparison, Side, Verification, VerifiedOutput } from './verify.ts'
