import { type Goal, goalLine } from '../goal.ts'
import type { Job } from './jobs.ts'
import { yardstickName } from './peer.ts'
import type { CostName, Rounds } from './rounds.ts'

/** A goal for the median of the ratios of two programs. */
interface PeerGoal extends Omit<Goal, 'about'> {
  readonly peer: string
  readonly figure: CostName
  /** Default: the better one of Java. */
  readonly other?: string
}

const names: Partial<Record<CostName, string>> = {
  recordsPerSecond: 'rate, cold',
  warmRecordsPerSecond: 'rate, warm',
  warmCpuSecondsPerMillion: 'CPU, warm',
  residentMegabytesMax: 'resident memory',
}

const memory = (peer: string): PeerGoal => ({ peer, figure: 'residentMegabytesMax', most: 0.5 })
const warm = (peer: string, least: number, stretch?: number): PeerGoal => ({
  peer,
  figure: 'warmRecordsPerSecond',
  least,
  stretch,
})
const view = 'millrace view'
const exactly = 'millrace view exactly once'
const worker = 'millrace worker'
const plain = 'millrace worker unredacted'

/** Warm goals are for 10 million logs, cold ones for 2 million. */
const goals: Readonly<Record<Job, readonly PeerGoal[]>> = {
  A: [
    warm(view, 2.5, 3.5),
    warm('millrace json', 1.3),
    { peer: view, figure: 'warmCpuSecondsPerMillion', most: 0.33 },
    { peer: view, figure: 'recordsPerSecond', least: 5 },
    memory(view),
  ],
  B: [
    warm(view, 4, 6),
    { peer: exactly, figure: 'warmRecordsPerSecond', other: view, least: 0.9 },
    { peer: view, figure: 'warmCpuSecondsPerMillion', most: 0.25 },
    { peer: view, figure: 'recordsPerSecond', least: 5 },
    memory(view),
  ],
  C: [warm(view, 3), memory(view)],
  D: [warm(view, 2.5), memory(view)],
  E: [
    warm(plain, 2.5),
    warm(worker, 2.5),
    { peer: worker, figure: 'warmCpuSecondsPerMillion', other: yardstickName, most: 3 },
    memory(worker),
  ],
}

/** Each goal of a job beside its figure. */
export function peerGoalLines(job: Job, rounds: Rounds): readonly string[] {
  return goals[job].map(({ peer, figure, other, ...goal }) => {
    const ratio = other === undefined ? rounds.ratioToJava(peer, figure) : rounds.ratio(peer, figure, other)
    const about = `${peer}: ${names[figure] ?? figure}, of ${other ?? 'Java'}`
    return goalLine({ about, ...goal }, ratio)
  })
}
