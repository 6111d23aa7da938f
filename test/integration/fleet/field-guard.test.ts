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

const timestamp = Date.UTC(2026, 10, 24, 8)

requireServer('opensearch').describe('more fields than an index takes', () => {
  const prefix = `fields-${randomUUID()}`
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

  test('are kept unindexed before the index refuses one, and every document is there', async () => {
    const sinks = new OpenSinks()
    const logger = new RecordingLogger()
    const settings = readFleetSettings({
      ELASTICSEARCH_URL: server.url,
      ELASTICSEARCH_INDEX_PREFIX: prefix,
      ELASTICSEARCH_REPLICAS: '0',
    })
    const [logs] = fleetSinks(settings, logger)
    const sink = await sinks.open(logs as SinkFactory)
    for (let offset = 0; offset < 60; offset++) {
      const many = Object.fromEntries(Array.from({ length: 50 }, (_, number) => [`field-${offset}-${number}`, number]))
      const text = JSON.stringify({ timestamp, level: 'info', message: 'fine', service: 'shop', ...many })
      const value = { timestamp, documentId: undefined, toText: () => text }
      sink.add({ topic: 'logs', partition: 0, offset, sequence: 0, timestamp, key: null, value, headers: noHeaders })
    }
    await sink.flush(20_000)
    await sinks.close()
    expect(sinks.rejections).toEqual([])
    expect(logger.at('warn').map(({ fields }) => fields)).toEqual([{ index: `${prefix}-2026.11.24`, fieldsMax: 500 }])
    await api.request('POST', `/${prefix}-*/_refresh`)
    const documents = await api.documents(`${prefix}-*`)
    expect(documents).toHaveLength(60)
    expect(documents.map(({ source }) => Object.keys({ ...source, ...(source.unmapped as object) }))).toEqual(
      documents.map(() => expect.arrayContaining([expect.stringMatching(/^field-\d+-49$/)])),
    )
    const { body } = await api.request('GET', `/${prefix}-*/_count?q=field%5C-3%5C-7:7`)
    expect(body).toMatchObject({ count: 1 })
  }, 60_000)
})
