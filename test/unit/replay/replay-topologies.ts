import { joinWindows, seconds, StreamsBuilder, string, type KGroupedStream } from '../../../src/index.ts'
import type { Topology } from '../../../src/topology/topology.ts'

export const text = { key: string(), value: string() }

/** Makes a topology each time: a history begins with a new one. */
export function built(define: (builder: StreamsBuilder) => void): () => Topology {
  return () => {
    const builder = new StreamsBuilder()
    define(builder)
    return builder.build()
  }
}

/** `left` behind a repartition topic. */
export function byFirstLetter(builder: StreamsBuilder): KGroupedStream<string, string> {
  return builder.stream('left', text).groupBy(firstLetter, text)
}

/** `left` and `right`, joined as streams, to `out`. */
export function joinOfStreams(differenceMs: number, graceMs: number): () => Topology {
  return built((builder) => {
    const right = builder.stream('right', text)
    const windows = joinWindows({ differenceMs, graceMs })
    const joined = builder.stream('left', text).outerJoin(right, together, { windows, store: 'join' })
    joined.to('out', text)
  })
}

/** `left` joined with `right` as a table, to `out`. */
export const joinWithTable = built((builder) => {
  const table = builder.table('right', { ...text, store: 'table' })
  builder.stream('left', text).leftJoin(table, together).to('out', text)
})

/** One record of each first letter in five seconds, to `out`. */
export const deduplicated = built((builder) => {
  const once = { name: 'once', store: 'seen', id: firstLetter, idSerde: string(), ttlMs: seconds(5) }
  builder.stream('left', text).deduplicate(once).to('out', text)
})

function together(one: string | null, other: string | null): string {
  return `${one}+${other}`
}

function firstLetter(_: string, value: string): string {
  return value.slice(0, 1)
}
