import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readFleetSettings } from '../../../fleet/settings.ts'
import { fleetSinks } from '../../../fleet/sinks.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import type { SinkFactory } from '../../../src/sinks/index.ts'
import { OpenSinks } from '../../support/open-sinks.ts'
import { type OpenSearchServer, sharedSearchServer } from '../../support/opensearch.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'
import { requireServer } from '../../support/require-server.ts'
import { SearchApi } from '../../support/search-api.ts'

requireServer('opensearch').describe('old logs that are loaded', () => {
  const prefix = `old-${randomUUID()}`
  let server: Pick<OpenSearchServer, 'url' | 'stop'>
  let api: SearchApi

  beforeAll(async () => {
    server = await sharedSearchServer()
    api = new SearchApi(server.url)
  }, 180_000)

  afterAll(async () => {
    await api.request('DELETE', `/${prefix}-*`)
    await api.request('DELETE', `/_index_template/${prefix}*`)
    await server.stop()
  })

  test('are in indices of one shard, and are found together with the daily ones', async () => {
    const sinks = new OpenSinks()
    const settings = readFleetSettings({
      ELASTICSEARCH_URL: server.url,
      ELASTICSEARCH_INDEX_PREFIX: prefix,
      ELASTICSEARCH_REPLICAS: '0',
      ELASTICSEARCH_SHARDS: '2',
      INPUT_BACKFILL: '2019-01/2026-10',
    })
    const [logs] = fleetSinks(settings, new RecordingLogger())
    const sink = await sinks.open(logs as SinkFactory)
    for (const [offset, time] of ['2019-04-01', '2019-04-30', '2020-01-01', '2026-11-24'].entries()) {
      const timestamp = Date.parse(time)
      const text = JSON.stringify({ timestamp, level: 'info', message: 'fine', service: 'shop' })
      const value = { timestamp, documentId: undefined, toText: () => text }
      sink.add({ topic: 'logs', partition: 0, offset, sequence: 0, timestamp, key: null, value, headers: noHeaders })
    }
    await sink.flush(20_000)
    expect(sinks.rejections).toEqual([])
    await sinks.close()
    const { body } = await api.request('GET', `/_cat/indices/${prefix}-*?format=json&h=index,pri&s=index`)
    expect(body).toEqual([
      { index: `${prefix}-2026.11.24`, pri: '2' },
      { index: `${prefix}-backfill-2019.04`, pri: '1' },
      { index: `${prefix}-backfill-2020.01`, pri: '1' },
    ])
    await api.request('POST', `/${prefix}-*/_refresh`)
    expect(await api.count(`${prefix}-*`)).toBe(4)
    const mapping = await api.request('GET', `/${prefix}-backfill-2019.04/_mapping/field/timestamp`)
    expect(JSON.stringify(mapping.body)).toContain('"type":"date"')
  }, 60_000)
})
