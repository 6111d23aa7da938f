import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readFleetSettings } from '../../../fleet/settings.ts'
import { fleetSinks } from '../../../fleet/sinks.ts'
import { silentLogger } from '../../../src/index.ts'
import type { SinkFactory } from '../../../src/sinks/index.ts'
import { type OpenSearchServer, sharedSearchServer } from '../../support/opensearch.ts'
import { requireServer } from '../../support/require-server.ts'
import { enrichedLog, LogIndices } from './log-indices.ts'

requireServer('opensearch').describe('old logs that are loaded', () => {
  let server: Pick<OpenSearchServer, 'url' | 'stop'>
  let indices: LogIndices

  beforeAll(async () => {
    server = await sharedSearchServer()
    indices = new LogIndices(server.url, 'old')
  }, 180_000)

  afterAll(async () => {
    await indices?.delete()
    await server?.stop()
  })

  test('are in indices of one shard, and are found together with the daily ones', async () => {
    const { api, prefix } = indices
    const settings = readFleetSettings({
      ELASTICSEARCH_URL: server.url,
      ELASTICSEARCH_INDEX_PREFIX: prefix,
      ELASTICSEARCH_REPLICAS: '0',
      ELASTICSEARCH_SHARDS: '2',
      INPUT_BACKFILL: '2019-01/2026-10',
    })
    const [logs] = fleetSinks(settings, silentLogger)
    const sink = await indices.open(logs as SinkFactory)
    const days = ['2019-04-01', '2019-04-30', '2020-01-01', '2026-11-24']
    const written = days.map((day) => enrichedLog({ timestamp: Date.parse(day) }))
    await indices.write(sink, written)
    expect(indices.rejections).toEqual([])
    const { body } = await api.request('GET', `/_cat/indices/${prefix}-*?format=json&h=index,pri&s=index`)
    expect(body).toEqual([
      { index: `${prefix}-2026.11.24`, pri: '2' },
      { index: `${prefix}-backfill-2019.04`, pri: '1' },
      { index: `${prefix}-backfill-2020.01`, pri: '1' },
    ])
    expect(await indices.found('message:fine')).toBe(4)
    const mapping = await api.request('GET', `/${prefix}-backfill-2019.04/_mapping/field/timestamp`)
    expect(JSON.stringify(mapping.body)).toContain('"type":"date"')
  }, 60_000)
})
