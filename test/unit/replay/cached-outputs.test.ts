import { expect, test } from '@jest/globals'
import { isBehindCache } from '../../../src/replay/cached-outputs.ts'
import { type KTable, long, StreamsBuilder, string } from '../../../src/index.ts'
import { outputNodes } from '../../../src/replay/outputs.ts'

const text = { key: string(), value: string() }
const written = { key: string(), value: long() }

function isCached(define: (counts: KTable<string, number>) => void, options: { caching?: boolean } = {}): boolean {
  const builder = new StreamsBuilder()
  define(builder
    .stream('in', text)
    .groupByKey()
    .count({ store: 'counts', ...options }))
  const topology = builder.build()
  const [output] = outputNodes(topology)
  return isBehindCache(topology, output?.name ?? '')
}

test('the results of a table with a cache are behind it', () => {
  expect(isCached((counts) => counts.toStream().to('out', written))).toBe(true)
})

test('so are results that are filtered or mapped under their key', () => {
  const define = (counts: KTable<string, number>) =>
    counts
      .filter((_, count) => count > 1)
      .mapValues((count) => count + 1)
      .toStream()
      .filter((_, count) => count !== 3)
      .to('out', written)
  expect(isCached(define)).toBe(true)
})

test('a table without a cache emits everything', () => {
  expect(isCached((counts) => counts.toStream().to('out', written), { caching: false })).toBe(false)
})

test('under another key the last record says nothing about the others', () => {
  expect(isCached((counts) => counts.toStream((key) => key.slice(0, 1)).to('out', written))).toBe(false)
})
