import { inputTopicOf } from '../peers/inputs.ts'
import type { Job } from '../peers/jobs.ts'
import { fleetLog, generateLogs } from '../peers/logs.ts'
import { type Peer, peersOf } from '../peers/peer.ts'

/** What a record passes through, and what is measured there. */
export interface Scene {
  readonly name: string
  readonly job: Job
  readonly guarantee: 'at-least-once' | 'exactly-once'
  readonly commitMs: number
  readonly peers: readonly Peer[]
  readonly input: string
  /** Rates above it are left out. */
  readonly rateMax: number
  /** The log of this number, sent at this time. */
  log(index: number, nowMs: number): { readonly key: Buffer; readonly value: Buffer }
  /** Whether a record that came out is one of the logs that went in. */
  isLog(value: Uint8Array): boolean
}

export const ours = 'millrace view'
export const ourWorker = 'millrace worker'
export const sceneNames = ['stateless', 'exactly-once', 'fleet'] as const
export type SceneName = (typeof sceneNames)[number]

/** As Kafka Streams commits under exactly-once. */
export const exactCommitMs = 100
/** Two cores that the broker uses too are busy with this; beyond it, a queue is measured. */
const gentleRate = 10_000

const logs = [...generateLogs(20_000)]
const logsOfJobs = logs.map(({ key, log }) => ({ key: Buffer.from(key), value: Buffer.from(JSON.stringify(log)) }))

const jobLog: Scene['log'] = (index) => logsOfJobs[index % logsOfJobs.length] as (typeof logsOfJobs)[number]

/** Each log has an id of its own, otherwise it is a duplicate, and is from now, otherwise it is late. */
const workerLog: Scene['log'] = (index, nowMs) => {
  const { key, log } = logs[index % logs.length] as (typeof logs)[number]
  const own = {
    ...log,
    timestamp: new Date(nowMs).toISOString(),
    correlationId: `${nowMs.toString(16)}-${index.toString(16)}`,
  }
  return { key: Buffer.from(key), value: Buffer.from(JSON.stringify(fleetLog(own))) }
}

/** The scenes with these names; `names` are those of programs, undefined for the usual ones. */
export function scenesOf(
  scenes: readonly string[],
  names: readonly string[] | undefined,
  commitMs: number,
): readonly Scene[] {
  const peersWith = (job: Job, usual: readonly string[]) =>
    peersOf[job].filter(({ name }) => (names ?? usual).includes(name))
  const stateless: Scene = {
    name: 'stateless',
    job: 'A',
    guarantee: 'at-least-once',
    commitMs,
    peers: peersWith('A', ['java', 'millrace json', ours]),
    input: inputTopicOf('A'),
    rateMax: Number.POSITIVE_INFINITY,
    log: jobLog,
    isLog: () => true,
  }
  const exactlyOnce: Scene = {
    ...stateless,
    name: 'exactly-once',
    guarantee: 'exactly-once',
    commitMs: exactCommitMs,
    peers: peersWith('A', ['java', ours]),
    rateMax: gentleRate,
  }
  const fleet: Scene = {
    ...stateless,
    name: 'fleet',
    job: 'E',
    peers: peersWith('E', [ourWorker]),
    input: inputTopicOf('E'),
    rateMax: gentleRate,
    log: workerLog,
    isLog: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength).includes('"eventId"'),
  }
  return [stateless, exactlyOnce, fleet].filter(({ name }) => scenes.includes(name))
}
