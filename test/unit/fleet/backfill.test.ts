import { describe, expect, test } from '@jest/globals'
import { backfillIndices, backfillOf, logPlaces } from '../../../fleet/backfill.ts'
import { logIndex } from '../../../fleet/documents.ts'
import { fleetSinks } from '../../../fleet/sinks.ts'
import { readFleetSettings } from '../../../fleet/settings.ts'
import type { SinkRecord } from '../../../src/sinks/index.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'

const loading = { INPUT_BACKFILL: '2019-01/2026-10' }

function indexAt(time: string, environment: Record<string, string>): string {
  const backfill = backfillOf(readFleetSettings(environment).input)
  return logIndex('logs', backfill)({ value: { timestamp: Date.parse(time) } } as SinkRecord)
}

describe('a load of old logs', () => {
  test.each([
    ['2019-01-01T00:00:00Z', 'logs-backfill-2019.01'],
    ['2026-10-31T23:59:59.999Z', 'logs-backfill-2026.10'],
    ['2018-12-31T23:59:59.999Z', 'logs-2018.12.31'],
    ['2026-11-01T00:00:00Z', 'logs-2026.11.01'],
  ])('writes a log of %s to the index %s', (time, index) => {
    expect(indexAt(time, loading)).toBe(index)
  })

  test('writes to one index a year where that is asked for', () => {
    expect(indexAt('2019-07-01T00:00:00Z', { ...loading, INPUT_BACKFILL_INDEX: 'year' })).toBe('logs-backfill-2019')
  })

  test.each([
    ['month', 94],
    ['year', 8],
  ])('has at most so many indices of one %s: %i', (each, indices) => {
    const backfill = backfillOf(readFleetSettings({ ...loading, INPUT_BACKFILL_INDEX: each }).input)
    expect(backfill && backfillIndices(backfill)).toBe(indices)
  })

  test('from a later month to an earlier one is refused with the right order', () => {
    const { input } = readFleetSettings({ INPUT_BACKFILL: '2026-10/2019-01' })
    expect(() => backfillOf(input)).toThrow('input.backfill (INPUT_BACKFILL) is "2026-10/2019-01"')
    expect(() => backfillOf(input)).toThrow('2019-01/2026-10')
  })

  test.each(['2019', '2019-13/2020-01', '1900-01/2020-01', '2019-01-01/2020-01-01'])(
    'of months that are none is refused: %s',
    (months) => {
      expect(() => readFleetSettings({ INPUT_BACKFILL: months })).toThrow('INPUT_BACKFILL')
    },
  )

  test('is counted with the days around the range of a replay', () => {
    const { input } = readFleetSettings(loading)
    const [fromMs, toMs] = [Date.UTC(2026, 10, 24), Date.UTC(2026, 10, 25)]
    // Seven days before, the day itself, and ten minutes of the next one.
    expect(logPlaces(input, 12, fromMs, toMs)).toEqual({ indices: 9 + 94, shards: 9 * 12 + 94 })
  })

  test('tells how many indices and shards there will be before it starts', () => {
    const logger = new RecordingLogger()
    fleetSinks(readFleetSettings({ ...loading, ELASTICSEARCH_URL: 'http://127.0.0.1:1' }), logger)
    expect(logger.at('info')).toContainEqual(
      expect.objectContaining({ fields: expect.objectContaining({ indices: 94, shards: 94 }) }),
    )
  })
})
