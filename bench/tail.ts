import { fork } from 'node:child_process'
import { once } from 'node:events'
import { get } from 'node:http'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { guardProcess, releaseProcess } from '../scripts/lab/guard.mjs'
import { compileFilter, type TailFilterDefinition } from '../src/live-tail/tail-filter.ts'
import { FilterIndex } from '../src/live-tail/filter-index.ts'
import { LineScanner } from '../src/live-tail/line-scanner.ts'
import { createRedactor } from '../src/pipelines/index.ts'
import { MemoryKafka } from '../src/testing/index.ts'
import { loneConsumer } from '../src/kafka/lone-consumer.ts'
import { openKafka } from '../src/index.ts'
import { startKafka } from '../test/support/kafka-cluster.ts'
import { WireClient } from '../test/support/wire-client.ts'
import { loadFilter, loadLog } from './tail/tail-load.ts'
import type { TailCost } from './tail/tail-process.ts'
import { wholeNumber } from './whole-number.ts'

const options = new Command('npm run bench -- tail')
  .description('Clients of a live tail with different filters, on a real broker; and how fast a filter scans.')
  .option('--clients <count>', 'server-sent events', wholeNumber(1), 1000)
  .option('--rate <logs>', 'logs a second', wholeNumber(1), 20_000)
  .option('--seconds <count>', 'measured, after 3 to warm up', wholeNumber(1), 10)
  .option('--scan-only', 'without a broker: how fast a filter scans')
  .parse()
  .opts<{ clients: number; rate: number; seconds: number; scanOnly?: boolean }>()

const partitions = 12
const logs = Array.from({ length: 50_000 }, (_, number) => Buffer.from(loadLog(number)))

/** One viewer's filter over records, from the bytes of Kafka on. */
async function scan(name: string, filter: TailFilterDefinition): Promise<void> {
  const memory = new MemoryKafka({ topics: { logs: 1 } })
  for (const log of logs) memory.cluster.append('logs', 0, null, log, 0, [])
  const kafka = openKafka(memory.connection)
  const scanner = new LineScanner(createRedactor())
  const index = new FilterIndex<number>()
  index.add(compileFilter(filter), 1)
  let cpuMs = Number.POSITIVE_INFINITY
  let found = 0
  for (let round = 0; round < 4; round++) {
    const consumer = loneConsumer(kafka)
    consumer.assign([{ topic: 'logs', partition: 0, offset: 0 }])
    found = 0
    let read = 0
    let roundMs = 0
    while (read < logs.length) {
      const batches = await consumer.poll(1000)
      const before = process.cpuUsage()
      for (const batch of batches) {
        for (let at = 0; at < batch.count; at++) {
          const line = scanner.line(batch, at)
          if (line !== undefined) index.find(line, () => found++)
        }
        read += batch.count
      }
      const { user, system } = process.cpuUsage(before)
      roundMs += (user + system) / 1000
    }
    await consumer.close()
    cpuMs = Math.min(cpuMs, roundMs)
  }
  await kafka.close()
  const perSecond = Math.round(logs.length / (cpuMs / 1000))
  console.log(`| ${name} | ${perSecond.toLocaleString('en')} | ${found} of ${logs.length} |`)
}

console.log('| a filter that asks for | records/s of a core (goal 100,000) | found |\n|---|---|---|')
await scan('a service and a component', { services: ['service-7'], components: ['component-3'] })
await scan('levels', { levels: ['error', 'critical'] })
await scan('a text', { text: 'after 39 ms' })
await scan('when: statusCode >= 500', { when: 'statusCode >= 500' })
if (options.scanOnly === true) process.exit(0)

const kafka = await startKafka({ fullSpeed: true })
const client = new WireClient(kafka.bootstrap)
// The time of a line is then that of its append.
const topic = await client.topic(partitions, { 'message.timestamp.type': 'LogAppendTime' })
const child = fork(join(import.meta.dirname, 'tail/tail-process.js'), [kafka.bootstrap, topic])
guardProcess(child.pid as number)

async function told(): Promise<TailCost> {
  const [cost] = (await once(child, 'message')) as [TailCost]
  return cost
}
function ask(): Promise<TailCost> {
  const answer = told()
  child.send('cost')
  return answer
}

let isMeasured = false
let measuredFromMs = 0
const latencies: number[] = []
const timeOfLine = /"timeMs":(\d+)/g

/** Counts how long each line took, by the clock of this machine, which is the broker's too. */
function watch(text: string): void {
  if (!isMeasured) return
  const nowMs = Date.now()
  for (const [, timeMs] of text.matchAll(timeOfLine))
    if (Number(timeMs) >= measuredFromMs) latencies.push(nowMs - Number(timeMs))
}

function open(port: number, query: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get({ port, path: `/logs/stream?${query}`, agent: false }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`the live tail answers ${response.statusCode}`))
      response.setEncoding('utf8').on('data', watch)
      resolve()
    })
    request.once('error', reject)
  })
}

try {
  const { port = 0 } = await told()
  for (let opened = 0; opened < options.clients; opened += 50) {
    const some = Math.min(50, options.clients - opened)
    await Promise.all(Array.from({ length: some }, (_, at) => open(port, loadFilter(opened + at))))
  }
  const producer = await client.producer([topic], {
    acks: 'leader',
    idempotent: false,
    compression: 'none',
    lingerMs: 1,
  })
  const beginMs = Date.now()
  measuredFromMs = beginMs + 3000
  const endMs = measuredFromMs + options.seconds * 1000
  let before: TailCost | undefined
  let sent = 0
  while (Date.now() < endMs) {
    const nowMs = Date.now()
    for (const due = ((nowMs - beginMs) * options.rate) / 1000; sent < due; sent++)
      producer.send(topic, sent % partitions, null, logs[sent % logs.length] as Buffer, nowMs, [])
    if (before === undefined && nowMs >= measuredFromMs) {
      isMeasured = true
      before = await ask()
    }
    await sleep(2)
  }
  const after = await ask()
  const seconds = (Date.now() - measuredFromMs) / 1000
  await sleep(500)
  await producer.close(10_000)
  const at = (share: number): number | string =>
    latencies.sort((a, b) => a - b)[Math.floor(latencies.length * share)] ?? '-'
  const rate = ((after.linesRead ?? 0) - (before?.linesRead ?? 0)) / seconds
  const cores = ((after.cpuMs ?? 0) - (before?.cpuMs ?? 0)) / 1000 / seconds
  console.log(`
| | measured | goal |
|---|---|---|
| clients | ${options.clients} | 1,000 |
| logs read/s | ${Math.round(rate).toLocaleString('en')} | 20,000 |
| logs not read at the end | ${(sent - (after.linesRead ?? 0)).toLocaleString('en')} | |
| lines shown/s | ${Math.round(latencies.length / options.seconds).toLocaleString('en')} | |
| append to client, p50 ms | ${at(0.5)} | |
| append to client, p95 ms | ${at(0.95)} | 50 |
| append to client, p99 ms | ${at(0.99)} | |
| memory of the process, MiB | ${Math.round((after.rssBytes ?? 0) / 1_048_576)} | 512 |
| cores of the process | ${cores.toFixed(2)} | |

load of the machine: ${loadavg()[0]?.toFixed(1)}`)
} finally {
  child.kill('SIGKILL')
  releaseProcess(child.pid as number)
  await client.close()
  await kafka.stop()
}
process.exit(0)
