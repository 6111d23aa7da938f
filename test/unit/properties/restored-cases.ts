import type { StreamsBuilder } from '../../../src/dsl/streams-builder.ts'
import { untilTimeLimit, untilWindowCloses } from '../../../src/dsl/suppress.ts'
import { hoppingWindows, joinWindows, sessionWindows } from '../../../src/dsl/window-definitions.ts'
import { string } from '../../../src/serde/primitives.ts'
import type { StoreEngine } from '../../../src/stores/store-spec.ts'
import type { Topology } from '../../../src/topology/topology.ts'
import { idOf } from './deduplicate-model.ts'
import { finalResultsModel } from './final-results-model.ts'
import { foreignKeyOf } from './foreign-key-model.ts'
import type { HistoryShape, Model } from './history.ts'
import { sessionModel } from './session-model.ts'
import { joinText, streamJoinModel } from './stream-join-model.ts'
import { suppressModel } from './suppress-model.ts'
import { texts, topologyOf, trail, windowedOut } from './topology-play.ts'
import { windowModel } from './window-model.ts'

export interface RestoredCase {
  readonly name: string
  readonly shape: HistoryShape
  readonly topology: () => Topology
  /** Where Java forgets something; without it the task that was not restarted is the rule. */
  readonly model?: () => Model
}

const one: HistoryShape = {
  topics: ['in'],
  keys: ['a', 'b', 'c'],
  value: (draw, index) => (draw.chance(0.08) ? `x${index}` : `${index}`),
  nullValues: 0.1,
  stepMs: 8,
  lateMs: 40,
}
const two: HistoryShape = { ...one, topics: ['left', 'right'], keys: ['a', 'b'], value: (_, index) => `${index}` }

const add = (_: string, value: string | null, aggregate: string | null) => trail(value, aggregate ?? '') as string

export function restoredCases(engine: StoreEngine): readonly RestoredCase[] {
  const of = (define: (builder: StreamsBuilder) => void) => () => topologyOf(engine, define)
  return [...plainCases(of), ...timedCases(engine, of)]
}

type TopologyBy = (define: (builder: StreamsBuilder) => void) => () => Topology

/** Nothing of these is lost with a task. */
function plainCases(of: TopologyBy): readonly RestoredCase[] {
  return [
    {
      name: 'count',
      shape: one,
      topology: of((builder) => {
        const counts = builder.stream('in', texts).groupByKey().count()
        counts.toStream().mapValues(String).to('out', texts)
      }),
    },
    {
      name: 'aggregate of a table',
      shape: { ...one, nullValues: 0.3 },
      topology: of((builder) => {
        const groups = builder.table('in', texts).groupBy((_, value) => [value.slice(-1), value], texts)
        const remove = (_: string, value: string, aggregate: string) => aggregate.replace(`.${value}`, '')
        groups
          .aggregate(() => '', add, remove, { value: string() })
          .toStream()
          .to('out', texts)
      }),
    },
    {
      name: 'join of two tables',
      shape: { ...two, nullValues: 0.3 },
      topology: of((builder) => {
        const joined = builder.table('left', texts).outerJoin(builder.table('right', texts), joinText)
        joined.toStream().to('out', texts)
      }),
    },
    {
      name: 'join of two tables by a foreign key',
      shape: {
        ...two,
        keys: ['a', 'b', 'c'],
        nullValues: 0.2,
        value: (draw, index) => `${draw.one(['', 'a', 'b', 'c'])}:${index}`,
      },
      topology: of((builder) => {
        const foreignKey = (_: string, value: string) => foreignKeyOf(value)
        const joined = builder
          .table('left', texts)
          .foreignKeyLeftJoin(builder.table('right', texts), foreignKey, joinText)
        joined.toStream().to('out', texts)
      }),
    },
    {
      name: 'stream joined with a versioned table',
      shape: { ...two, nullValues: 0.2 },
      topology: of((builder) => {
        const table = builder.table('right', { ...texts, store: 'versions', versionedHistoryMs: 100 })
        builder.stream('left', texts).leftJoin(table, joinText).to('out', texts)
      }),
    },
    {
      name: 'stream joined with a versioned table, with grace',
      shape: { ...two, nullValues: 0.2 },
      topology: of((builder) => {
        const table = builder.table('right', { ...texts, store: 'versions', versionedHistoryMs: 100_000 })
        const left = builder.stream('left', texts).filter((key) => key !== null)
        left.leftJoin(table, joinText, { graceMs: 25 }).to('out', texts)
      }),
    },
    {
      name: 'duplicates',
      shape: { ...one, value: (draw, index) => `${draw.one(['-', 'p', 'q', 'r', 's', 't'])}${index}` },
      topology: of((builder) => {
        const options = { id: (_: string, value: string) => idOf(value), idSerde: string(), ttlMs: 20, store: 'seen' }
        builder.stream('in', texts).deduplicate(options).to('out', texts)
      }),
    },
  ]
}

/** Java's operators forget their stream time. */
function timedCases(engine: StoreEngine, of: TopologyBy): readonly RestoredCase[] {
  const emits = ['on-window-update', 'on-window-close'] as const
  const windows = { sizeMs: 12, advanceMs: 5, graceMs: 9 }
  const sessions = { gapMs: 6, graceMs: 9, retentionMs: 100_000 }
  const bounds = { beforeMs: 3, afterMs: 12, graceMs: 5 }
  const joins = { windows: joinWindows({ differenceMs: 0, ...bounds }) }
  return [
    ...emits.flatMap((emit): RestoredCase[] => [
      {
        name: `windows, ${emit}`,
        shape: one,
        model: () => windowModel({ engine, emit, ...windows }),
        topology: of((builder) => {
          const windowed = builder.stream('in', texts).groupByKey().windowedBy(hoppingWindows(windows))
          const stored = { value: string(), retentionMs: 100_000 }
          windowedOut(windowed.emitStrategy(emit).aggregate(() => '', add, stored))
        }),
      },
      {
        name: `sessions, ${emit}`,
        shape: one,
        model: () => sessionModel({ engine, emit, ...sessions }),
        topology: of((builder) => {
          const windowed = builder.stream('in', texts).groupByKey().windowedBy(sessionWindows(sessions))
          const stored = { value: string(), retentionMs: sessions.retentionMs }
          const merge = (_: string, left: string, right: string) => `${left}&${right}`
          windowedOut(windowed.emitStrategy(emit).aggregate(() => '', add, merge, stored))
        }),
      },
    ]),
    {
      name: 'changes held back for a time',
      shape: one,
      model: () => suppressModel({ engine, limitMs: 30, recordsMax: 2 }),
      topology: of((builder) => {
        const held = builder.table('in', texts).suppress(untilTimeLimit({ limitMs: 30, bufferedRecordsMax: 2 }))
        held.toStream().to('out', texts)
      }),
    },
    {
      name: 'final results of windows',
      shape: one,
      model: () => finalResultsModel({ engine, emit: 'on-window-update', ...windows }),
      topology: of((builder) => {
        const windowed = builder.stream('in', texts).groupByKey().windowedBy(hoppingWindows(windows))
        const stored = { value: string(), retentionMs: 100_000 }
        windowedOut(windowed.aggregate(() => '', add, stored).suppress(untilWindowCloses()))
      }),
    },
    {
      name: 'outer join of two streams',
      shape: two,
      model: () => streamJoinModel({ engine, join: 'outer', ...bounds }),
      topology: of((builder) => {
        const joined = builder.stream('left', texts).outerJoin(builder.stream('right', texts), joinText, joins)
        joined.to('out', texts)
      }),
    },
  ]
}
