import { afterEach, describe, expect, test } from '@jest/globals'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyValueStore } from '../../../../src/dsl/store-definitions.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { TopologyTestDriver } from '../../../../src/testing/topology-test-driver.ts'
import type { Processor, ProcessorContext } from '../../../../src/topology/processor-api.ts'
import type { MetricCounter } from '../../../../src/topology/processor-metrics.ts'
import type { Topology } from '../../../../src/topology/topology.ts'

const text = { key: string(), value: string() }
type Context = ProcessorContext<string, string>
type TextProcessor = Processor<string, string, string, string>

/** One processor, made anew for each task by what is given. */
function processed(make: (context: Context) => TextProcessor['process']): Topology {
  const builder = new StreamsBuilder()
  const create = (): TextProcessor => {
    let process: TextProcessor['process'] = () => {}
    return {
      init: (context) => {
        process = make(context)
      },
      process: (record) => process(record),
    }
  }
  builder.stream('in', text).process({ create }, { name: 'checks' }).to('out', text)
  return builder.build()
}

const counting = processed(({ metrics }) => {
  const [seen, size] = [metrics.counter('seen'), metrics.gauge('size')]
  return ({ value }) => {
    seen.increment()
    size.set(value.length)
  }
})

const directories: string[] = []
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
})

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-context-'))
  directories.push(directory)
  return directory
}

function newWorld(): SimulatedWorld {
  const world = new SimulatedWorld()
  world.createTopics({ in: 2, out: 1 })
  return world
}

describe('metrics of a processor', () => {
  test('counters are summed over tasks, also over tasks that moved away; gauges are reported per task', async () => {
    const world = newWorld()
    const one = world.application(counting, { processId: 'one' })
    await world.finish(one.start())
    await world.until(() => one.state === 'RUNNING')
    for (const [partition, value] of [
      [0, 'a'],
      [1, 'bb'],
      [1, 'ccc'],
    ] as const)
      world.cluster.append('in', partition, Buffer.from('k'), Buffer.from(value), world.clock.nowMs())
    const counters = () => one.status().metrics.counters
    await world.until(() => counters()[0]?.value === 3)
    expect(counters()).toEqual([{ processor: 'checks', name: 'seen', value: 3 }])
    expect(one.status().metrics.gauges).toEqual([
      { processor: 'checks', name: 'size', taskId: '0_0', value: 1 },
      { processor: 'checks', name: 'size', taskId: '0_1', value: 3 },
    ])
    const two = world.application(counting, { processId: 'two' })
    await world.finish(two.start())
    await world.until(() => two.status().tasks.length === 1 && one.status().tasks.length === 1)
    expect(counters()[0]?.value).toBe(3)
    expect(one.status().metrics.gauges).toHaveLength(1)
    for (const application of [one, two]) await world.finish(application.close())
  })

  test('the metrics of a global store are reported too', async () => {
    const world = newWorld()
    world.createTopics({ names: 1 })
    const builder = new StreamsBuilder()
    builder.stream('in', text).to('out')
    const create = (): Processor<string, string, never, never> => {
      let told: MetricCounter | undefined
      return {
        init: ({ metrics }) => {
          told = metrics.counter('told')
        },
        process: () => told?.increment(),
      }
    }
    builder.addGlobalStore(keyValueStore({ name: 'names', ...text }), 'names', { create }, text)
    world.write('names', [['a', 'A']])
    const application = world.application(builder.build())
    await world.finish(application.start())
    expect(application.status().metrics.counters).toMatchObject([{ name: 'told', value: 1 }])
    await world.finish(application.close())
  })

  test('that are named after data share one name above a hundred, and lose nothing', async () => {
    const driver = new TopologyTestDriver(
      processed(
        ({ metrics }) =>
          ({ key }) =>
            metrics.counter(key).increment(2),
      ),
    )
    const input = driver.createInputTopic('in', text)
    for (let key = 0; key < 150; key++) input.pipeInput(`key ${key}`, 'x')
    const { counters } = driver.metrics()
    expect(counters).toHaveLength(101)
    expect(counters.at(-1)).toEqual({ processor: 'checks', name: 'other', value: 100 })
    await driver.close()
  })

  test.each<[string, (metrics: Context['metrics']) => void, string]>([
    ['a counter that goes down', (metrics) => metrics.counter('a').increment(-1), 'counter a of checks was given -1'],
    ['a counter without a number', (metrics) => metrics.counter('a').increment(Number.NaN), 'given NaN (number)'],
    ['a gauge of a text', (metrics) => metrics.gauge('a').set('1' as unknown as number), "given '1' (string)"],
    ['an empty name', (metrics) => metrics.gauge(''), "checks names a gauge '' (string)"],
    ['a promise for a name', (metrics) => metrics.counter(Promise.reject(new Error('x')) as never), 'Promise'],
  ])('%s is refused for its record', async (_, act, sentence) => {
    const topology = processed(
      ({ metrics }) =>
        () =>
          act(metrics),
    )
    const errors: unknown[] = []
    const driver = new TopologyTestDriver(topology, {
      processingHandler: (error) => {
        errors.push(error)
        return { action: 'continue', deadLetters: [] }
      },
    })
    driver.createInputTopic('in', text).pipeInput('a', 'x')
    expect(errors).toMatchObject([{ code: 'INVALID_METRIC', message: expect.stringContaining(sentence) }])
    expect(driver.droppedRecords()).toBe(1)
    await driver.close()
  })
})

