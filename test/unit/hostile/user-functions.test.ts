import { describe, expect, test } from '@jest/globals'
import { StreamsBuilder } from '../../../src/dsl/streams-builder.ts'
import { customWindows } from '../../../src/dsl/window-definitions.ts'
import { json } from '../../../src/serde/json.ts'
import { string } from '../../../src/serde/primitives.ts'
import type { Serde } from '../../../src/serde/serde.ts'
import { badAndGood, continuing, goods } from './hostile-world.ts'
import { strayRejections } from './stray-rejections.ts'
import { hostileValues } from './values.ts'

/** Does the hostile thing for the bad record, and what is right for any other. */
type Trap = <T>(value: unknown, right: T) => T
/** Everything ends in `out`, keyed as it came in. */
type Place = (builder: StreamsBuilder, trap: Trap) => void

const texts = { key: string(), value: string() }
const values = { key: string(), value: json<unknown>() }

function serdeWith(part: Partial<Serde<string>>): Serde<string> {
  return { ...string(), ...part }
}

const tens = (timestamp: number) => timestamp - (timestamp % 10)
const stream = (builder: StreamsBuilder) => builder.stream('in', texts)

const places: Readonly<Record<string, Place>> = {
  mapValues: (builder, trap) =>
    stream(builder)
      .mapValues((value) => trap<unknown>(value, value))
      .to('out', values),
  'mapValues to text': (builder, trap) =>
    stream(builder)
      .mapValues((value) => trap(value, value))
      .to('out', texts),
  map: (builder, trap) =>
    stream(builder)
      .map((key, value) => trap(value, [key, value]))
      .to('out', texts),
  'key of map': (builder, trap) =>
    stream(builder)
      .map((key, value) => [trap(value, key), value])
      .to('out', texts),
  selectKey: (builder, trap) =>
    stream(builder)
      .selectKey((key, value) => trap(value, key))
      .to('out', texts),
  flatMapValues: (builder, trap) =>
    stream(builder)
      .flatMapValues((value) => trap(value, [value]))
      .to('out', texts),
  flatMap: (builder, trap) =>
    stream(builder)
      .flatMap((key, value) => trap(value, [[key, value]]))
      .to('out', texts),
  filter: (builder, trap) =>
    stream(builder)
      .filter((_key, value) => trap(value, true))
      .to('out', texts),
  peek: (builder, trap) =>
    stream(builder)
      .peek((_key, value) => trap(value, undefined))
      .to('out', texts),
  'topic by record': (builder, trap) => stream(builder).to(({ value }) => trap(value, 'out'), texts),
  partitioner: (builder, trap) =>
    stream(builder).to('out', { ...texts, partitioner: (_t, _k, value) => trap(value, 0) }),
  'timestamp extractor': (builder, trap) =>
    builder.stream('in', { ...texts, timestamp: (value) => trap(value, 5) }).to('out', texts),
  serializer: (builder, trap) =>
    stream(builder).to('out', {
      ...texts,
      value: serdeWith({ serialize: (value) => trap(value, Buffer.from(value)) }),
    }),
  deserializer: (builder, trap) => {
    const value = serdeWith({
      deserialize: (bytes) => {
        const text = Buffer.from(bytes).toString()
        return trap(text, text)
      },
    })
    builder.stream('in', { key: string(), value }).to('out', texts)
  },
  aggregator: (builder, trap) =>
    stream(builder)
      .groupByKey()
      .aggregate(
        () => 'none',
        (_key, value) => trap(value, value),
        { ...texts, store: 's' },
      )
      .toStream()
      .to('out', texts),
  initializer: (builder, trap) => {
    let met = 'bad'
    stream(builder)
      .peek((_key, value) => void (met = value))
      .groupByKey()
      .aggregate(
        () => trap(met, 'none'),
        (_key, value) => value,
        { ...texts, store: 's' },
      )
      .toStream()
      .to('out', texts)
  },
  reducer: (builder, trap) =>
    stream(builder)
      .flatMapValues((value) => [value, value])
      .groupByKey()
      .reduce((_left, right) => trap(right, right), { ...texts, store: 's' })
      .toStream()
      .to('out', texts),
  'function of custom windows': (builder, trap) => {
    let met = 'bad'
    const windowsFor = (timestamp: number) => trap(met, [{ startMs: tens(timestamp), endMs: tens(timestamp) + 10 }])
    stream(builder)
      .peek((_key, value) => void (met = value))
      .groupByKey()
      .windowedBy(customWindows({ sizeMs: 10, windowsFor }))
      .reduce((_left, right) => right, { ...texts, store: 's' })
      .toStream(({ key }) => key)
      .to('out', texts)
  },
  'a window of custom windows': (builder, trap) => {
    let met = 'bad'
    stream(builder)
      .peek((_key, value) => void (met = value))
      .groupByKey()
      .windowedBy(
        customWindows({
          sizeMs: 10,
          windowsFor: (timestamp) => [trap(met, { startMs: tens(timestamp), endMs: tens(timestamp) + 10 })],
        }),
      )
      .emitStrategy('on-window-close')
      .reduce((_left, right) => right, { ...texts, store: 's' })
    stream(builder).to('out', texts)
  },
  joiner: (builder, trap) => {
    const table = builder.table('table', texts)
    stream(builder)
      .leftJoin(table, (value) => trap(value, value))
      .to('out', texts)
  },
  processor: (builder, trap) =>
    stream(builder)
      .process<string, string>({
        create: () => {
          let forward: (value: string, timestamp: number) => void
          return {
            init(context) {
              forward = (value, timestamp) => context.forward({ key: value, value, timestamp })
            },
            process({ value, timestamp }) {
              const answer = trap<undefined>(value, undefined)
              if (value !== 'bad') forward(value, timestamp)
              return answer
            },
          }
        },
      })
      .to('out', texts),
  'forwarded timestamp': (builder, trap) =>
    stream(builder)
      .process<string, string>({
        create: () => {
          let forward: (value: string) => void
          return {
            init(context) {
              forward = (value) => context.forward({ key: value, value, timestamp: trap(value, 5) })
            },
            process: ({ value }) => forward(value),
          }
        },
      })
      .to('out', texts),
  'asynchronous mapper': (builder, trap) =>
    stream(builder)
      .mapValuesAsync((value) => trap<Promise<string>>(value, Promise.resolve(value)))
      .to('out', texts),
}

