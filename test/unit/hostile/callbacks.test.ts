import { describe, expect, test } from '@jest/globals'
import { StreamsBuilder } from '../../../src/dsl/streams-builder.ts'
import type { RuntimeListener } from '../../../src/runtime/listener.ts'
import type { ApplicationOptions } from '../../../src/runtime/settings.ts'
import { string } from '../../../src/serde/primitives.ts'
import type { SimulatedWorld } from '../../../src/testing/simulator.ts'
import { badAndGood, continuing, goods } from './hostile-world.ts'
import { strayRejections } from './stray-rejections.ts'
import { hostileValues } from './values.ts'

const texts = { key: string(), value: string() }

/** Does the hostile thing. */
type Act = () => unknown

let cases = 0
const nothingStray = strayRejections()

function copying(): StreamsBuilder {
  const builder = new StreamsBuilder()
  builder
    .stream('in', texts)
    .peek((key) => {
      if (key === 'bad') throw new Error('bad')
    })
    .to('out', texts)
  return builder
}

async function run(
  builder: StreamsBuilder,
  options: Partial<ApplicationOptions>,
  listener: RuntimeListener,
  isDone: (world: SimulatedWorld) => boolean,
) {
  cases++
  const world = badAndGood()
  const application = world.application(builder.build(), { ...continuing, ...options }, { listener })
  await world.finish(application.start())
  await world.until(() => application.state === 'ERROR' || (isDone(world) && application.state === 'RUNNING'))
  const { failure } = application.status()
  await world.finish(application.close())
  return { failure, goods: goods(world) }
}

const isCommitted = (world: SimulatedWorld) => world.uncommitted('app', 'in') === 0

const acts: (readonly [string, (make: Act) => Act])[] = [
  ['gives', (make) => make],
  [
    'throws',
    (make) => () => {
      throw make()
    },
  ],
]

const all = acts.flatMap(([verb, act]) => hostileValues.map(([name, make]) => [`${verb} ${name}`, act(make)] as const))

describe.each(['onState', 'onThreadState', 'onRound', 'onCommit', 'onError'] as const)(
  'a listener whose %s',
  (method) => {
    test.each(all)('%s ends nothing', async (_name, act) => {
      const listener = { [method]: act } as RuntimeListener
      expect(await run(copying(), {}, listener, isCommitted)).toEqual({ failure: undefined, goods: 1 })
    })
  },
)

describe('a processing handler that', () => {
  test.each(all)('%s ends the thread with a sentence that names it', async (_name, act) => {
    const processingHandler = act as unknown as ApplicationOptions['processingHandler']
    const { failure } = await run(copying(), { processingHandler }, {}, isCommitted)
    expect(String(failure)).toContain('processingHandler')
  })
})

/** Everything ends in `out`; the bad record makes it act. */
const places: Readonly<Record<string, (builder: StreamsBuilder, trap: (value: string) => string) => void>> = {
  'a punctuator': (builder, trap) =>
    builder
      .stream('in', texts)
      .process<string, string>({
        create: () => {
          let forward: (value: string) => void
          let met = 0
          return {
            init(context) {
              forward = (value) => context.forward({ key: value, value, timestamp: 5 })
              context.schedule(1, 'wall-clock-time', () => (met++ === 1 ? trap('bad') : undefined))
            },
            process: ({ value }) => forward(value),
          }
        },
      })
      .to('out', texts),
  'a key selector of groupBy': (builder, trap) =>
    builder
      .stream('in', texts)
      .groupBy((_key, value) => trap(value), texts)
      .reduce((_left, right) => right, { ...texts, store: 's' })
      .toStream()
      .to('out', texts),
  'a key selector of a table': (builder, trap) =>
    builder
      .table('in', texts)
      .groupBy((_key, value) => [trap(value), value], texts)
      .reduce(
        (_all, value) => value,
        (all) => all,
        { ...texts, store: 's' },
      )
      .toStream()
      .to('out', texts),
  'a foreign key extractor': (builder, trap) =>
    builder
      .table('in', { ...texts, store: 'left' })
      .foreignKeyLeftJoin(
        builder.table('table', { ...texts, store: 'right' }),
        (_key, value) => trap(value),
        (value) => value,
        texts,
      )
      .toStream()
      .to('out', texts),
  'a mapper of a table': (builder, trap) =>
    builder
      .table('in', texts)
      .mapValues((value) => trap(value))
      .toStream()
      .to('out', texts),
}

describe.each(Object.entries(places))('%s that', (_place, place) => {
  test.each(all)('%s ends nothing', async (_name, act) => {
    const builder = new StreamsBuilder()
    place(builder, (value) => (value === 'bad' ? (act() as string) : value))
    const isOut = (world: SimulatedWorld) => isCommitted(world) && goods(world) > 0
    expect((await run(builder, {}, {}, isOut)).failure).toBeUndefined()
  })
})

test('nothing was left unhandled, and all cases ran', async () => {
  await nothingStray()
  expect(cases).toBe(all.length * (5 + 1 + Object.keys(places).length))
  process.stdout.write(`${cases} cases ran: hostile values of callbacks, selectors and extractors\n`)
})
