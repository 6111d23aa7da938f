import type { ProcessRow, ReplayState } from './ledger.ts'
import type { OutputCount } from './output-gate.ts'
import { silentMs } from './peers.ts'
import type { PartitionProgress } from './progress.ts'

/** How a replay is, as plain data. */
export interface ReplayStatus {
  /** The name of the replay. */
  readonly id: string
  /** What it is doing now. */
  readonly state: ReplayState
  /** Offsets of the plan that are processed and committed, and all of them. */
  readonly done: number
  /** Offsets that the plan has. */
  readonly total: number
  /** The time left at the speed that the processes last reported; undefined while none reports a speed. */
  readonly leftMs: number | undefined
  /** Processes that reported in the last ten seconds. */
  readonly processes: number
  /** What passed the outputs of all processes since each started, by node; a crash repeats some. */
  readonly outputs: Readonly<Record<string, OutputCount>>
}

/** What partitions and processes together say about a replay. Pure. */
export function statusOf(
  id: string,
  state: ReplayState,
  partitions: readonly PartitionProgress[],
  rows: readonly ProcessRow[],
  nowMs: number,
): ReplayStatus {
  const done = partitions.reduce((sum, one) => sum + one.done, 0)
  const total = partitions.reduce((sum, one) => sum + one.total, 0)
  const present = rows.filter(({ atMs }) => nowMs - atMs < silentMs)
  const rate = present.reduce((sum, row) => sum + row.recordsPerSecond, 0)
  const leftMs = rate > 0 ? Math.round(((total - done) / rate) * 1000) : undefined
  return { id, state, done, total, leftMs, processes: present.length, outputs: passedBy(rows) }
}

function passedBy(rows: readonly ProcessRow[]): Readonly<Record<string, OutputCount>> {
  const outputs: Record<string, OutputCount> = {}
  for (const row of rows) {
    for (const [node, { results, outside }] of Object.entries(row.outputs)) {
      const sum = (outputs[node] ??= { results: 0, outside: 0 })
      sum.results += results
      sum.outside += outside
    }
  }
  return outputs
}
