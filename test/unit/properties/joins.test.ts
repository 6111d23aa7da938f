import { describe, test } from '@jest/globals'
import type { StreamsBuilder } from '../../../src/dsl/streams-builder.ts'
import { joinWindows } from '../../../src/dsl/window-definitions.ts'
import { type ForeignKeyConfig, foreignKeyModel, foreignKeyOf } from './foreign-key-model.ts'
import { checkHistories, type Event, type HistoryShape, type Model } from './history.ts'
import { selfJoinModel } from './self-join-model.ts'
import { joinText, type StreamJoinConfig, streamJoinModel } from './stream-join-model.ts'
import { type TableJoinConfig, tableJoinModel } from './table-join-model.ts'
import { playTopology, texts, topologyOf } from './topology-play.ts'
import { type VersionedJoinConfig, versionedJoinModel } from './versioned-join-model.ts'

const shape: HistoryShape = {
  topics: ['left', 'right'],
  keys: ['a', 'b'],
  value: (_, index) => `${index}`,
  nullValues: 0.08,
  stepMs: 8,
  lateMs: 30,
}

const engines = ['memory', 'disk'] as const
const bounds = [
  [0, 0],
  [5, 5],
  [0, 10],
  [10, 0],
  [3, 12],
  [-3, 9],
  [9, -3],
] as const

function windowed<Join extends string>(joins: readonly Join[]) {
  return engines.flatMap((engine) =>
    joins.flatMap((join) =>
      bounds.flatMap(([beforeMs, afterMs]) =>
        [0, 1, 12].map((graceMs) => ({ engine, join, beforeMs, afterMs, graceMs })),
      ),
    ),
  )
}

function withoutNullKeys(config: VersionedJoinConfig): Model {
  const model = versionedJoinModel(config)
  const passes = ({ key }: Event) => config.graceMs === undefined || key !== null
  return { take: (event) => (passes(event) ? model.take(event) : []) }
}

describe('against brute force', () => {
  test('joins of two streams', () => {
    checkHistories<StreamJoinConfig>({
      configs: windowed(['inner', 'left', 'outer'] as const),
      shape,
      model: streamJoinModel,
      play: ({ engine, join, ...bound }) =>
        playTopology(
          topologyOf(engine, (builder) => {
            const left = builder.stream('left', texts)
            const right = builder.stream('right', texts)
            const options = { windows: joinWindows({ differenceMs: 0, ...bound }) }
            const joined =
              join === 'inner'
                ? left.join(right, joinText, options)
                : join === 'left'
                  ? left.leftJoin(right, joinText, options)
                  : left.outerJoin(right, joinText, options)
            joined.to('out', texts)
          }),
        ),
    })
  })

  test('a stream joined with itself, as two sides', () => {
    checkHistories<StreamJoinConfig>({
      configs: windowed(['inner', 'left', 'outer'] as const),
      shape: { ...shape, topics: ['left'] },
      model: (config) => {
        const model = streamJoinModel(config)
        return { take: (event) => [...model.take(event), ...model.take({ ...event, topic: 'right' })] }
      },
      play: ({ engine, join, ...bound }) =>
        playTopology(
          topologyOf(engine, (builder) => {
            const left = builder.stream('left', texts)
            const options = { windows: joinWindows({ differenceMs: 0, ...bound }) }
            const joined =
              join === 'inner'
                ? left.join(left, joinText, options)
                : join === 'left'
                  ? left.leftJoin(left, joinText, options)
                  : left.outerJoin(left, joinText, options)
            joined.to('out', texts)
          }),
        ),
    })
  })

  test('a stream joined with itself, over one store', () => {
    checkHistories<StreamJoinConfig>({
      configs: windowed(['inner'] as const).filter(({ beforeMs, afterMs }) => beforeMs >= 0 && afterMs >= 0),
      shape: { ...shape, topics: ['left'] },
      model: selfJoinModel,
      play: ({ engine, beforeMs, afterMs, graceMs }) => {
        const define = (builder: StreamsBuilder) => {
          const left = builder.stream('left', texts)
          const windows = joinWindows({ differenceMs: 0, beforeMs, afterMs, graceMs })
          left.join(left, joinText, { windows }).to('out', texts)
        }
        return playTopology(topologyOf(engine, define, true))
      },
    })
  })

  test('joins of two tables', () => {
    checkHistories<TableJoinConfig>({
      configs: engines.flatMap((engine) => (['inner', 'left', 'outer'] as const).map((join) => ({ engine, join }))),
      shape: { ...shape, nullValues: 0.3 },
      model: tableJoinModel,
      play: ({ engine, join }) =>
        playTopology(
          topologyOf(engine, (builder) => {
            const left = builder.table('left', texts)
            const right = builder.table('right', texts)
            const joined =
              join === 'inner'
                ? left.join(right, joinText)
                : join === 'left'
                  ? left.leftJoin(right, joinText)
                  : left.outerJoin(right, joinText)
            joined.toStream().to('out', texts)
          }),
        ),
    })
  })

  test('joins of two tables by a foreign key', () => {
    checkHistories<ForeignKeyConfig>({
      configs: engines.flatMap((engine) => (['inner', 'left'] as const).map((join) => ({ engine, join }))),
      shape: {
        ...shape,
        keys: ['a', 'b', 'c'],
        nullValues: 0.2,
        value: (draw, index) => `${draw.one(['', 'a', 'b', 'c'])}:${index}`,
      },
      model: foreignKeyModel,
      play: ({ engine, join }) =>
        playTopology(
          topologyOf(engine, (builder) => {
            const left = builder.table('left', texts)
            const right = builder.table('right', texts)
            const foreignKey = (_: string, value: string) => foreignKeyOf(value)
            const joined =
              join === 'inner'
                ? left.foreignKeyJoin(right, foreignKey, joinText)
                : left.foreignKeyLeftJoin(right, foreignKey, joinText)
            joined.toStream().to('out', texts)
          }),
        ),
    })
  })

  test('a stream joined with a versioned table', () => {
    checkHistories<VersionedJoinConfig>({
      configs: engines.flatMap((engine) =>
        (['inner', 'left'] as const).flatMap((join) =>
          [undefined, 0, 5, 25].map((graceMs) => ({ engine, join, graceMs })),
        ),
      ),
      shape: { ...shape, nullValues: 0.2 },
      model: withoutNullKeys,
      play: ({ engine, join, graceMs }) =>
        playTopology(
          topologyOf(engine, (builder) => {
            const table = builder.table('right', { ...texts, store: 'versions', versionedHistoryMs: 100_000 })
            // Records without key cannot wait: the engine stops at them, as Java does.
            const left = builder.stream('left', texts).filter((key) => graceMs === undefined || key !== null)
            const joined =
              join === 'inner' ? left.join(table, joinText, { graceMs }) : left.leftJoin(table, joinText, { graceMs })
            joined.to('out', texts)
          }),
        ),
    })
  })
})
