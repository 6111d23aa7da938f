import { StreamsBuilder, string, type Topology } from '../../src/index.ts'

const texts = { key: string(), value: string() }

/**
 * Counts the records of `in` by key, and writes each count to `out` behind the name of the process that made it. Line by
 * line the topology of `scripts/kafka-streams/Peer.java`.
 */
export function namedCounts(before: string, after: string, name: string): Topology {
  const builder = new StreamsBuilder()
  builder
    .stream(`${before}in`, texts)
    .groupByKey()
    .count({ store: 'counts' })
    .toStream()
    .mapValues((count) => `${name} ${count}`)
    .to(`${after}out`, texts)
  return builder.build()
}
