import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { silentLogger } from '../../../src/core/logger.ts'
import { defineTopology, string } from '../../../src/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { asWorker } from '../../../src/worker/load-worker.ts'
import { prepareWorker } from '../../../src/worker/prepare-worker.ts'
import { runWorkers } from '../../../src/worker/run-workers.ts'
import { defineWorker, runWorker } from '../../../src/worker/index.ts'
import { freePorts } from '../../../scripts/lab/processes.mjs'

const texts = { key: string(), value: string() }
const copies = defineTopology('copies', (builder) => {
  builder.stream('originals', texts).to('copies')
})
const fragile = defineTopology('fragile', (builder) => {
  builder
    .stream('originals', texts)
    .mapValues((value) => {
      if (value === 'bad') throw new Error('no')
      return value
    })
    .to('copies', texts)
})

let kafka: MemoryKafka
let folder: string
let opsPort: number
let stop: (reason: string) => void
let stopped: Promise<string>

beforeEach(async () => {
  kafka = new MemoryKafka({ topics: { originals: 1, copies: 1 } })
  folder = mkdtempSync(join(tmpdir(), 'millrace-run-'))
  const [port = 0] = await freePorts(1)
  opsPort = port
  stopped = new Promise((resolve) => {
    stop = resolve
  })
})
afterEach(() => {
  stop('the test is over')
  rmSync(folder, { recursive: true, force: true })
})

const environment = (more: Readonly<Record<string, string>> = {}) => ({
  KAFKA_OFFSET_RESET: 'earliest',
  COMMIT_INTERVAL_MS: '20',
  STATE_DIRECTORY: folder,
  OPS_PORT: String(opsPort),
  ...more,
})
const prepared = (definition: Parameters<typeof asWorker>[0], more?: Readonly<Record<string, string>>) =>
  prepareWorker(asWorker(definition), { environment: environment(more), logger: () => silentLogger })
const run = (definition: Parameters<typeof runWorker>[0], more?: Readonly<Record<string, string>>) =>
  runWorker(definition, {
    stop: stopped,
    environment: environment(more),
    kafka: kafka.connection,
    logger: silentLogger,
  })
const copied = () => kafka.topic('copies', texts).read()
const isReady = async () => (await fetch(`http://127.0.0.1:${opsPort}/ready`)).status === 200

describe('runWorker', () => {
  test('runs a plain topology until it is asked to end, and then drains with 0', async () => {
    kafka.topic('originals', texts).write('a', 'b')
    const code = run(copies)
    await kafka.until(() => copied().length === 1)
    stop('SIGTERM')
    expect(await code).toBe(0)
    expect(kafka.uncommitted('copies', 'originals')).toBe(0)
  })

  test('answers probes and metrics while it runs', async () => {
    const code = run(copies)
    kafka.topic('originals', texts).write('a', 'b')
    await kafka.until(() => copied().length === 1)
    expect(await isReady()).toBe(true)
    const metrics = await (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text()
    expect(metrics).toContain('kafka_consumer_lag{topic="originals",partition="0"}')
    stop('SIGTERM')
    await code
  })

  test('creates the topics of its definition', async () => {
    const topic = { name: 'ordered', partitions: 3, replicationFactor: 1, configs: {} }
    const code = run(defineWorker({ name: 'creator', topology: () => copies, topics: () => [topic] }))
    await kafka.until(() => kafka.cluster.topics.has('ordered'))
    stop('SIGTERM')
    await code
  })

  test('creates no topics where KAFKA_CREATE_TOPICS forbids it', async () => {
    const topic = { name: 'ordered', partitions: 3, replicationFactor: 1, configs: {} }
    const worker = defineWorker({ name: 'creator', topology: () => copies, topics: () => [topic] })
    kafka.topic('originals', texts).write('a', 'b')
    const code = run(worker, { KAFKA_CREATE_TOPICS: 'false' })
    await kafka.until(() => copied().length === 1)
    expect(kafka.cluster.topics.has('ordered')).toBe(false)
    stop('SIGTERM')
    await code
  })

  test('ends with 1 at the first record that fails', async () => {
    kafka.topic('originals', texts).write('a', 'bad')
    expect(await run(fragile)).toBe(1)
  })

  test('sends records that fail to DEAD_LETTER_TOPIC, which it creates, and continues', async () => {
    kafka.topic('originals', texts).write('a', 'bad')
    kafka.topic('originals', texts).write('a', 'good')
    const code = run(fragile, { DEAD_LETTER_TOPIC: 'letters' })
    await kafka.until(() => copied().length === 1)
    expect(kafka.topic('letters', texts).read()).toMatchObject([{ value: 'bad' }])
    stop('SIGTERM')
    expect(await code).toBe(0)
  })

  const members = () => kafka.cluster.group('copies').memberCount
  const staticMember = () => ({ KAFKA_GROUP_INSTANCE_ID: 'pod-3', KAFKA_LEAVE_GROUP_FILE: join(folder, 'leave') })

  test('a static member that stops stays in the group, so that its tasks wait for it', async () => {
    const code = run(copies, staticMember())
    await kafka.until(() => members() === 1)
    stop('SIGTERM')
    await code
    expect(members()).toBe(1)
  })

  test('a static member leaves the group when it stops if the file of KAFKA_LEAVE_GROUP_FILE is there', async () => {
    const code = run(copies, staticMember())
    await kafka.until(() => members() === 1)
    writeFileSync(join(folder, 'leave'), '')
    stop('SIGTERM')
    await code
    expect(members()).toBe(0)
  })

  test('gives the record caches the memory of CACHE_BYTES_MAX, or leaves the default', async () => {
    expect((await prepared(copies, { CACHE_BYTES_MAX: '1000000' })).engine.cacheBytesMax).toBe(1_000_000)
    expect((await prepared(copies)).engine.cacheBytesMax).toBeUndefined()
  })

  test('ends with 2 when its settings cannot be used', async () => {
    expect(await run(copies, { LOG_LEVEL: 'loud' })).toBe(2)
  })
})

describe('several workers in one process', () => {
  const other = defineTopology('other', (builder) => {
    builder.stream('originals', texts).to('others')
  })

  test('drain together when one of them fails', async () => {
    kafka.topic('originals', texts).write('a', 'bad')
    const [, next = 0] = await freePorts(2)
    const workers = [await prepared(fragile), await prepared(copies, { OPS_PORT: String(next) })]
    expect(await runWorkers(workers, { stop: stopped, kafka: kafka.connection })).toBe(1)
  })

  test('are refused when they have one application id', async () => {
    const workers = await Promise.all([copies, other].map((one) => prepared(one, { APPLICATION_ID: 'same' })))
    await expect(runWorkers(workers, { stop: stopped })).rejects.toThrow(
      /APPLICATION_ID.* is same for copies and other/,
    )
  })
})

test('a state directory that cannot be created is reported before the wait for Kafka', async () => {
  const worker = await prepared(copies, {
    KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
    STATE_DIRECTORY: fileURLToPath(import.meta.url),
  })
  const startedMs = performance.now()
  await expect(runWorkers([worker], { stop: stopped })).rejects.toMatchObject({
    code: 'STATE_DIRECTORY_UNUSABLE',
    message: expect.stringContaining('STATE_DIRECTORY'),
  })
  // Kafka would be given half a minute.
  expect(performance.now() - startedMs).toBeLessThan(15_000)
})
