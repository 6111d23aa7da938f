import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, test } from '@jest/globals'
import { type AlertChange, loadWatches } from '../../../../src/alerts/index.ts'
import { currentVersion, type ModelHistory, type TrainingOrder } from '../../../../src/detection/index.ts'
import { defineTopology, json, string } from '../../../../src/index.ts'
import { TopologyTestDriver } from '../../../../src/testing/index.ts'
import { watchModels } from '../../../../topologies/alerting/watch-models.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { modelOf, usualVector } from '../../detection/catalog/models.ts'

const startMs = Date.UTC(2026, 10, 30)
const [minuteMs, hourMs] = [60_000, 3_600_000]
const watches = loadWatches(
  `watches:
  - name: rates
    topic: rates
    patience: 1
    cooldown: 0
    train: { kind: pca, features: [total, errors, durationP95Ms], over: 7d, least: 20 }
    keys: { batch: { threshold: 0.5 }, other: { train: { kind: forest, features: [total], every: 6h, least: 10 } } }
`,
  'watches.yaml',
)
const drivers: TopologyTestDriver[] = []
afterEach(async () => {
  await Promise.all(drivers.splice(0).map((driver) => driver.close()))
})

/** A worker that watches rates, whose trainings end as a test says. */
class Worker {
  readonly orders: TrainingOrder[] = []
  readonly logger = new RecordingLogger()
  readonly #driver: TopologyTestDriver
  #fails = false

  constructor() {
    const train = async (order: TrainingOrder) => {
      this.orders.push(order)
      if (this.#fails) throw new Error('no memory is left')
      return { ...modelOf(), rows: order.table.times.length, untilMs: startMs, fromMs: startMs - 5 * hourMs }
    }
    const topics = { modelsTopic: 'models', changesTopic: 'changes' }
    const topology = defineTopology('trained', (builder) =>
      watchModels(builder, { ...topics, watches, train, logger: this.logger }),
    )
    this.#driver = new TopologyTestDriver(topology, { startMs })
    drivers.push(this.#driver)
  }

  fail(fails: boolean): void {
    this.#fails = fails
  }

  minutes(from: number, to: number, { key = 'shop', scale = 1 } = {}): void {
    const rates = this.#driver.createInputTopic('rates', { key: string(), value: json<object>() })
    for (let minute = from; minute < to; minute++) {
      const [total, errors, durationP95Ms] = usualVector(minute, scale)
      const at = startMs + minute * minuteMs
      rates.pipeInput(key, { startMs: at, total, errors, durationP95Ms }, at)
    }
  }

  /** Time continues, and trainings that have begun end. */
  async wait(ms: number): Promise<void> {
    this.#driver.advanceWallClock(ms)
    await setImmediate()
    this.#driver.advanceWallClock(1000)
  }

  changes(): readonly AlertChange[] {
    const output = this.#driver.createOutputTopic('changes', { key: string(), value: json<AlertChange>() })
    return output.readRecordsToList().map(({ value }) => value as AlertChange)
  }

  published(): readonly ModelHistory[] {
    const output = this.#driver.createOutputTopic('models', { key: string(), value: json<ModelHistory>() })
    return output.readRecordsToList().map(({ value }) => value as ModelHistory)
  }
}

describe('the training of a worker', () => {
  test('waits for enough records', async () => {
    const worker = new Worker()
    worker.minutes(0, 19)
    await worker.wait(1000)
    expect([worker.orders.length, worker.published()]).toEqual([0, []])
  })

  test('publishes a model of the records of a key, as the owner of its task, and judges by it', async () => {
    const worker = new Worker()
    worker.minutes(0, 20)
    await worker.wait(1000)
    expect(worker.orders[0]).toMatchObject({ kind: 'pca', table: { features: ['total', 'errors', 'durationP95Ms'] } })
    const [history] = worker.published()
    expect(history).toMatchObject({ name: 'rates', key: 'shop', uses: [{ version: 1, why: 'published' }] })
    expect(history?.uses[0]?.by).toMatch(/ \d+_\d+$/)
    worker.minutes(21, 22, { scale: 50 })
    expect(worker.changes()[0]?.summary).toContain('model rates version 1, warming up, 0 of 7 days')
  })

  test('is repeated after a day, from the records of 7 days', async () => {
    const worker = new Worker()
    worker.minutes(0, 20)
    await worker.wait(1000)
    await worker.wait(23 * hourMs)
    worker.minutes(1440, 1460)
    expect(worker.orders).toHaveLength(1)
    await worker.wait(hourMs)
    expect(worker.orders.map(({ table }) => table.times.length)).toEqual([20, 40])
    expect(worker.published().map((one) => currentVersion(one)?.version)).toEqual([1, 2])
    await worker.wait(7 * 24 * hourMs - 2000)
    worker.minutes(8 * 1440, 8 * 1440 + 20)
    await worker.wait(24 * hourMs)
    expect(worker.orders.at(-1)?.table.times).toHaveLength(21)
  })

  test('has settings of its own for some keys', async () => {
    const worker = new Worker()
    worker.minutes(0, 10, { key: 'other' })
    await worker.wait(1000)
    await worker.wait(6 * hourMs)
    expect(worker.orders.map(({ kind, table }) => [kind, table.features])).toEqual([
      ['forest', ['total']],
      ['forest', ['total']],
    ])
  })

  test('trains one key after the other', async () => {
    const worker = new Worker()
    for (const key of ['a', 'b', 'c']) worker.minutes(0, 20, { key })
    for (let second = 0; second < 4; second++) await worker.wait(1000)
    expect(worker.published().map(({ key }) => key)).toEqual(['a', 'b', 'c'])
  })

  test('leaves out records of a time that is far ahead', async () => {
    const worker = new Worker()
    worker.minutes(2 * 1440, 2 * 1440 + 30)
    worker.minutes(0, 20)
    await worker.wait(1000)
    expect(worker.orders.map(({ table }) => table.times.length)).toEqual([20])
  })

  test('leaves the model in use where it fails, says so, and is tried again within the hour', async () => {
    const worker = new Worker()
    worker.fail(true)
    worker.minutes(0, 20)
    await worker.wait(1000)
    expect(worker.published()).toEqual([])
    expect(worker.logger.lines.map(({ message }) => message)).toContain('a training has failed, the model in use stays')
    worker.fail(false)
    await worker.wait(hourMs)
    expect(worker.published()).toHaveLength(1)
  })
})
