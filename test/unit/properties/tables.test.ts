import { describe, test } from '@jest/globals'
import { untilTimeLimit, untilWindowCloses } from '../../../src/dsl/suppress.ts'
import { hoppingWindows } from '../../../src/dsl/window-definitions.ts'
import { string } from '../../../src/serde/primitives.ts'
import { type DeduplicateConfig, deduplicateModel, idOf } from './deduplicate-model.ts'
import { finalResultsModel } from './final-results-model.ts'
import { checkHistories, type HistoryShape } from './history.ts'
import { type SuppressConfig, suppressModel } from './suppress-model.ts'
import { playTopology, texts, topologyOf, trail, windowedOut } from './topology-play.ts'
import type { WindowConfig } from './window-model.ts'

const shape: HistoryShape = {
  topics: ['in'],
  keys: ['a', 'b', 'c', 'd'],
  value: (draw, index) => (draw.chance(0.08) ? `x${index}` : `${index}`),
  nullValues: 0.15,
  stepMs: 8,
  lateMs: 40,
}

const engines = ['memory', 'disk'] as const

describe('against brute force', () => {
  test('changes held back for a time', () => {
    checkHistories<SuppressConfig>({
      configs: engines.flatMap((engine) =>
        [0, 1, 10, 60].flatMap((limitMs) =>
          [undefined, 1, 2, 3].map((recordsMax) => ({ engine, limitMs, recordsMax })),
        ),
      ),
      shape,
      model: suppressModel,
      play: ({ engine, limitMs, recordsMax }) =>
        playTopology(
          topologyOf(engine, (builder) => {
            const held = builder
              .table('in', texts)
              .suppress(untilTimeLimit({ limitMs, bufferedRecordsMax: recordsMax }))
            held.toStream().to('out', texts)
          }),
        ),
    })
  })

  test('final results of windows', () => {
    const sizes = [
      [10, 10],
      [12, 5],
    ] as const
    checkHistories<WindowConfig>({
      configs: engines.flatMap((engine) =>
        sizes.flatMap(([sizeMs, advanceMs]) =>
          [0, 1, 13, 50].map((graceMs) => ({ engine, emit: 'on-window-update', sizeMs, advanceMs, graceMs }) as const),
        ),
      ),
      shape,
      model: finalResultsModel,
      play: ({ engine, sizeMs, advanceMs, graceMs }) =>
        playTopology(
          topologyOf(engine, (builder) => {
            const add = (_key: string, value: string | null, aggregate: string | null) =>
              trail(value, aggregate ?? '') as string
            const table = builder
              .stream('in', texts)
              .groupByKey()
              .windowedBy(hoppingWindows({ sizeMs, advanceMs, graceMs }))
              .aggregate(() => '', add, { value: string() })
            windowedOut(table.suppress(untilWindowCloses()))
          }),
        ),
    })
  })

  test('duplicates', () => {
    checkHistories<DeduplicateConfig>({
      configs: engines.flatMap((engine) => [1, 5, 20, 60].map((ttlMs) => ({ engine, ttlMs }))),
      shape: { ...shape, value: (draw, index) => `${draw.one(['-', 'p', 'q', 'r', 's', 't', 'u'])}${index}` },
      model: deduplicateModel,
      play: ({ engine, ttlMs }) =>
        playTopology(
          topologyOf(engine, (builder) => {
            const options = { id: (_: string, value: string) => idOf(value), idSerde: string(), ttlMs, store: 'seen' }
            builder.stream('in', texts).deduplicate(options).to('out', texts)
          }),
          // No record is of the future: those are remembered in another way.
          1_000_000,
        ),
    })
  })
})
