import { monitorEventLoopDelay } from 'node:perf_hooks'
import { composeStreams, defineTopology, silentLogger, string } from '../src/index.ts'

/**
 * One application whose only store is restored from its changelog: started, closed when its tasks run, then one line of
 * JSON with what that took. Arguments: broker, application id, state directory, tasks.
 */
export interface RestoreCost {
  readonly records: number
  /** From `start` until every task runs, and of it from the first restored record to the last. */
  readonly runningMs: number
  readonly restoreMs: number
  readonly cpuSeconds: number
  readonly closeMs: number
  readonly blockedMsMax: number
}

const [bootstrap = '', applicationId = '', stateDirectory = '', tasksText = '1'] = process.argv.slice(2)
const topology = defineTopology('restore', (builder) => {
  builder
    .stream(`${applicationId}-in`, { name: 'in', key: string(), value: string() })
    .groupByKey({ name: 'grouped' })
    .aggregate(
      () => '',
      (_key, value) => value,
      { name: 'agg', store: 'agg', key: string(), value: string() },
    )
})
let records = 0
let restoreMs = 0
const streams = composeStreams(
  {
    applicationId,
    kafka: { bootstrap: [bootstrap] },
    stateDirectory,
    offsetReset: 'earliest',
    logger: silentLogger,
    listener: {
      onRestored(event) {
        records += event.restoredRecords
        restoreMs = Math.max(restoreMs, event.elapsedMs)
      },
      onError: (_thread, error) => console.error(error),
    },
  },
  topology,
)
const delay = monitorEventLoopDelay({ resolution: 5 })
const cpuBefore = process.cpuUsage()
const startedMs = performance.now()
await streams.application.start()
delay.enable()
for (;;) {
  const { tasks } = streams.application.status()
  if (tasks.length === Number(tasksText) && tasks.every(({ state }) => state === 'RUNNING')) break
  if (streams.application.state === 'ERROR') throw new Error(streams.application.status().failure)
  await new Promise((resolve) => setTimeout(resolve, 20))
}
const runningMs = performance.now() - startedMs
const { user, system } = process.cpuUsage(cpuBefore)
const cost = { records, runningMs, restoreMs, cpuSeconds: (user + system) / 1e6, blockedMsMax: delay.max / 1e6 }
const closedMs = performance.now()
await streams.close({ timeoutMs: 120_000 })
process.stdout.write(`${JSON.stringify({ ...cost, closeMs: performance.now() - closedMs } satisfies RestoreCost)}\n`)
