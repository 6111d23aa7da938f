/** The parts of which a topology is made; each has inputs and outputs of its own. */
export const partNames = ['stateless', 'windows', 'tables', 'streams', 'deduplicate', 'suppress', 'held'] as const
export type PartName = (typeof partNames)[number]

/**
 * What goes wrong.
 * - `crash`: a process is gone at its n-th request from now on, and comes back later
 * - `leave`: it closes as it should, and comes back later
 * - `stop`: it does not run for a while, as after SIGSTOP
 * - `cut`: nothing gets from it to the cluster or back for a while
 * - `slow`: each of its requests takes longer for a while
 * - `lost`: the answer to its next commit, abort or initialization does not come, or the request does not arrive
 * - `fence`: the group takes its threads for dead
 * - `expire`: the cluster aborts its open transactions and fences their producers
 * - `refuse`: the next commit of anyone is refused for the moment
 * - `flaky`: the next records of anyone are not delivered
 * - `held`: all records are in flight for a while
 * - `markers`: the cluster takes its time to write the markers of transactions
 * - `stumble`: a function of the topology throws between its two results, or after it has changed its store
 * - `damage`: what is written to a disk next finds that the state there cannot be trusted
 * - `full`: the disk has no room for what is written next
 * - `retention`: input that is committed is deleted, and changelogs are compacted
 */
export const faultKinds = [
  'crash',
  'leave',
  'stop',
  'cut',
  'slow',
  'lost',
  'fence',
  'expire',
  'refuse',
  'flaky',
  'held',
  'markers',
  'stumble',
  'damage',
  'full',
  'retention',
] as const
export type FaultKind = (typeof faultKinds)[number]

/** Members that a kind has no use for are ignored. */
export interface Fault {
  readonly kind: FaultKind
  /** After the start. */
  readonly atMs: number
  /** From 0. */
  readonly process: number
  readonly forMs: number
  /** Requests, records or errors. */
  readonly count: number
}

export interface Input {
  readonly atMs: number
  readonly topic: string
  readonly key: string
  readonly value: string | null
  /** Of the record, after the start. */
  readonly timeMs: number
}

/** The application that a history is about. */
export interface Scene {
  readonly parts: readonly PartName[]
  readonly guarantee: 'exactly-once' | 'at-least-once'
  readonly processes: number
  readonly threads: number
  readonly partitions: number
  readonly standbys: number
  /** Where state is kept. `none`: it is restored from the changelogs at each start. */
  readonly disk: 'none' | 'memory' | 'lmdb'
  readonly hasInstanceIds: boolean
  readonly cacheBytesMax: number
  readonly commitIntervalMs: number
  /** Of a request, at most. */
  readonly latencyMs: number
}

/** All that a play depends on: the same history is played in the same way each time. */
export interface History {
  /** A sentence: what it showed. */
  readonly about?: string
  /** Of latencies. */
  readonly seed: number
  readonly scene: Scene
  readonly inputs: readonly Input[]
  readonly faults: readonly Fault[]
}
