import { fleetWorker } from '../fleet/fleet-worker.ts'
import { type Application, silentLogger } from '../src/index.ts'
import { startWorker } from '../src/worker/index.ts'

/**
 * The application worker, started as production starts it, until nothing is left to read: then one line of JSON with what
 * it cost. Settings come from the environment; the argument is the count of records that wait for it.
 */
export interface WorkerCost {
  /** Wall time from the first record to the last, and to the commit that covers it. */
  readonly tookMs: number
  readonly committedMs: number
  readonly cpuSeconds: number
  readonly startCpuSeconds: number
  readonly residentMbMax: number
  readonly heapMbMax: number
  readonly buffersMbMax: number
  /** Records of all tasks: the input's and those of repartition topics. */
  readonly processed: number
  readonly duplicates: number
  readonly deadLetters: number
  readonly commits: number
  /** Records a second in each tenth of the input. */
  readonly ratesByTenth: readonly number[]
}

const sampleMs = 100
const records = Number(process.argv[2])
const streams = await startWorker(fleetWorker('application'), { logger: silentLogger })

interface Progress {
  readonly read: number
  readonly isDrained: boolean
  readonly isCommitted: boolean
}

function progressOf(application: Application): Progress {
  const partitions = application.status().tasks.flatMap((task) => task.partitions)
  const input = partitions.filter(({ topic }) => topic === 'fastmcp-application-logs')
  return {
    read: input.reduce((sum, { position }) => sum + (position ?? 0), 0),
    isDrained: partitions.every(({ position, endOffset }) => (position ?? 0) >= (endOffset ?? 0)),
    isCommitted: input.reduce((sum, { committedOffset }) => sum + (committedOffset ?? 0), 0) === records,
  }
}

const deadlineMs = performance.now() + 600_000
let first: { readonly ms: number; readonly cpu: NodeJS.CpuUsage } | undefined
let tookMs = 0
let cpuSeconds = 0
let [residentMbMax, heapMbMax, buffersMbMax] = [0, 0, 0]
const tenths: number[] = []
let tenthMs = 0
for (;;) {
  if (performance.now() > deadlineMs)
    throw new Error(`not done in time: ${JSON.stringify(streams.application.status())}`)
  if (streams.application.state === 'ERROR') throw new Error(streams.application.status().failure)
  await new Promise((resolve) => setTimeout(resolve, sampleMs))
  const { read, isDrained, isCommitted } = progressOf(streams.application)
  const nowMs = performance.now()
  const memory = process.memoryUsage()
  residentMbMax = Math.max(residentMbMax, memory.rss / 2 ** 20)
  heapMbMax = Math.max(heapMbMax, memory.heapUsed / 2 ** 20)
  buffersMbMax = Math.max(buffersMbMax, memory.arrayBuffers / 2 ** 20)
  if (read > 0 && first === undefined) {
    first = { ms: nowMs, cpu: process.cpuUsage() }
    tenthMs = nowMs
  }
  if (first === undefined) continue
  if (read >= (records / 10) * (tenths.length + 1)) {
    tenths.push(Math.round((records / 10 / (nowMs - tenthMs)) * 1000))
    tenthMs = nowMs
  }
  if (read < records || !isDrained) continue
  if (tookMs === 0) {
    const { user, system } = process.cpuUsage(first.cpu)
    tookMs = nowMs - first.ms
    cpuSeconds = (user + system) / 1e6
  }
  if (isCommitted) break
}
const { processed, droppedByReason, deadLetters, commits } = streams.application.status().totals
const cost: WorkerCost = {
  tookMs,
  committedMs: performance.now() - (first?.ms ?? 0),
  cpuSeconds,
  startCpuSeconds: ((first?.cpu.user ?? 0) + (first?.cpu.system ?? 0)) / 1e6,
  residentMbMax,
  heapMbMax,
  buffersMbMax,
  processed,
  duplicates: Object.entries(droppedByReason).reduce(
    (sum, [reason, n]) => (/duplicate/.test(reason) ? sum + n : sum),
    0,
  ),
  deadLetters,
  commits,
  ratesByTenth: tenths,
}
console.log(JSON.stringify(cost))
await streams.close({ timeoutMs: 20_000 })
process.exit(0)
