import type { Engine } from './job-program.ts'
import type { Job } from './jobs.ts'

/** What runs a job, under a name of its own in the table. */
export interface Peer {
  readonly name: string
  readonly engine: Engine
  readonly variant: string
  readonly guarantee: 'at-least-once' | 'exactly-once'
  /** It does less than the job, so that its output is another one. It says how fast the machine is. */
  readonly isYardstick: boolean
}

/** Beside every job in each round. */
export const yardstickName = 'raw parse'

function peer(engine: Engine, variant: string, name: string, more: Partial<Peer> = {}): Peer {
  return { name, engine, variant, guarantee: 'at-least-once', isYardstick: false, ...more }
}

const java = [peer('java', 'default', 'java'), peer('java', 'tuned', 'java tuned')]
const ours = [peer('millrace', 'json', 'millrace json'), peer('millrace', 'view', 'millrace view')]
const yardstick = peer('raw', 'parse', yardstickName, { isYardstick: true })

/** Who runs each job, in the order of a round. */
export const peersOf: Readonly<Record<Job, readonly Peer[]>> = {
  A: [
    ...java,
    ...ours,
    { ...yardstick, isYardstick: false },
    peer('raw', 'splice', 'raw splice'),
    peer('kafkajs', 'default', 'kafkajs'),
    peer('rdkafka', 'default', 'node-rdkafka'),
  ],
  B: [
    ...java,
    peer('java', 'default', 'java exactly once', { guarantee: 'exactly-once' }),
    ...ours,
    peer('millrace', 'view', 'millrace view exactly once', { guarantee: 'exactly-once' }),
    yardstick,
  ],
  C: [...java, ...ours, yardstick],
  D: [...java, ...ours, yardstick],
  E: [
    ...java,
    peer('millrace', 'redacted', 'millrace worker'),
    peer('millrace', 'plain', 'millrace worker unredacted'),
    peer('raw', 'document', yardstickName, { isYardstick: true }),
  ],
}

/** The better one of them is what all others are compared with. */
export const baselineNames: readonly string[] = java.map(({ name }) => name)
