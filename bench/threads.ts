import { spawnSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { ensureTopics } from '../src/worker/index.ts'
import { startKafka } from '../test/support/kafka-cluster.ts'
import { WireClient } from '../test/support/wire-client.ts'
import type { ThreadsCost } from './threads-process.ts'

/** The same records through one thread and through more, of both kinds: rates as ratios of one run, memory per thread. */
const records = Number(process.argv[2] ?? 200_000)
const threadsMax = Number(process.argv[3] ?? 2)
const partitions = 12
const cluster = await startKafka({ fullSpeed: true })
const kafka = { bootstrap: cluster.bootstrap }

async function fill(): Promise<void> {
  await ensureTopics(kafka, [{ name: 'in', partitions, replicationFactor: 1, configs: {} }])
  const client = new WireClient(cluster.bootstrap)
  const producer = await client.producer(['in'], {
    compression: 'none',
    batchBytes: 256 * 1024,
    bufferedBytesMax: 32 * 1024 * 1024,
  })
  const value = Buffer.from('x'.repeat(100))
  for (let index = 0; index < records; index++) {
    if (producer.isFull) await producer.drained()
    producer.send('in', index % partitions, Buffer.from(`key-${index % 10_000}`), value, Date.now(), [])
  }
  await producer.flush(60_000)
  await client.close()
}

function run(kind: 'worker' | 'event-loop', threads: number): ThreadsCost {
  const program = join(import.meta.dirname, 'threads-process.js')
  const args = [program, cluster.bootstrap, kind, String(threads), String(records), `${kind}-${threads}`]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as ThreadsCost
}

try {
  await fill()
  const work = process.env.WORK_MICROSECONDS ?? '20'
  const load = loadavg()[0]?.toFixed(1)
  console.log(`${records} records of ${work} µs each; ${cpus().length} cores, shared with the broker; load ${load}`)
  let base = 0
  for (const kind of ['event-loop', 'worker'] as const) {
    for (let threads = 1, single = 0; threads <= threadsMax; threads++) {
      const cost = run(kind, threads)
      base ||= cost.recordsPerSecond
      single ||= cost.idleMebibytes
      const perThread =
        threads === 1 ? '' : `, ${((cost.idleMebibytes - single) / (threads - 1)).toFixed(0)} per thread`
      console.log(
        `${kind.padEnd(10)} ${threads}: ${cost.recordsPerSecond.toFixed(0)} records/s, ${(cost.recordsPerSecond / base).toFixed(2)} of the first, ${cost.cores.toFixed(2)} cores; ` +
          `${cost.cpuSecondsPerMillion.toFixed(1)} CPU seconds per million; MiB resident: ${cost.idleMebibytes.toFixed(0)} idle${perThread}, ${cost.busyMebibytes.toFixed(0)} busy`,
      )
    }
  }
} finally {
  await cluster.stop()
}
