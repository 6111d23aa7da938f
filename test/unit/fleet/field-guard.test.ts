import { beforeEach, describe, expect, test } from '@jest/globals'
import { FieldGuard } from '../../../fleet/field-guard.ts'
import { shapeMappings } from '../../../fleet/shape-mappings.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'

describe('fields that documents add to an index', () => {
  let logger: RecordingLogger
  let guard: FieldGuard

  beforeEach(() => {
    logger = new RecordingLogger()
    guard = new FieldGuard(shapeMappings.fleet, 3, logger)
  })

  function fitted(log: object, index = 'logs-1'): Record<string, unknown> {
    return JSON.parse(guard.fitted(index, JSON.stringify(log))) as Record<string, unknown>
  }

  test('are taken up to the bound, and what is beyond is kept unindexed', () => {
    expect(fitted({ message: 'a', level: 'info', one: 1, two: 2, three: 3 })).not.toHaveProperty('unmapped')
    expect(fitted({ message: 'b', one: 1, four: 4, tags: ['mine'] })).toEqual({
      message: 'b',
      one: 1,
      tags: ['mine', '_unmapped'],
      unmapped: { four: 4 },
    })
    expect(fitted({ message: 'c', three: 3 })).toEqual({ message: 'c', three: 3 })
  })

  test('count by their path, and parts of an object stay in it', () => {
    fitted({ attributes: { one: 1, two: [{ same: 1 }] } })
    expect(fitted({ attributes: { one: 1, three: 3 }, error: { type: 'E', code: 1 } })).toEqual({
      attributes: { one: 1 },
      error: { type: 'E' },
      tags: ['_unmapped'],
      unmapped: { attributes: { three: 3 }, error: { code: 1 } },
    })
  })

  test('within lists are kept or left out with their list', () => {
    expect(fitted({ list: [{ one: 1 }, { two: 2, three: 3 }], text: '":{"' })).toMatchObject({
      unmapped: { list: [{ one: 1 }, { two: 2, three: 3 }], text: '":{"' },
    })
  })

  test('of another index are counted by themselves', () => {
    fitted({ one: 1, two: 2, three: 3 })
    expect(fitted({ four: 4 }, 'logs-2')).toEqual({ four: 4 })
  })

  test('are warned of once for each index', () => {
    for (const name of 'abcdefgh') fitted({ [name]: 1 })
    expect(logger.at('warn')).toHaveLength(1)
    expect(logger.at('warn')[0]?.fields).toEqual({ index: 'logs-1', fieldsMax: 3 })
  })

  test('that were kept unindexed before do not count', () => {
    expect(fitted({ unmapped: { a: 1, b: { c: 2 }, d: 3, e: 4 }, one: 1 })).not.toHaveProperty('tags')
  })

  test.each([{ four: 1 }, 'a text'])('do not replace what was kept unindexed before: %j', (unmapped) => {
    expect(fitted({ one: 1, two: 2, three: 3, four: 4, unmapped, tags: ['_unmapped'] })).toEqual({
      one: 1,
      two: 2,
      three: 3,
      tags: ['_unmapped'],
      unmapped: { four: 4, unmapped },
    })
  })

  test.each(['a"b', 'a\\', 'é\u2028', '\ud800', 'with:colon', '{'])('may have any name: %j', (name) => {
    expect(fitted({ [name]: { [name]: '\\"' }, one: 1 })).toEqual({ [name]: { [name]: '\\"' }, one: 1 })
    expect(fitted({ [name]: { [name]: 1, more: 2 } })).toMatchObject({ [name]: { [name]: 1 } })
  })

  test('stay exact where a document is written again', () => {
    const document = '{"one":1,"two":2,"three":12345678901234567890123,"four":1e400}'
    expect(guard.fitted('logs-1', document)).toContain('"three":12345678901234567890123')
  })
})