let cases = 0
const nothingStray = strayRejections()

async function survives(place: Place, trap: Trap): Promise<void> {
  const world = badAndGood()
  for (let start = 1; start <= 2; start++) {
    const builder = new StreamsBuilder()
    place(builder, trap)
    const application = world.application(builder.build(), continuing)
    await world.finish(application.start())
    const isOver = () => application.state === 'ERROR' || world.uncommitted('app', 'in') === 0
    await world.until(() => isOver() && application.state !== 'REBALANCING')
    expect(application.status().failure).toBeUndefined()
    await world.finish(application.close())
    expect(goods(world)).toBeGreaterThanOrEqual(start)
    world.write('in', [['good', 'good']])
  }
}

describe.each(Object.entries(places))('%s', (_place, place) => {
  test.each(hostileValues)('that gives %s ends nothing', async (_name, make) => {
    cases++
    await survives(place, ((value: unknown, right: unknown) => (value === 'bad' ? make() : right)) as Trap)
  })

  test.each(hostileValues)('that throws %s ends nothing', async (_name, make) => {
    cases++
    await survives(place, ((value: unknown, right: unknown) => {
      if (value === 'bad') throw make()
      return right
    }) as Trap)
  })
})

test('nothing was left unhandled, and all cases ran', async () => {
  await nothingStray()
  expect(cases).toBe(Object.keys(places).length * hostileValues.length * 2)
  process.stdout.write(`${cases} cases ran: hostile values of user functions\n`)
})
