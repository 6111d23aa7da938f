import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { workerKinds } from '../../../fleet/kinds.ts'
import { topics } from '../../../fleet/topics.ts'
import { freePorts } from '../../../scripts/lab/processes.mjs'
import { builtProgram } from '../../support/built.ts'
import { HecServer } from '../../support/hec-server.ts'
import { until } from '../../support/until.ts'
import { requireServer } from '../../support/require-server.ts'
import { FleetProcess } from './fleet-process.ts'
import { FleetRig, someLogs, startWorkerProcess, type WorkerProcess } from './fleet-rig.ts'
import { ndjson } from './start-process.ts'

const input = topics.application.name

beforeAll(() => {
  builtProgram('workers/application')
}, 120_000)

afterEach(() => FleetProcess.endAll())

const isReady = async ({ ask }: WorkerProcess): Promise<boolean> => (await ask('/ready')).status === 200

describe('a worker whose settings are wrong', () => {
  test('a worker with wrong settings reports all errors together, names the secrets without their values, and ends with 2', async () => {
    const { process } = await startWorkerProcess('application', {
      KAFKA_BOOTSTRAP_SERVERS: 'nowhere',
      COMMIT_INTERVAL_MS: 'soon',
      LOG_LEVEL: 'loud',
      SPLUNK_HEC_URL: 'http://127.0.0.1:1',
      ELASTICSEARCH_PASSWORD: 'hunter2',
    })
    expect(await process.exitCode(30_000)).toBe(2)
    const told = process.textOf('stderr')
    for (const name of [
      'KAFKA_BOOTSTRAP_SERVERS',
      'COMMIT_INTERVAL_MS',
      'LOG_LEVEL',
      'SPLUNK_HEC_TOKEN',
      'ELASTICSEARCH_USERNAME',
    ])
      expect(told).toContain(name)
    expect(told).not.toContain('hunter2')
    expect(told).not.toContain('    at ')
  })

  test('names a geoip database that is not there, and ends with 2', async () => {
    const { process } = await startWorkerProcess('application', {
      GEOIP_DATABASE: '/nowhere/city.mmdb',
      KAFKA_CREATE_TOPICS: 'false',
    })
    expect(await process.exitCode(30_000)).toBe(2)
    expect(process.textOf('stderr')).toMatch(/^millrace: .*\/nowhere\/city\.mmdb.*\[GEOIP_DATABASE\]$/m)
  })
})

