import { StreamsBuilder } from '../../../src/dsl/streams-builder.ts'
import { long, string } from '../../../src/serde/primitives.ts'
import type { Topology } from '../../../src/topology/topology.ts'

const texts = { key: string(), value: string() }
export const ids = Array.from({ length: 9 }, (_, index) => `id${index}`)
/** Its record fails, and becomes a dead letter. */
export const isBad = (id: string): boolean => Number(id.slice(2)) % 3 === 0

/** Each id goes on once, to the outputs or to the dead letters, and its words are counted over a repartition topic. */
export function onceAndCounted(): Topology {
  const builder = new StreamsBuilder()
  const once = builder
    .stream('in', texts)
    .deduplicate({ ttlMs: 60_000, id: (key) => key, idSerde: string(), store: 'seen' })
    .mapValues((value, key) => {
      if (isBad(key)) throw new Error('refused')
      return value
    })
  once.to('out', texts)
  once
    .groupBy((_key, word) => word, { name: 'words', ...texts })
    .count({ store: 'counts' })
    .toStream()
    .to('counted', { key: string(), value: long() })
  return builder.build()
}
