import { describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { TopologyTestDriver } from '../../../../src/testing/topology-test-driver.ts'
import type { Processor, ProcessorContext } from '../../../../src/topology/processor-api.ts'
import { strayRejections } from '../../hostile/stray-rejections.ts'

const texts = { key: string(), value: string() }
type Texts = Processor<string, string, string, string>
const nothingStray = strayRejections()

/** Two processors in a row, with these parts in place of what they have. */
function inARow(first: () => Partial<Texts>, second: () => Partial<Texts>) {
  const create = (parts: () => Partial<Texts>) => (): Texts => {
    let context: ProcessorContext<string, string> | undefined
    const init: Texts['init'] = (given) => {
      context = given
    }
    return { init, process: (record) => context?.forward(record), ...parts() }
  }
  const builder = new StreamsBuilder()
  builder
    .stream('in', texts)
    .process({ create: create(first) })
    .process({ create: create(second) })
    .to('out', texts)
  return builder.build()
}

function startedWorld() {
  const world = new SimulatedWorld()
  world.createTopics({ in: 1, out: 1 })
  world.write('in', [['k', 'v']])
  return world
}

const failing: readonly (readonly [string, () => never])[] = [
  [
    'throws',
    () => {
      throw new Error('no')
    },
  ],
  ['returns a promise that rejects', () => Promise.reject(new Error('no')) as never],
]

describe.each(failing)('a processor whose close %s', (_name, close) => {
  test('ends nothing, and the processors behind it are closed', async () => {
    const world = startedWorld()
    let closed = 0
    const topology = inARow(
      () => ({ close }),
      () => ({ close: () => void closed++ }),
    )
    const application = world.application(topology)
    await world.finish(application.start())
    await world.until(() => world.uncommitted('app', 'in') === 0)
    await world.finish(application.close())
    await nothingStray()
    expect({ state: application.state, closed }).toEqual({ state: 'NOT_RUNNING', closed: 1 })
  })

  test('the test driver reports a failing close, and closes the rest', async () => {
    let closed = 0
    const topology = inARow(
      () => ({ close }),
      () => ({ close: () => void closed++ }),
    )
    await expect(new TopologyTestDriver(topology).close()).rejects.toThrow()
    await nothingStray()
    expect(closed).toBe(1)
  })
})

describe('a processor whose init', () => {
  test('returns a promise ends the application with a sentence, and no rejection is left over', async () => {
    const world = startedWorld()
    const init = () => Promise.reject(new Error('no')) as never
    const application = world.application(
      inARow(
        () => ({ init }),
        () => ({}),
      ),
    )
    const starting = world.finish(application.start()).catch(() => {})
    await world.until(() => application.state === 'ERROR')
    await starting
    await nothingStray()
    expect(application.failure).toMatchObject({ code: 'PROMISE_RETURNED' })
  })

  test('fails with a retriable error leaves none of those before it open', async () => {
    const world = startedWorld()
    let opened = 0
    let tries = 0
    const topology = inARow(
      () => ({ init: () => void opened++, close: () => void opened-- }),
      () => ({
        init() {
          if (++tries < 4) throw new MillraceError<'AWAY'>('AWAY', 'retriable', 'away')
        },
      }),
    )
    const application = world.application(topology)
    await world.finish(application.start())
    await world.until(() => application.state === 'RUNNING')
    expect({ opened, tries }).toEqual({ opened: 1, tries: 4 })
    await world.finish(application.close())
    expect(opened).toBe(0)
  })
})

test('create() that returns a promise is refused, and its rejection is left to nobody', async () => {
  const create = () => Promise.reject(new Error('no')) as never
  const builder = new StreamsBuilder()
  builder.stream('in', texts).process({ create }).to('out', texts)
  expect(() => builder.build()).toThrow('made no processor')
  await nothingStray()
})
