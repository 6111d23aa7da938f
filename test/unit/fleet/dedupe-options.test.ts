import { describe, expect, test } from '@jest/globals'
import { dedupeOptions } from '../../../fleet/dedupe-options.ts'
import { readFleetSettings } from '../../../fleet/settings.ts'
import { fleetTopics, topics } from '../../../fleet/topics.ts'
import { defaultDedupe } from '../../../topologies/deduplication/dedupe.ts'

const optionsOf = (environment: Record<string, string>) => dedupeOptions(readFleetSettings(environment))

describe('settings of duplicates', () => {
  test('have the defaults of the topology', () => {
    expect(optionsOf({})).toEqual(defaultDedupe)
  })

  test('are read', () => {
    const environment = { DEDUPE_BY: 'content', DEDUPE_TTL_MS: '7', DEDUPE_DELIVERY_MS: '8', DEDUPE_TOPIC: 'again' }
    expect(optionsOf(environment)).toEqual({ by: 'content', ttlMs: 7, deliveryMs: 8, topic: 'again' })
  })

  test.each([
    [{ DEDUPE_BY: 'contents' }, 'dedupe.by (DEDUPE_BY) is "contents": must be one of id, content, none'],
    [{ DEDUPE_TTL_MS: '0' }, 'dedupe.ttlMs (DEDUPE_TTL_MS)'],
    [{ DEDUPE_DELIVERY_MS: '-1' }, 'dedupe.deliveryMs (DEDUPE_DELIVERY_MS)'],
    [{ DEDUPE_TOPIC: topics.application.name }, 'dedupe.topic (DEDUPE_TOPIC)'],
    [{ DEDUPE_TOPIC: 'mine', DEAD_LETTER_TOPIC: 'mine' }, 'dedupe.topic (DEDUPE_TOPIC)'],
  ])('are refused: %j', (environment, reason) => {
    expect(() => optionsOf(environment as Record<string, string>)).toThrow(reason)
  })

  test('a topic of duplicates is created, and none without a name', () => {
    const names = fleetTopics(1, { duplicates: 'again' }).map(({ name }) => name)
    expect(names).toEqual([...fleetTopics(1).map(({ name }) => name), 'again'])
  })
})
