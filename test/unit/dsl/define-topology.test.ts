import { expect, test } from '@jest/globals'
import { defineTopology, string } from '../../../src/index.ts'

const upper = defineTopology('upper', (builder) => {
  builder
    .stream('in', { key: string(), value: string() })
    .mapValues((value) => value.toUpperCase(), { name: 'upper' })
    .to('out', { value: string() })
})

test('a definition builds equal topologies, one for each thread', () => {
  expect(upper.build()).not.toBe(upper.build())
  expect(upper.build().describe()).toBe(upper.build().describe())
})

test('what was built cannot be changed', () => {
  const topology = upper.build()
  expect(Object.isFrozen(topology)).toBe(true)
  expect([...topology.nodes.values()].every(Object.isFrozen)).toBe(true)
})
