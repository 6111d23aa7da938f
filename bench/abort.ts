import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { composeOn } from '../src/app.ts'
import { systemClock } from '../src/core/clock.ts'
import { MillraceError } from '../src/core/errors.ts'
import { silentLogger } from '../src/core/logger.ts'
import { defineTopology, string } from '../src/index.ts'
import { MemoryCluster } from '../src/kafka/memory/cluster.ts'
import { createMemoryDriver } from '../src/kafka/memory/driver.ts'

const rows = Number(process.argv[2] ?? 1_000_000)
const aborts = Number(process.argv[3] ?? 5)
/** Uncommitted when the commit fails. */
const uncommitted = 20_000
const texts = { key: string(), value: string() }

const topology = defineTopology('abort', (builder) => {
  builder.stream('in', texts).groupByKey().count({ store: 'counts' }).toStream().mapValues(String).to('out', texts)
})

/** How long a thread with so many rows in LMDB does nothing after a transaction of it was aborted. */
async function measure(): Promise<void> {
  const cluster = new MemoryCluster({ clock: systemClock })
  for (const name of ['in', 'out']) cluster.createTopic({ name, partitions: 1, replicationFactor: 1, configs: {} })
  const stateDirectory = await mkdtemp(join(tmpdir(), 'millrace-abort-'))
  let takenBackAtMs = 0
  const listener = { onError: () => (takenBackAtMs = performance.now()) }
  const options = { applicationId: 'abort', processingGuarantee: 'exactly-once', commitIntervalMs: 2000 } as const
  const config = { ...options, stateDirectory, cacheBytesMax: 0, listener, logger: silentLogger }
  const streams = composeOn(createMemoryDriver(cluster), config, topology)
  const { application } = streams
  await application.start()
  const processed = () => application.status().tasks.reduce((sum, task) => sum + task.processed, 0)
  let sent = 0
  const write = (count: number) => {
    for (let index = 0; index < count; index++, sent++)
      cluster.append('in', 0, Buffer.from(`key-${sent % rows}`), Buffer.from('value'), Date.now())
  }
  for (let left = rows; left > 0; left -= 50_000) {
    write(Math.min(left, 50_000))
    while (processed() < sent) await sleep(5)
  }
  await sleep(3000)
  for (let round = 0; round < aborts; round++) {
    const before = processed()
    write(uncommitted)
    while (processed() < before + uncommitted) await sleep(1)
    cluster.faults.failNextTransactionCall(
      'commit',
      new MillraceError('TRANSACTION_ABORTABLE', 'transaction-aborted', 'the transaction must be aborted'),
    )
    takenBackAtMs = 0
    while (takenBackAtMs === 0) await sleep(1)
    const beginMs = takenBackAtMs
    const count = processed()
    while (processed() <= count) await sleep(1)
    console.log(
      `abort ${round + 1} of ${rows} rows, ${uncommitted} of them changed: ${(performance.now() - beginMs).toFixed(0)} ms`,
    )
    await sleep(3000)
  }
  await streams.close()
  await rm(stateDirectory, { recursive: true })
}

await measure()
