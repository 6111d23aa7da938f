import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { fork } from 'node:child_process'
import { noHeaders } from '../src/core/headers.ts'
import { elasticsearchSink, filesSink, type Sink, type SinkFactory, splunkHecSink } from '../src/sinks/index.ts'
import { median } from './median.ts'

/**
 * What a document costs on its way through a sink, several tasks in turn as a thread feeds them:
 * `npm run bench -- sinks [name]`, which leaves the collector no reason to run while it counts. The servers are stand-ins
 * in a process of their own that take everything, so that the time is the sink's.
 */

const tasks = 4
const recordsPerTurn = 256
const turnsPerFlush = 200
const flushes = 6
const heldUpMs = 2
const documents = Array.from({ length: 1000 }, (_, index) => documentOf(index))
const texts = documents.map((document) => JSON.stringify(document))
const bytes = texts.map((text) => Buffer.from(text))

function documentOf(index: number): Record<string, unknown> {
  return {
    timestamp: 1_700_000_000_000 + index,
    level: index % 10 === 0 ? 'error' : 'info',
    component: 'auth-service',
    message: `Login of account ${index} succeeded through the gateway after ${index % 7} attempts`,
    service: 'fastmcp-server',
    host: `host-${index % 20}`,
    environment: 'production',
    correlationId: `c-${index}-0123456789abcdef`,
    traceId: '0123456789abcdef0123456789abcdef',
    durationMs: index % 500,
    statusCode: 200,
    attributes: { region: 'eu-central-1', path: '/api/v1/items/12345', agent: 'Mozilla/5.0 (X11; Linux x86_64)' },
    tags: ['auth', 'gateway'],
    dataClass: 'internal',
  }
}

interface Bench {
  readonly name: string
  readonly values: readonly unknown[]
  readonly factory: (folder: string, url: string) => SinkFactory
}

const files = (folder: string): SinkFactory => filesSink({ name: 'files', directory: folder, file: 'logs.ndjson' })
const search = (_folder: string, url: string): SinkFactory =>
  elasticsearchSink({ name: 'search', node: url, index: 'logs-YYYY.MM.DD' })
const hec = (_folder: string, url: string): SinkFactory =>
  splunkHecSink({ name: 'splunk', url, token: 'token', index: 'logs', sourcetype: 'json' })

const benches: readonly Bench[] = [
  { name: 'files, text', values: texts, factory: files },
  { name: 'files, bytes', values: bytes, factory: files },
  { name: 'files, objects', values: documents, factory: files },
  { name: 'elasticsearch, bytes', values: bytes, factory: search },
  { name: 'elasticsearch, objects', values: documents, factory: search },
  { name: 'splunk, bytes', values: bytes, factory: hec },
  { name: 'splunk, objects', values: documents, factory: hec },
]

interface Cost {
  readonly addNs: number
  readonly heapBytes: number
  readonly cpuNs: number
  readonly flushMs: number
}

/** Each round is what a thread does between two commits, and the flush of the commit. */
async function measure(sinks: readonly Sink[], values: readonly unknown[]): Promise<Cost> {
  const rounds: Omit<Cost, 'addNs'>[] = []
  // The median turn: this process is not alone on its machine.
  const turnNs: number[] = []
  let offset = 0
  for (let round = 0; round < flushes; round++) {
    globalThis.gc?.()
    const cpuBefore = process.cpuUsage()
    let heapBytes = 0
    for (let turn = 0; turn < turnsPerFlush; turn++) {
      const sink = sinks[turn % sinks.length] as Sink
      const heapBefore = process.memoryUsage().heapUsed
      const startedMs = performance.now()
      const end = offset + recordsPerTurn
      for (; offset < end; offset++) {
        sink.add({
          topic: 'logs',
          partition: turn % sinks.length,
          offset,
          sequence: 0,
          timestamp: 1_700_000_000_000 + offset,
          key: null,
          value: values[offset % values.length],
          headers: noHeaders,
        })
      }
      turnNs.push(((performance.now() - startedMs) * 1e6) / recordsPerTurn)
      heapBytes += Math.max(0, process.memoryUsage().heapUsed - heapBefore)
      for (const one of sinks) one.pump(performance.now())
      while (sinks.some(({ isFull }) => isFull)) await setTimeout(heldUpMs)
      await setImmediate()
    }
    const flushedMs = performance.now()
    await Promise.all(sinks.map((sink) => sink.flush(60_000)))
    const { user, system } = process.cpuUsage(cpuBefore)
    const records = turnsPerFlush * recordsPerTurn
    rounds.push({
      heapBytes: heapBytes / records,
      cpuNs: ((user + system) * 1000) / records,
      flushMs: performance.now() - flushedMs,
    })
  }
  return {
    addNs: median(turnNs),
    heapBytes: median(rounds.map((round) => round.heapBytes)),
    cpuNs: median(rounds.map((round) => round.cpuNs)),
    flushMs: median(rounds.map((round) => round.flushMs)),
  }
}

async function run({ name, values, factory }: Bench, url: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const made = factory(folder, url)
  const sinks = Array.from({ length: tasks }, (_, task) => made.create(`0_${task}`))
  try {
    for (const sink of sinks) await sink.open({ reject: ({ reason }) => console.error(reason) })
    const { addNs, heapBytes, cpuNs, flushMs } = await measure(sinks, values)
    console.log(
      name.padEnd(24),
      `add ${addNs.toFixed(0).padStart(6)} ns`,
      `heap ${heapBytes.toFixed(0).padStart(6)} B`,
      `process ${cpuNs.toFixed(0).padStart(6)} ns`,
      `flush ${flushMs.toFixed(0).padStart(5)} ms`,
    )
  } finally {
    for (const sink of sinks) await sink.close()
    await rm(folder, { recursive: true })
  }
}

/** Takes every bulk and every event. */
async function serve(): Promise<void> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      response.setHeader('content-type', 'application/json')
      response.setHeader('x-elastic-product', 'Elasticsearch')
      response.end(JSON.stringify(answerTo(request, Buffer.concat(chunks))))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  process.send?.((server.address() as AddressInfo).port)
}

function answerTo({ url = '', headers }: IncomingMessage, body: Buffer): unknown {
  if (url.includes('health')) return { text: 'HEC is healthy', code: 17 }
  if (url.includes('collector')) return { text: 'Success', code: 0 }
  if (!url.includes('_bulk')) return { version: { number: '8.19.2' } }
  const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
  let lines = 0
  for (let at = plain.indexOf('\n'); at >= 0; at = plain.indexOf('\n', at + 1)) lines++
  return { errors: false, items: Array.from({ length: lines / 2 }, () => ({ create: { status: 201 } })) }
}

if (process.argv[2] === '--serve') await serve()
else {
  const child = fork(import.meta.filename, ['--serve'])
  const port = await new Promise<number>((resolve) => child.once('message', (sent) => resolve(sent as number)))
  const wanted = process.argv[2]
  const chosen = benches.filter(({ name }) => wanted === undefined || name.startsWith(wanted))
  for (const bench of chosen) await run(bench, `http://127.0.0.1:${port}`)
  child.kill()
}