describe('a worker whose Kafka is unreachable', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'is live, not ready, and ends at %s, sent once or twice',
    async (signal) => {
      const [port] = await freePorts(1)
      const worker = await startWorkerProcess('audit', { KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:${port}` })
      await until(async () => (await worker.ask('/live')).status === 200, 30_000, 'it is live')
      expect(await worker.ask('/ready')).toEqual({ status: 503, text: '{"ok":false,"reason":"starting"}' })
      worker.process.signal(signal)
      worker.process.signal(signal)
      expect(await worker.process.exitCode(20_000)).toBe(0)
    },
  )
})

requireServer('kafka').describe('worker processes on a real Kafka', () => {
  let rig: FleetRig

  beforeAll(async () => {
    rig = await FleetRig.start()
  })

  afterAll(() => rig.stop())

  test.each(workerKinds)('the %s worker gets ready, reports its lag, and reads with its own group', async (kind) => {
    const { name, partitions } = topics[kind]
    const worker = await rig.worker(kind, { KAFKA_GROUP_PREFIX: 'probe', FILES_DIRECTORY: 'out' })
    await until(async () => (await worker.ask('/live')).status === 200, 30_000, 'it is live')
    await until(() => isReady(worker), 30_000, 'it is ready')
    await until(async () => (await worker.lags(name)).size === partitions, 30_000, 'it knows all lags')
    const { text } = await worker.ask('/metrics')
    for (let partition = 0; partition < partitions; partition++) {
      expect(text).toContain(`kafka_consumer_lag{topic="${name}",partition="${partition}"} 0`)
      expect(text).toContain(`kafka_consumer_lag_seconds{topic="${name}",partition="${partition}"} 0`)
    }
    const { groups } = await rig.peer.admin.describeGroups([`probe-${kind}`])
    expect(groups.map(({ state, members }) => [state, members.length])).toEqual([['Stable', 1]])
    worker.process.signal('SIGTERM')
    expect(await worker.process.exitCode(25_000)).toBe(0)
  })

  test('a worker reports in records and seconds the lag of a sink that accepts nothing, and delivers everything when the sink accepts documents again', async () => {
    const hec = new HecServer()
    await hec.start()
    hec.failAlways({ kind: 'code', status: 503, code: 9 })
    let count = 0
    try {
      const worker = await rig.worker('application', {
        KAFKA_GROUP_PREFIX: 'lagging',
        KAFKA_OFFSET_RESET: 'latest',
        SPLUNK_HEC_URL: hec.url,
        SPLUNK_HEC_TOKEN: 'token',
      })
      await until(() => isReady(worker), 30_000, 'it is ready')
      const isBehind = async (): Promise<boolean> => {
        const { text } = await worker.ask('/metrics')
        const seconds = [...text.matchAll(/^kafka_consumer_lag_seconds\{topic="fastmcp-application-logs".* (.+)$/gm)]
        const lags = [...(await worker.lags(input)).values()]
        return lags.some((lag) => lag > 0) && seconds.some(([, age]) => Number(age) > 0)
      }
      // The sink takes some before it is full.
      const isBehindAfterMore = async (): Promise<boolean> => {
        await rig.peer.send(input, someLogs('lag', 10_000, count), 'gzip')
        count += 10_000
        return isBehind()
      }
      await until(isBehindAfterMore, 30_000, 'it tells a lag')
      expect((await worker.ask('/live')).status).toBe(200)
      expect(await rig.peer.lag('lagging-application', input)).toBeGreaterThanOrEqual(count)
      hec.failAlways(undefined)
      await until(async () => (await rig.peer.lag('lagging-application', input)) === 0, 60_000, 'all is committed')
      expect(new Set(hec.events.map(({ event }) => (event as { eventId: string }).eventId)).size).toBe(count)
      worker.process.signal('SIGTERM')
      expect(await worker.process.exitCode(25_000)).toBe(0)
    } finally {
      await hec.stop()
    }
  })

  test('ends with 0 whenever it is asked to, also in the middle of a rebalance, and leaves nothing behind', async () => {
    const environment = { KAFKA_GROUP_PREFIX: 'anytime', FILES_DIRECTORY: 'out', DRAIN_TIMEOUT_MS: '20000' }
    await rig.peer.send(input, someLogs('anytime', 2000))
    const lives = [0, 300, 900, 2000].map(async (delayMs) => {
      const worker = await rig.worker('application', environment)
      await until(async () => (await worker.ask('/live')).status === 200, 30_000, 'it is live')
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      worker.process.signal('SIGTERM')
      return worker.process.exitCode(25_000)
    })
    expect(await Promise.all(lives)).toEqual([0, 0, 0, 0])
    const last = await rig.worker('application', environment)
    // Nobody's session has to end first.
    await until(() => isReady(last), 30_000, 'the next one is ready')
    await until(async () => (await rig.peer.lag('anytime-application', input)) === 0, 60_000, 'all is committed')
    last.process.signal('SIGTERM')
    expect(await last.process.exitCode(25_000)).toBe(0)
  })

  test('a worker reports within seconds that a sink accepts nothing, and ends with 3 when it drains without the sink', async () => {
    const hec = new HecServer()
    await hec.start()
    hec.failAlways({ kind: 'code', status: 503, code: 9 })
    try {
      const worker = await rig.worker('application', {
        KAFKA_GROUP_PREFIX: 'undrained',
        KAFKA_OFFSET_RESET: 'latest',
        DRAIN_TIMEOUT_MS: '10000',
        SPLUNK_HEC_URL: hec.url,
        SPLUNK_HEC_TOKEN: 'token',
      })
      await until(() => isReady(worker), 30_000, 'it is ready')
      await rig.peer.send(input, someLogs('undrained', 100))
      const isTold = async () => (await worker.ask('/metrics')).text.includes('millrace_sink_up{sink="splunk"} 0')
      await until(isTold, 10_000, 'a gauge tells it')
      await until(async () => (await worker.ask('/ready')).status === 503, 30_000, 'it is not ready')
      expect((await worker.ask('/live')).status).toBe(200)
      worker.process.signal('SIGTERM')
      expect(await worker.process.exitCode(15_000)).toBe(3)
      expect(worker.process.textOf('stderr')).toContain('CLOSE_UNCOMMITTED')
    } finally {
      await hec.stop()
    }
  })

  test('a worker reports within 10 s that a broker accepts connections and answers nothing, and continues when the broker answers', async () => {
    const worker = await rig.worker('performance', { KAFKA_GROUP_PREFIX: 'frozen', FILES_DIRECTORY: 'out' })
    await until(() => isReady(worker), 30_000, 'it is ready')
    rig.kafka.pause(1)
    try {
      const isTold = async () => /^millrace_broker_up\{.*\} 0$/m.test((await worker.ask('/metrics')).text)
      await until(isTold, 12_000, 'a gauge tells it')
      await until(async () => (await worker.ask('/ready')).status === 503, 20_000, 'it is not ready')
      expect((await worker.ask('/live')).status).toBe(200)
    } finally {
      rig.kafka.resume(1)
    }
    await until(() => isReady(worker), 60_000, 'it is ready again')
    worker.process.signal('SIGTERM')
    expect(await worker.process.exitCode(25_000)).toBe(0)
  })

  test('a worker that drains under load commits what it has delivered, and the next one continues from there', async () => {
    const environment = { KAFKA_GROUP_PREFIX: 'draining', FILES_DIRECTORY: 'out' }
    await rig.peer.send(input, someLogs('drain', 10_000))
    const all = await rig.peer.count(input)
    // Nothing but the drain commits.
    const first = await rig.worker('application', { ...environment, COMMIT_INTERVAL_MS: '300000' })
    const hasProcessed = async () =>
      /^millrace_messages_processed_total [1-9]/m.test((await first.ask('/metrics')).text)
    await until(hasProcessed, 30_000, 'it has processed something')
    first.process.signal('SIGTERM')
    expect(await first.process.exitCode(25_000)).toBe(0)
    const left = await rig.peer.lag('draining-application', input)
    expect(left).toBeLessThan(all)
    const folder = join(first.folder, 'out')
    const atFirst = Object.values(ndjson(join(folder, 'elasticsearch'))).flat()
    expect(atFirst).toHaveLength(all - left)

    const second = await rig.worker('application', { ...environment, STATE_DIRECTORY: join(first.folder, 'state') })
    const isDone = async () => (await rig.peer.lag('draining-application', input)) === 0
    await until(isDone, 60_000, 'all is committed')
    second.process.signal('SIGTERM')
    expect(await second.process.exitCode(25_000)).toBe(0)
    const later = Object.values(ndjson(join(second.folder, 'out/elasticsearch'))).flat()
    expect(later).toHaveLength(left)
    expect(new Set([...atFirst, ...later].map(({ eventId }) => eventId)).size).toBe(all)
  })

  test('two processes share the partitions, and one that is killed is replaced by the other', async () => {
    const environment = {
      KAFKA_GROUP_PREFIX: 'pair',
      FILES_DIRECTORY: 'out',
      KAFKA_SESSION_TIMEOUT_MS: '10000',
      KAFKA_OFFSET_RESET: 'latest',
    }
    const [first, second] = [await rig.worker('application', environment), await rig.worker('application', environment)]
    const owned = async (worker: WorkerProcess): Promise<readonly number[]> => [...(await worker.lags(input)).keys()]
    await until(
      async () => {
        const [left, right] = [await owned(first), await owned(second)]
        return left.length === 6 && right.length === 6 && new Set([...left, ...right]).size === 12
      },
      60_000,
      'each has half of the partitions',
    )
    await until(async () => (await isReady(first)) && (await isReady(second)), 30_000, 'both are ready')
    await rig.peer.send(input, someLogs('pair', 1000))
    const isCommitted = async (): Promise<boolean> => (await rig.peer.lag('pair-application', input)) === 0
    await until(isCommitted, 30_000, 'what both have read is committed')
    first.process.signal('SIGKILL')
    await rig.peer.send(input, someLogs('pair', 1000, 1000))
    await until(async () => (await owned(second)).length === 12, 45_000, 'the other has all partitions')
    await until(isCommitted, 45_000, 'what the other has read is committed')
    second.process.signal('SIGTERM')
    expect(await second.process.exitCode(25_000)).toBe(0)
    const events = [first, second].flatMap(({ folder }) =>
      Object.values(ndjson(join(folder, 'out/elasticsearch'))).flat(),
    )
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(2000)
  })
})
