import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { Alert } from '../../../schemas/alert.ts'
import { topics } from '../../../fleet/topics.ts'
import { alertChange } from '../../support/notices.ts'
import { builtProgram } from '../../support/built.ts'
import { HttpFaultProxy } from '../../support/http-fault-proxy.ts'
import { until } from '../../support/until.ts'
import { sharedSearchServer } from '../../support/opensearch.ts'
import { requireServer } from '../../support/require-server.ts'
import { SearchApi } from '../../support/search-api.ts'
import { FleetProcess } from './fleet-process.ts'
import { FleetRig, someLogs } from './fleet-rig.ts'

const input = topics.application.name
const dayMs = 86_400_000
const sleep = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs))

requireServer('kafka', 'opensearch').describe('the application worker before a search server', () => {
  let rig: FleetRig
  let search: Awaited<ReturnType<typeof sharedSearchServer>>
  let api: SearchApi
  let proxy: HttpFaultProxy
  let names = 0

  beforeAll(async () => {
    builtProgram('workers/application')
    ;[rig, search] = await Promise.all([FleetRig.start(), sharedSearchServer()])
    api = new SearchApi(search.url)
    proxy = new HttpFaultProxy(search.url, /./)
    await proxy.start()
  })

  afterAll(async () => {
    await rig?.stop()
    await proxy?.stop()
    await search?.stop()
  })

  afterEach(() => FleetProcess.endAll())

  /** A ready worker with a group and indices of its own, that reads what comes from now on. */
  async function ready() {
    const prefix = `sinks-${process.pid}-${Date.now()}-${++names}`
    const worker = await rig.worker('application', {
      ELASTICSEARCH_URL: proxy.url,
      ELASTICSEARCH_INDEX_PREFIX: prefix,
      ELASTICSEARCH_ALERTS_INDEX_PREFIX: `alerts-${prefix}`,
      ELASTICSEARCH_SHARDS: '1',
      ELASTICSEARCH_REPLICAS: '0',
      KAFKA_GROUP_PREFIX: prefix,
      KAFKA_OFFSET_RESET: 'latest',
    })
    const isReady = async (): Promise<boolean> => (await worker.ask('/ready')).status === 200
    await until(isReady, 60_000, 'the worker is ready')
    await until(async () => (await worker.lags(input)).size === 12, 60_000, 'it knows where each partition ends')
    return { worker, prefix }
  }

  async function ended(worker: Awaited<ReturnType<typeof ready>>['worker']): Promise<void> {
    worker.process.signal('SIGTERM')
    expect(await worker.process.exitCode(60_000)).toBe(0)
  }

  test('writes each log to the index of its day, under topic, partition and offset, as its template says', async () => {
    const { worker, prefix } = await ready()
    const days = [0, 1, 2].map((back) => Date.now() - back * dayMs)
    const sent = await rig.peer.send(
      input,
      days.map((timestamp, index) => ({
        key: 'checkout',
        partition: 5,
        value: JSON.stringify({ eventId: `${prefix}-${index}`, timestamp, level: 'warn', message: 'm' }),
      })),
    )
    await until(async () => (await api.count(`${prefix}-*`)) === 3, 60_000, 'three documents are there')
    const base = Number(sent[0]?.baseOffset)
    const documents = await api.documents(`${prefix}-*`)
    expect(documents.map(({ id, index }) => [id, index]).sort()).toEqual(
      days.map((timestamp, index) => [
        `${input}-5-${base + index}`,
        `${prefix}-${new Date(timestamp).toISOString().slice(0, 10).replaceAll('-', '.')}`,
      ]),
    )
    const { body } = await api.request('GET', `/_index_template/${prefix}`)
    expect(body).toMatchObject({ index_templates: [{ index_template: { index_patterns: [`${prefix}-*`] } }] })
    const mapping = await api.request('GET', `/${documents[0]?.index}/_mapping/field/level`)
    expect(JSON.stringify(mapping.body)).toContain('"type":"keyword"')
    await ended(worker)
  })

  test('writes each alert to the index of its day, as the dashboard of alerts reads it', async () => {
    const { worker, prefix } = await ready()
    const alerts = await rig.worker('alerts', {
      ELASTICSEARCH_URL: proxy.url,
      ELASTICSEARCH_ALERTS_INDEX_PREFIX: `alerts-${prefix}`,
      ELASTICSEARCH_REPLICAS: '0',
      KAFKA_GROUP_PREFIX: prefix,
    })
    const timestamp = Date.now()
    const message = 'Failed password for root from 203.0.113.9 port 22'
    const failures = Array.from({ length: 12 }, (_, index) => ({
      key: 'checkout',
      partition: 5,
      value: JSON.stringify({ eventId: `${prefix}-${index}`, timestamp, level: 'warn', message }),
    }))
    await rig.peer.send(input, failures)
    await until(async () => (await api.count(`alerts-${prefix}-*`)) === 1, 60_000, 'the alert is there')
    await ended(worker)
    await ended(alerts)
    const [document] = await api.documents(`alerts-${prefix}-*`)
    const written = (await rig.peer.readAll(topics.alerts.name)).map(({ value }) => JSON.parse(String(value)) as Alert)
    const alert = written.findLast(({ id }) => id === document?.id)
    const key = 'brute-force{failedLogin.source="203.0.113.9"}'
    expect(alert).toMatchObject({ rule: 'brute-force', key, status: 'firing', severity: 'critical' })
    expect(document?.source).toEqual(alert)
    expect(document?.index).toBe(
      `alerts-${prefix}-${new Date(alert?.timestamp ?? 0).toISOString().slice(0, 10).replaceAll('-', '.')}`,
    )
    const { body } = await api.request('GET', `/_index_template/alerts-${prefix}`)
    expect(body).toMatchObject({ index_templates: [{ index_template: { index_patterns: [`alerts-${prefix}-*`] } }] })
    // The panels of the dashboard: over time by rule, and by severity.
    const { body: found } = await api.request('POST', `/alerts-${prefix}-*/_search`, {
      size: 0,
      aggs: {
        time: { date_histogram: { field: 'timestamp', fixed_interval: '1h' } },
        rule: { terms: { field: 'rule' } },
        severity: { terms: { field: 'severity' } },
      },
    })
    expect(found).toMatchObject({
      aggregations: {
        time: { buckets: [{ doc_count: 1 }] },
        rule: { buckets: [{ key: 'brute-force', doc_count: 1 }] },
        severity: { buckets: [{ key: 'critical', doc_count: 1 }] },
      },
    })
  })

  test('makes the document of an alert that fires that of its end, and keeps the one before', async () => {
    const prefix = `ends-${process.pid}-${Date.now()}`
    const alerts = await rig.worker('alerts', {
      ELASTICSEARCH_URL: proxy.url,
      ELASTICSEARCH_ALERTS_INDEX_PREFIX: `alerts-${prefix}`,
      ELASTICSEARCH_REPLICAS: '0',
      KAFKA_GROUP_PREFIX: prefix,
    })
    await until(async () => (await alerts.ask('/ready')).status === 200, 60_000, 'the worker is ready')
    const startMs = Date.now()
    const change = async (episode: number, status: 'firing' | 'resolved', timeMs: number): Promise<void> => {
      const value = JSON.stringify(alertChange(prefix, status, { startMs: episode, timeMs, severity: 'critical' }))
      await rig.peer.send(topics.alertChanges.name, [{ key: prefix, value }])
    }
    const documents = async () => {
      const found = await api.documents(`alerts-${prefix}-*`)
      // Others of this Kafka have alerts too.
      const own = found.filter(({ source }) => String(source.key).includes(prefix))
      return own.map(({ source }) => [source.startedAt, source.status])
    }
    await change(startMs - 3_600_000, 'firing', startMs - 3_600_000)
    await until(async () => (await documents()).length === 1, 60_000, 'the document of the first is there')
    expect(await documents()).toEqual([[startMs - 3_600_000, 'firing']])
    await change(startMs - 3_600_000, 'resolved', startMs - 1)
    await change(startMs, 'firing', startMs)
    await until(async () => (await documents()).length === 2, 60_000, 'the document of the second is there')
    await until(
      async () => (await documents()).some(([, status]) => status === 'resolved'),
      60_000,
      'the first is over',
    )
    expect((await documents()).sort()).toEqual([
      [startMs - 3_600_000, 'resolved'],
      [startMs, 'firing'],
    ])
    await ended(alerts)
  })

  test('keeps a document that the mapping refuses, with the value that the index does not take', async () => {
    const { worker, prefix } = await ready()
    const log = (eventId: string, statusCode: number) => ({
      key: 'checkout',
      partition: 5,
      value: JSON.stringify({ eventId, timestamp: Date.now(), message: 'm', statusCode }),
    })
    // Past what the mapping's integer holds.
    await rig.peer.send(input, [log(`${prefix}-1`, 200), log(`${prefix}-large`, 3e10), log(`${prefix}-2`, 500)])
    await until(async () => (await api.count(`${prefix}-*`)) === 3, 60_000, 'three documents are there')
    await ended(worker)
    const documents = await api.documents(`${prefix}-*`)
    const large = documents.find(({ source }) => source.eventId === `${prefix}-large`)
    expect(large?.source.statusCode).toBe(3e10)
  })

  test('loses nothing while the server answers 429, and while it is unreachable for 20 s', async () => {
    const { worker, prefix } = await ready()
    await rig.peer.send(input, someLogs(prefix, 2000))
    proxy.failAlways({ kind: 'answer', status: 429, body: '{"error":{"type":"es_rejected_execution_exception"}}' })
    await rig.peer.send(input, someLogs(prefix, 2000, 2000))
    await sleep(3000)
    proxy.failAlways({ kind: 'drop-connection' })
    await rig.peer.send(input, someLogs(prefix, 2000, 4000))
    await sleep(20_000)
    expect((await worker.ask('/live')).status).toBe(200)
    proxy.failAlways(undefined)
    await rig.peer.send(input, someLogs(prefix, 2000, 6000))
    await until(async () => (await api.count(`${prefix}-*`)) === 8000, 60_000, 'all documents are there')
    await ended(worker)
    const found = await api.documents(`${prefix}-*`)
    expect(new Set(found.map(({ source }) => source.eventId)).size).toBe(8000)
  })

  test('joins what the service catalog says when a log is read, also after it has changed', async () => {
    const { worker, prefix } = await ready()
    const service = `service-of-${prefix}`
    const change = (owner: string) =>
      rig.peer.send(topics.services.name, [{ key: service, value: JSON.stringify({ owner, tier: 'gold' }) }])
    let sent = 0
    const ownerNow = async (): Promise<unknown> => {
      const eventId = `${prefix}-${++sent}`
      const value = JSON.stringify({ eventId, timestamp: Date.now(), service, message: 'm' })
      await rig.peer.send(input, [{ key: service, value }])
      await until(async () => (await api.count(`${prefix}-*`)) === sent, 30_000, `document ${sent} is there`)
      return (await api.documents(`${prefix}-*`)).find(({ source }) => source.eventId === eventId)?.source.owner
    }
    expect(await ownerNow()).toBeUndefined()
    await change('first-team')
    await until(async () => (await ownerNow()) === 'first-team', 60_000, 'the new entry shows')
    await change('second-team')
    await until(async () => (await ownerNow()) === 'second-team', 60_000, 'the changed entry shows')
    await ended(worker)
  })
})