test('a processor reads the settings of its application, complete and not to be changed', async () => {
  const seen: unknown[] = []
  const topology = processed(({ appConfigs }) => {
    seen.push(appConfigs['applicationId'], appConfigs['commitIntervalMs'], Object.isFrozen(appConfigs))
    return () => {}
  })
  await new TopologyTestDriver(topology, { applicationId: 'orders' }).close()
  expect(seen).toEqual(['orders', 30_000, true])
})

describe('a punctuation with a start time', () => {
  const from = (startTimeMs: unknown, type: 'stream-time' | 'wall-clock-time' = 'wall-clock-time') =>
    processed((context) => {
      const options = { startTimeMs: startTimeMs as number }
      const tell = (timestamp: number) => context.forward({ key: 'k', value: String(timestamp), timestamp })
      context.schedule(3_600_000, type, tell, options)
      return () => {}
    })

  test('fires at the full hour of the wall clock, whenever its task began', async () => {
    const driver = new TopologyTestDriver(from(0), { startMs: 7_200_000 + 60_000 })
    for (let minute = 1; minute < 120; minute++) driver.advanceWallClock(60_000)
    expect(driver.createOutputTopic('out', text).readValuesToList()).toEqual(['10800000', '14400000'])
    await driver.close()
  })

  test('fires at its time of the stream, and not with the first record', async () => {
    const driver = new TopologyTestDriver(from(5000, 'stream-time'))
    const input = driver.createInputTopic('in', text)
    for (const timestamp of [1, 4999, 5000, 5001, 3_605_000]) input.pipeInput('a', 'x', timestamp)
    expect(driver.createOutputTopic('out', text).readValuesToList()).toEqual(['5000', '3605000'])
    await driver.close()
  })

  test.each([[-1], [1.5], ['0'], [Number.NaN]])('from %p is refused with a sentence', (startTimeMs) => {
    const open = () => new TopologyTestDriver(from(startTimeMs))
    expect(open).toThrow(expect.objectContaining({ code: 'PUNCTUATION_START', consequence: 'fatal' }))
  })
})

describe('the state directory of a processor', () => {
  const keeping = processed((context) => {
    const directory = context.stateDirectory
    return ({ key, value, timestamp }) => {
      if (directory === undefined) return
      const file = join(directory, 'notes')
      const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
      writeFileSync(file, before + value)
      context.forward({ key, value: before + value, timestamp })
    }
  })
  const outputs = (world: SimulatedWorld) => world.read('out').map(({ value }) => String(Buffer.from(value ?? [])))

  test('is there without a store, outlives the cleanup of what is not used, and a restart', async () => {
    const world = newWorld()
    const options = { stateDirectory: await newDirectory(), stateCleanupDelayMs: 1000 }
    for (const [value, expected] of [
      ['a', ['a']],
      ['b', ['a', 'ab']],
    ] as const) {
      const application = world.application(keeping, options)
      await world.finish(application.start())
      await world.until(() => application.state === 'RUNNING')
      world.write('in', [['k', value]])
      await world.until(() => outputs(world).length === expected.length)
      for (let step = 0; step < 30; step++) await world.run(100)
      expect(outputs(world)).toEqual(expected)
      expect(readdirSync(join(options.stateDirectory, 'app'))).toEqual(expect.arrayContaining(['0_0', '0_1']))
      await world.finish(application.close())
    }
  })

  test('there is no state directory when state is in memory', async () => {
    const driver = new TopologyTestDriver(keeping)
    driver.createInputTopic('in', text).pipeInput('a', 'x')
    expect(driver.producedRecords()).toEqual([])
    await driver.close()
  })
})
