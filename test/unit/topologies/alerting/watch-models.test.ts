import { afterEach, describe, expect, test } from '@jest/globals'
import { type AlertChange, loadWatches } from '../../../../src/alerts/index.ts'
import {
  type ModelHistory,
  modelId,
  rolledBack,
  type TrainedModel,
  withVersion,
} from '../../../../src/detection/index.ts'
import { defineTopology, json, silentLogger, string } from '../../../../src/index.ts'
import { TopologyTestDriver } from '../../../../src/testing/index.ts'
import { watchModels } from '../../../../topologies/alerting/watch-models.ts'
import { modelOf, usualVector } from '../../detection/catalog/models.ts'

const startMs = Date.UTC(2026, 10, 30)
const minuteMs = 60_000
const watches = loadWatches(
  `watches:
  - { name: rates, topic: rates, severity: high, patience: 1, cooldown: 0, labels: { team: pay }, keys: { batch: { severity: low } } }
`,
  'watches.yaml',
)
const drivers: TopologyTestDriver[] = []
afterEach(async () => {
  await Promise.all(drivers.splice(0).map((driver) => driver.close()))
})

/** A topology that judges rates, with the models that are published to it. */
class Rates {
  readonly #driver: TopologyTestDriver
  #history: ModelHistory | undefined

  constructor() {
    const topology = defineTopology('watched', (builder) =>
      watchModels(builder, { watches, modelsTopic: 'models', changesTopic: 'changes', logger: silentLogger }),
    )
    this.#driver = new TopologyTestDriver(topology, { startMs })
    drivers.push(this.#driver)
  }

  publish(model: TrainedModel, minute: number, key = 'shop'): this {
    const at = { nowMs: startMs + minute * minuteMs, by: 'ann' }
    return this.write(withVersion({ name: 'rates', key }, this.#history, model, at), minute)
  }

  rollBack(minute: number): this {
    return this.write(
      rolledBack(this.#history as ModelHistory, { nowMs: startMs + minute * minuteMs, by: 'ben' }),
      minute,
    )
  }

  write(history: ModelHistory, minute: number): this {
    this.#history = history
    return this.writeText(modelId(history), JSON.stringify(history), minute)
  }

  writeText(id: string, text: string, minute: number): this {
    const models = this.#driver.createInputTopic('models', { key: string(), value: string() })
    models.pipeInput(id, text, startMs + minute * minuteMs)
    return this
  }

  /** A minute of a service, whose numbers are so many times as large as usual. */
  minute(minute: number, scale: number, key = 'shop'): this {
    const [total, errors, durationP95Ms] = usualVector(minute, scale)
    const at = startMs + minute * minuteMs
    const rates = this.#driver.createInputTopic('rates', { key: string(), value: json<object>() })
    rates.pipeInput(key, { key, startMs: at, endMs: at + minuteMs, total, errors, durationP95Ms }, at)
    return this
  }

  /** So many minutes without records. */
  wait(minutes: number): this {
    for (let minute = 0; minute < minutes; minute++) this.#driver.advanceWallClock(minuteMs)
    return this
  }

  changes(): readonly AlertChange[] {
    const output = this.#driver.createOutputTopic('changes', { key: string(), value: json<AlertChange>() })
    return output.readRecordsToList().map(({ value }) => value as AlertChange)
  }

  /** Status and minute of each change. */
  found(): readonly string[] {
    return this.changes().map(({ status, timeMs }) => `${status} ${(timeMs - startMs) / minuteMs}`)
  }
}

describe('records that models judge', () => {
  test('say nothing before there is a model', () => {
    expect(new Rates().minute(1, 50).found()).toEqual([])
  })

  test('raise an alert that says which numbers it was, and by which version', () => {
    const [change] = new Rates().publish(modelOf(), 0).minute(1, 1).minute(2, 50).changes()
    expect(change).toMatchObject({
      key: 'rates{service="shop"}',
      rule: 'rates',
      group: { service: 'shop' },
      status: 'firing',
      severity: 'high',
      labels: { team: 'pay' },
      episode: 'rates{service="shop"}@2026-11-30T00:02:00.000Z',
    })
    expect(change?.summary).toMatch(
      /^shop: total \d+, usually [\d.]+ \(\d+ %\).* \(model rates version 1, warming up, 0 of 7 days\)$/,
    )
  })

  test('are judged by a model of few rows too, which somebody has published', () => {
    expect(new Rates().publish(modelOf(1, 150), 0).minute(1, 1).minute(2, 50).found()).toEqual(['firing 2'])
  })

  test('are resolved when they are usual again', () => {
    const rates = new Rates().publish(modelOf(), 0).minute(1, 50).minute(2, 50).minute(3, 1)
    expect(rates.found()).toEqual(['firing 1', 'resolved 3'])
  })

  test('end an alert where no more of them come', () => {
    const rates = new Rates().publish(modelOf(), 0).minute(1, 50).wait(50).wait(20)
    expect(rates.changes().map(({ status, summary }) => `${status} ${summary}`)).toEqual([
      expect.stringMatching(/^firing/),
      expect.stringMatching(/^resolved shop: no records since 2026-11-30T00:01:00.000Z/),
    ])
    rates.minute(75, 50)
    expect(rates.found()).toEqual(['firing 75'])
  })

  test('are judged by a new version without a restart, and by the old one after a rollback', () => {
    const rates = new Rates().publish(modelOf(1), 0).minute(1, 50)
    rates.publish(modelOf(50), 2).minute(3, 50).minute(4, 50)
    rates.rollBack(5).minute(6, 50)
    expect(rates.found()).toEqual(['firing 1', 'resolved 3', 'firing 6'])
  })

  test('are judged by the version of their time, also when they are read later', () => {
    const all = new Rates().publish(modelOf(1), 0).publish(modelOf(50), 2).rollBack(5)
    expect(all.minute(1, 50).minute(3, 50).minute(6, 50).found()).toEqual(['firing 1', 'resolved 3', 'firing 6'])
  })

  test('are judged by the model of all keys where theirs has none', () => {
    const rates = new Rates().publish(modelOf(), 0, '*').minute(1, 50, 'batch')
    expect(rates.changes()).toMatchObject([{ key: 'rates{service="batch"}', severity: 'low' }])
  })

  test('are judged by the last good version where a newer one is damaged, or the record is', () => {
    const damaged = { ...modelOf(), bytes: Buffer.from('no model').toString('base64') }
    const rates = new Rates().publish(modelOf(), 0).publish(damaged, 1).minute(2, 50)
    rates.writeText('rates/shop', '{"name":"rates"', 3).minute(4, 1).minute(5, 50)
    expect(rates.found()).toEqual(['firing 2', 'resolved 4', 'firing 5'])
  })
})
