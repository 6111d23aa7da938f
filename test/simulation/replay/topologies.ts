import { json, seconds, tumblingWindows, untilWindowCloses, type TimeWindowedStream } from '../../../src/index.ts'
import type { Topology } from '../../../src/topology/topology.ts'
import {
  built,
  byFirstLetter,
  deduplicated,
  joinOfStreams,
  joinWithTable,
  text,
} from '../../unit/replay/replay-topologies.ts'

const windows = tumblingWindows({ sizeMs: seconds(10), graceMs: seconds(5) })

/** What a history runs. Each writes to `out`, from `left` and some from `right`. */
export interface HistoryTopology {
  readonly build: () => Topology
  readonly sources: readonly string[]
  /** A result is a list of the values that it was made of: what was counted twice is there twice. */
  readonly isCounted: boolean
  /**
   * After a kill, what is done again gives the results that it gave before. A crash between changelogs and offsets leaves
   * state that is ahead of them, by as much event time as a replay reads in an interval.
   */
  readonly isExactAfterKill: boolean
}

function collected(windowed: TimeWindowedStream<string, string>) {
  const value = json<readonly string[]>()
  return windowed
    .aggregate(
      () => [],
      (_, one, all: readonly string[]) => [...all, one],
      { store: 'collected', value },
    )
    .suppress(untilWindowCloses())
    .toStream(({ key, window }) => `${key}/${window.startMs}`)
    .mapValues((all) => JSON.stringify([...all].sort()))
}

export const topologies: Readonly<Record<string, HistoryTopology>> = {
  copies: {
    build: built((builder) => builder.stream('left', text).to('out', text)),
    sources: ['left'],
    isCounted: false,
    isExactAfterKill: true,
  },
  windows: {
    build: built((builder) => {
      collected(builder.stream('left', text).groupByKey().windowedBy(windows)).to('out', text)
    }),
    sources: ['left'],
    isCounted: true,
    isExactAfterKill: true,
  },
  'windows behind a repartition topic': {
    build: built((builder) => {
      collected(byFirstLetter(builder).windowedBy(windows)).to('out', text)
    }),
    sources: ['left'],
    isCounted: true,
    isExactAfterKill: true,
  },
  'a join of streams': {
    build: joinOfStreams(seconds(2), seconds(5)),
    sources: ['left', 'right'],
    isCounted: false,
    // What is done again may find rows that have expired meanwhile.
    isExactAfterKill: false,
  },
  'a join with a table': {
    build: joinWithTable,
    sources: ['left', 'right'],
    isCounted: false,
    // The table may be ahead of a record that is done again.
    isExactAfterKill: false,
  },
  deduplicate: {
    build: deduplicated,
    sources: ['left'],
    isCounted: false,
    // The same: an id that was known may be forgotten.
    isExactAfterKill: false,
  },
}
