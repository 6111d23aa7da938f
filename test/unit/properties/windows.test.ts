import { describe, test } from '@jest/globals'
import { hoppingWindows, sessionWindows, slidingWindows } from '../../../src/dsl/window-definitions.ts'
import { string } from '../../../src/serde/primitives.ts'
import { checkHistories, type Event, type HistoryShape, type Outputs } from './history.ts'
import { type SessionConfig, sessionModel } from './session-model.ts'
import { gather, type SlidingConfig, slidingModel } from './sliding-model.ts'
import { playTopology, texts, topologyOf, trail, windowedOut } from './topology-play.ts'
import { type WindowConfig, windowModel } from './window-model.ts'

const shape: HistoryShape = {
  topics: ['in'],
  keys: ['a', 'b', 'c'],
  value: (draw, index) => (draw.chance(0.08) ? `x${index}` : `${index}`),
  nullValues: 0.1,
  stepMs: 8,
  lateMs: 40,
}

const engines = ['memory', 'disk'] as const
const emits = ['on-window-update', 'on-window-close'] as const

const windowConfigs: WindowConfig[] = engines.flatMap((engine) =>
  emits.flatMap((emit) =>
    [
      [10, 10],
      [10, 5],
      [12, 5],
      [30, 7],
      [1, 1],
    ].flatMap(([sizeMs = 0, advanceMs = 0]) =>
      [0, 1, 13, 50].map((graceMs) => ({ engine, emit, sizeMs, advanceMs, graceMs })),
    ),
  ),
)

const sessionConfigs: SessionConfig[] = engines.flatMap((engine) =>
  emits.flatMap((emit) =>
    [0, 1, 6, 15].flatMap((gapMs) =>
      [0, 1, 9, 40].map((graceMs) => {
        const retentionMs = emit === 'on-window-close' ? 100_000 : gapMs + graceMs
        return { engine, emit, gapMs, graceMs, retentionMs }
      }),
    ),
  ),
)

const slidingConfigs: SlidingConfig[] = engines.flatMap((engine) =>
  emits.flatMap((emit) =>
    [1, 2, 8, 20].flatMap((timeDifferenceMs) =>
      [0, 9, 40].map((graceMs) => ({ engine, emit, timeDifferenceMs, graceMs })),
    ),
  ),
)

/**
 * No rule says in what order the windows of a record earlier than the difference come, nor when a window that ends with
 * the record and follows on the one before it comes twice.
 */
function normalized({ timeDifferenceMs }: SlidingConfig, events: readonly Event[], outputs: Outputs): Outputs {
  return outputs.map((texts, index) => {
    const once = [...new Set(texts)]
    return (events[index] as Event).timestamp < timeDifferenceMs ? once.sort() : once
  })
}

describe('against brute force', () => {
  test('tumbling and hopping windows', () => {
    checkHistories({
      configs: windowConfigs,
      shape,
      model: windowModel,
      play: ({ engine, emit, ...windows }) =>
        playTopology(
          topologyOf(engine, (builder) => {
            const windowed = builder.stream('in', texts).groupByKey().windowedBy(hoppingWindows(windows))
            const add = (_: string, value: string | null, aggregate: string | null) =>
              trail(value, aggregate ?? '') as string
            windowedOut(windowed.emitStrategy(emit).aggregate(() => '', add, { value: string(), retentionMs: 100_000 }))
          }),
        ),
    })
  })

  test('sessions', () => {
    checkHistories({
      configs: sessionConfigs,
      shape,
      model: sessionModel,
      play: ({ engine, emit, retentionMs, ...windows }) =>
        playTopology(
          topologyOf(engine, (builder) => {
            const windowed = builder.stream('in', texts).groupByKey().windowedBy(sessionWindows(windows))
            windowedOut(
              windowed.emitStrategy(emit).aggregate(
                () => '',
                (_, value: string | null, aggregate) => trail(value, aggregate) as string,
                (_, left, right) => `${left}&${right}`,
                { value: string(), retentionMs },
              ),
            )
          }),
        ),
    })
  })

  test('sliding windows', () => {
    checkHistories({
      configs: slidingConfigs,
      shape: ({ graceMs }) => ({ ...shape, lateMs: graceMs + 1 }),
      model: (config) => {
        const model = slidingModel(config)
        return { take: (event) => normalized(config, [event], [model.take(event)])[0] ?? [] }
      },
      play: (config) => {
        const { engine, emit, ...windows } = config
        const play = playTopology(
          topologyOf(engine, (builder) => {
            const windowed = builder.stream('in', texts).groupByKey().windowedBy(slidingWindows(windows))
            const add = (_: string, value: string, aggregate: string) => gather(value, aggregate)
            const stored = { value: string(), retentionMs: 100_000 }
            windowedOut(windowed.emitStrategy(emit).aggregate(() => '', add, stored))
          }),
        )
        return (events) => normalized(config, events, play(events))
      },
    })
  })
})
