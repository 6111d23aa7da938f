import { describe, expect, test } from '@jest/globals'
import type { GroupSubtopology, InternalTopic } from '../../../src/kafka/port.ts'
import { resolveGroupTopics } from '../../../src/kafka/group-topics.ts'
import { subtopology } from './subtopology.ts'

const internal = (name: string, partitions?: number): InternalTopic => ({
  name,
  partitions,
  replicationFactor: 1,
  configs: {},
})

function counts(
  subtopologies: readonly GroupSubtopology[],
  known: Readonly<Record<string, number>>,
): Record<string, number> {
  const topics = resolveGroupTopics({ subtopologies }, (topic) => known[topic])
  if (topics.kind === 'invalid') throw topics.error
  return Object.fromEntries(
    topics.kind === 'ready' ? topics.create.map(({ name, partitions }) => [name, partitions]) : [],
  )
}

describe('partitions of internal topics', () => {
  test('a repartition topic gets the highest partition count of its inputs, a changelog one partition per task', () => {
    const writer = subtopology(0, { sourceTopics: ['a', 'b'], repartitionSinkTopics: ['r'] })
    const reader = subtopology(1, {
      sourceTopics: ['r'],
      repartitionSourceTopics: [internal('r')],
      changelogTopics: [internal('c')],
    })
    expect(counts([writer, reader], { a: 3, b: 5 })).toEqual({ r: 5, c: 5 })
  })

  test('follows chains in any order', () => {
    const last = subtopology(2, { sourceTopics: ['r2'], repartitionSourceTopics: [internal('r2')] })
    const middle = subtopology(1, {
      sourceTopics: ['r1'],
      repartitionSourceTopics: [internal('r1')],
      repartitionSinkTopics: ['r2'],
    })
    const first = subtopology(0, { sourceTopics: ['a'], repartitionSinkTopics: ['r1'] })
    expect(counts([last, middle, first], { a: 4 })).toEqual({ r1: 4, r2: 4 })
  })

  test('topics that depend on each other follow from the inputs that are known', () => {
    const left = subtopology(0, {
      sourceTopics: ['orders', 'response'],
      repartitionSourceTopics: [internal('response')],
      repartitionSinkTopics: ['registration'],
    })
    const right = subtopology(1, {
      sourceTopics: ['customers', 'registration'],
      repartitionSourceTopics: [internal('registration')],
      repartitionSinkTopics: ['response'],
    })
    expect(counts([left, right], { orders: 4, customers: 4 })).toEqual({ registration: 4, response: 4 })
  })

  test('a repartition topic takes the count of the topic that it is joined with', () => {
    const writer = subtopology(0, { sourceTopics: ['a'], repartitionSinkTopics: ['r'] })
    const reader = subtopology(1, {
      sourceTopics: ['b', 'r'],
      repartitionSourceTopics: [internal('r')],
      copartitionGroups: [['b', 'r']],
    })
    expect(counts([writer, reader], { a: 8, b: 2 })).toEqual({ r: 2 })
  })

  test('topics that match a pattern count as those that are named; one that is gone does not', () => {
    const writer = subtopology(0, { sourceTopics: ['a'], patternTopics: ['b', 'gone'], repartitionSinkTopics: ['r'] })
    const reader = subtopology(1, { sourceTopics: ['r'], repartitionSourceTopics: [internal('r')] })
    expect(counts([writer, reader], { a: 1, b: 3 })).toEqual({ r: 3 })
  })

  test('refuses joined topics of different counts, naming both', () => {
    const join = subtopology(0, { sourceTopics: ['a', 'b'], copartitionGroups: [['a', 'b']] })
    expect(() => counts([join], { a: 3, b: 4 })).toThrow(
      expect.objectContaining({ code: 'NOT_COPARTITIONED', message: expect.stringContaining('a has 3, b has 4') }),
    )
  })

  test('refuses a circle of repartition topics that hangs on no source', () => {
    const circle = subtopology(0, {
      sourceTopics: ['r'],
      repartitionSourceTopics: [internal('r')],
      repartitionSinkTopics: ['r'],
    })
    expect(() => counts([circle], {})).toThrow(expect.objectContaining({ code: 'PARTITIONS_UNDECIDED' }))
  })
})
