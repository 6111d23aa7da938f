import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readFleetSettings } from '../../../fleet/settings.ts'
import { fleetSinks } from '../../../fleet/sinks.ts'
import type { SinkFactory } from '../../../src/sinks/index.ts'
import { type OpenSearchServer, sharedSearchServer } from '../../support/opensearch.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'
import { requireServer } from '../../support/require-server.ts'
import { enrichedLog, LogIndices } from './log-indices.ts'

const timestamp = Date.UTC(2026, 10, 24, 8)

requireServer('opensearch').describe('more fields than an index takes', () => {
  let server: Pick<OpenSearchServer, 'url' | 'stop'>
  let indices: LogIndices

  beforeAll(async () => {
    server = await sharedSearchServer()
    indices = new LogIndices(server.url, 'fields')
  }, 180_000)

  afterAll(async () => {
    await indices?.delete()
    await server?.stop()
  })

  test('are kept unindexed before the index refuses one, and every document is there', async () => {
    const { api, prefix } = indices
    const logger = new RecordingLogger()
    const settings = readFleetSettings({
      ELASTICSEARCH_URL: server.url,
      ELASTICSEARCH_INDEX_PREFIX: prefix,
      ELASTICSEARCH_REPLICAS: '0',
    })
    const [logs] = fleetSinks(settings, logger)
    const sink = await indices.open(logs as SinkFactory)
    const written = Array.from({ length: 60 }, (_, log) => {
      const names = Array.from({ length: 50 }, (_unused, field) => [`field-${log}-${field}`, field] as const)
      return enrichedLog({ timestamp, ...Object.fromEntries(names) })
    })
    await indices.write(sink, written)
    expect(indices.rejections).toEqual([])
    expect(logger.at('warn').map(({ fields }) => fields)).toEqual([{ index: `${prefix}-2026.11.24`, fieldsMax: 500 }])
    const documents = await api.documents(`${prefix}-*`)
    expect(documents).toHaveLength(60)
    expect(documents.map(({ source }) => Object.keys({ ...source, ...(source.unmapped as object) }))).toEqual(
      documents.map(() => expect.arrayContaining([expect.stringMatching(/^field-\d+-49$/)])),
    )
    expect(await indices.found(String.raw`field\-3\-7:7`)).toBe(1)
  }, 60_000)
})
