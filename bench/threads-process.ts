import { setTimeout as sleep } from 'node:timers/promises'
import { importTopology, startStreams } from '../src/index.ts'
import { systemClock } from '../src/core/clock.ts'

/** What a run of `threads` costs. */
export interface ThreadsCost {
  readonly recordsPerSecond: number
  readonly cpuSecondsPerMillion: number
  /** Processor time divided by time. */
  readonly cores: number
  /** Before the first record, when all threads have their tasks. */
  readonly idleMebibytes: number
  readonly busyMebibytes: number
}

const [bootstrap = '', kind = 'worker', threads = '1', records = '0', run = ''] = process.argv.slice(2)
const mebibyte = 1024 * 1024
const topology = await importTopology(new URL('./threads-topology.js', import.meta.url))
const config = {
  applicationId: `threads-${run}`,
  kafka: { bootstrap },
  threads: Number(threads),
  groupProtocol: 'classic',
} as const
const streams = await startStreams({ ...config, threadKind: kind as 'worker' | 'event-loop' }, topology)
const { application } = streams
application.pause()
await application.waitFor('RUNNING', 60_000)
await sleep(2000)
const idleMebibytes = process.memoryUsage.rss() / mebibyte
const cpuBefore = process.cpuUsage()
const startMs = systemClock.monotonicMs()
application.resume()
while (application.status().totals.processed < Number(records)) await sleep(10)
const seconds = (systemClock.monotonicMs() - startMs) / 1000
const { user, system } = process.cpuUsage(cpuBefore)
const cost: ThreadsCost = {
  recordsPerSecond: Number(records) / seconds,
  cpuSecondsPerMillion: (user + system) / Number(records),
  cores: (user + system) / 1e6 / seconds,
  idleMebibytes,
  busyMebibytes: process.memoryUsage.rss() / mebibyte,
}
console.log(JSON.stringify(cost))
await streams.close()
