import { StreamsBuilder } from '../../../src/dsl/streams-builder.ts'
import { string } from '../../../src/serde/primitives.ts'
import type { Topology } from '../../../src/topology/topology.ts'

export const texts = { key: string(), value: string() }

/** Counts the records of `in` by key in the store `counts`, and writes the counts as texts to `out`. */
export function counting(): Topology {
  const builder = new StreamsBuilder()
  builder.stream('in', texts).groupByKey().count({ store: 'counts' }).toStream().mapValues(String).to('out', texts)
  return builder.build()
}
