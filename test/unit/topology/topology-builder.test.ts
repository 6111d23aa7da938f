import { describe, expect, test } from '@jest/globals'
import { keyValueStore, type ProcessorSupplier, string, TopologyBuilder } from '../../../src/index.ts'
import { errorCode, errorMessage } from '../../../src/core/errors.ts'

const text = { key: string() as never, value: string() as never }
const identity: ProcessorSupplier<unknown, unknown, unknown, unknown> = { create: () => ({ process: () => {} }) }

function builderWithSource(): TopologyBuilder {
  return new TopologyBuilder().addSource('source', { topics: ['in'], ...text })
}

describe('children', () => {
  test('run in the order in which they were added', () => {
    const topology = builderWithSource()
      .addProcessor('z', identity, ['source'])
      .addProcessor('a', identity, ['source'])
      .build()
    expect(topology.nodes.get('source')).toMatchObject({ children: ['z', 'a'] })
  })
})

test('a parent that is named twice gives each record twice', () => {
  const topology = builderWithSource().addProcessor('p', identity, ['source', 'source']).build()
  expect(topology.nodes.get('source')).toMatchObject({ children: ['p', 'p'] })
})

describe('subtopologies', () => {
  test('are numbered by their first node', () => {
    const topology = builderWithSource()
      .addSource('other', { topics: ['other'], ...text })
      .addProcessor('p', identity, ['other'])
      .addProcessor('q', identity, ['source'])
      .build()
    expect(topology.subtopologies.map(({ id, nodes }) => [id, nodes])).toEqual([
      [0, ['source', 'q']],
      [1, ['other', 'p']],
    ])
  })

  test('grow together over a shared store', () => {
    const topology = builderWithSource()
      .addSource('other', { topics: ['other'], ...text })
      .addProcessor('p', identity, ['other'])
      .addProcessor('q', identity, ['source'])
      .addStateStore(keyValueStore({ name: 'shared', ...text }), ['p', 'q'])
      .build()
    expect(topology.subtopologies).toHaveLength(1)
  })

  test('of a global store make no tasks', () => {
    const topology = new TopologyBuilder()
      .addGlobalStore(keyValueStore({ name: 'g', ...text }), 'gs', { topics: ['global'], ...text }, 'gp', identity)
      .build()
    expect(topology.subtopologies[0]).toMatchObject({ global: true })
    expect(topology.globalStores.get('g')).toBe('global')
    expect(topology.groupTopology('app', { replicationFactor: -1, windowStoreAdditionalRetentionMs: 0 })).toEqual([])
  })
})

test('a read-only store has its source topic as changelog', () => {
  const topology = new TopologyBuilder()
    .addReadOnlyStateStore(
      keyValueStore({ name: 'rows', ...text }),
      'source',
      { topics: ['rows-topic'], ...text },
      'p',
      identity,
    )
    .build()
  expect(topology.stores.get('rows')?.changelog?.topic).toBe('rows-topic')
})

test('a wrapper replaces suppliers by the name of their processor', () => {
  const wrapped = { create: () => ({ process: () => {} }) }
  const topology = builderWithSource()
    .addProcessor('p', identity, ['source'])
    .build({ processorWrapper: { wrapProcessor: (name, supplier) => (name === 'p' ? wrapped : supplier) } })
  expect(topology.nodes.get('p')).toMatchObject({ operator: { kind: 'processor', supplier: wrapped } })
})

describe('refusals name what is wrong', () => {
  const wrong: readonly (readonly [string, string, () => unknown])[] = [
    ['a name twice', 'source', () => builderWithSource().addProcessor('source', identity, ['source'])],
    ['an unknown parent', 'nowhere', () => builderWithSource().addProcessor('p', identity, ['nowhere'])],
    ['no parent', 'p has no parent', () => builderWithSource().addProcessor('p', identity, [])],
    ['itself as parent', 'own parent', () => builderWithSource().addProcessor('p', identity, ['p'])],
    [
      'an unknown store',
      'store s',
      () => builderWithSource().addProcessor('p', identity, ['source']).connectProcessorAndStateStores('p', ['s']),
    ],
    ['a topic twice', 'topic in', () => builderWithSource().addSource('again', { topics: ['in'], ...text })],
    [
      'a topic that a pattern matches',
      'topic in2',
      () =>
        new TopologyBuilder().addSource('p', { topics: /in\d/, ...text }).addSource('s', { topics: ['in2'], ...text }),
    ],
    ['a source without topics', 'no topic', () => new TopologyBuilder().addSource('s', { topics: [], ...text })],
  ]
  test.each(wrong)('%s', (_, words, act) => {
    let refused: unknown
    try {
      act()
    } catch (error) {
      refused = error
    }
    expect(errorCode(refused)).toBe('TOPOLOGY_INVALID')
    expect(errorMessage(refused)).toContain(words)
  })
})
