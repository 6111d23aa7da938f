import { afterEach, describe, expect, test } from '@jest/globals'
import { type AlertChange, loadWatches, type Observation, rule } from '../../../../src/alerts/index.ts'
import { type AlertLabels, modelId, withLabel, withVersion } from '../../../../src/detection/index.ts'
import { json, silentLogger, StreamsBuilder, string } from '../../../../src/index.ts'
import { TopologyTestDriver } from '../../../../src/testing/index.ts'
import { detect } from '../../../../topologies/alerting/detect.ts'
import { labelsTable, readLabelsTable } from '../../../../topologies/alerting/label-shelf.ts'
import { type ObservationRecord, observationRecords } from '../../../../topologies/alerting/observation-record.ts'
import { watchModels } from '../../../../topologies/alerting/watch-models.ts'
import { modelOf, usualVector } from '../../detection/catalog/models.ts'

const startMs = Date.UTC(2026, 10, 30)
const minuteMs = 60_000
const drivers: TopologyTestDriver[] = []
afterEach(async () => {
  await Promise.all(drivers.splice(0).map((driver) => driver.close()))
})

const volume = rule({
  name: 'volume',
  kind: 'anomaly',
  groupBy: ['service'],
  window: '1m',
  learn: '30m',
  cooldown: '10m',
  grace: '1s',
})
const watches = loadWatches('watches: [{ name: rates, topic: rates, patience: 1, cooldown: 0 }]', 'watches.yaml')
const volumeKey = 'volume{service="shop"}'
const ratesKey = 'rates{service="shop"}'

class Alerts {
  readonly #driver: TopologyTestDriver
  readonly #labels = new Map<string, AlertLabels>()

  constructor() {
    const builder = new StreamsBuilder()
    readLabelsTable(builder, 'labels')
    const shared = { changesTopic: 'changes', labels: labelsTable, logger: silentLogger }
    detect(builder, { ...shared, rules: [volume], observationsTopic: 'observations' })
    watchModels(builder, { ...shared, watches, modelsTopic: 'models' })
    this.#driver = new TopologyTestDriver(builder.build(), { startMs })
    drivers.push(this.#driver)
    for (let second = 0; second < 20; second++) this.#driver.advanceWallClock(1000)
    const history = withVersion({ name: 'rates', key: 'shop' }, undefined, modelOf(), { nowMs: 0, by: 'ann' })
    const models = this.#driver.createInputTopic('models', { key: string(), value: json<object>() })
    models.pipeInput(modelId(history), history, startMs)
  }

  label(minute: number, alert: string, ...rights: readonly boolean[]): void {
    const input = this.#driver.createInputTopic('labels', { key: string(), value: json<AlertLabels>() })
    for (const isRight of rights) {
      const label = { timeMs: startMs + minute * minuteMs, isRight, by: 'ann' }
      const labels = withLabel(alert, this.#labels.get(alert), label)
      this.#labels.set(alert, labels)
      input.pipeInput(alert, labels, startMs)
    }
  }

  /** Logs of minutes: as many as usual, and in some of them more. */
  logs(from: number, to: number, spikes: Readonly<Record<number, number>>): void {
    const input = this.#driver.createInputTopic('observations', { key: string(), value: observationRecords })
    const write = (key: string, record: ObservationRecord): void => input.pipeInput(key, record, startMs)
    for (let minute = from; minute < to; minute++) {
      const timeMs = startMs + minute * minuteMs
      const observation: Observation = { timeMs, count: spikes[minute] ?? 100 + ((minute * 7919) % 10) }
      const group = { group: ['shop'], rules: { volume: [observation] } }
      write('service="shop"', { source: 'logs/0', reachedMs: timeMs, ...group })
      write('logs/0', { source: 'logs/0', reachedMs: timeMs + 2 * minuteMs, isIdle: false })
    }
  }

  rates(minute: number, scale: number): void {
    const [total, errors, durationP95Ms] = usualVector(minute, scale)
    const at = startMs + minute * minuteMs
    const input = this.#driver.createInputTopic('rates', { key: string(), value: json<object>() })
    input.pipeInput('shop', { startMs: at, total, errors, durationP95Ms }, at)
  }

  changes(): readonly AlertChange[] {
    const output = this.#driver.createOutputTopic('changes', { key: string(), value: json<AlertChange>() })
    return output.readRecordsToList().map(({ value }) => value as AlertChange)
  }

  /** The minutes in which something fired. */
  fired(): readonly number[] {
    return this.changes()
      .filter(({ status }) => status === 'firing')
      .map(({ startMs: at }) => (at - startMs) / minuteMs)
  }
}

const wrong = [false, false, false, false]
const spikes = { 100: 118, 160: 118, 220: 118 }

describe('what people say of alerts', () => {
  test('makes the limit of an anomaly of that key higher', () => {
    const unlabelled = new Alerts()
    unlabelled.logs(0, 230, spikes)
    expect(unlabelled.fired()).toEqual([101, 161, 221])
    const alerts = new Alerts()
    alerts.logs(0, 120, spikes)
    alerts.label(120, volumeKey, ...wrong)
    alerts.logs(120, 230, spikes)
    expect(alerts.fired()).toEqual([101])
  })

  test('is the same after a replay, in which all labels are read first', () => {
    const replay = new Alerts()
    replay.label(120, volumeKey, ...wrong)
    replay.logs(0, 230, spikes)
    expect(replay.fired()).toEqual([101])
  })

  test('says nothing of other keys', () => {
    const alerts = new Alerts()
    alerts.label(0, 'volume{service="bank"}', ...wrong)
    alerts.logs(0, 110, spikes)
    expect(alerts.fired()).toEqual([101])
  })

  test('is in the summary of alerts that fire all the same', () => {
    const alerts = new Alerts()
    alerts.label(50, volumeKey, ...wrong)
    alerts.logs(0, 110, { 100: 500 })
    expect(alerts.changes()[0]?.summary).toContain('limit 4 times as far by labels')
  })

  test('holds for records that models judge, too', () => {
    const alerts = new Alerts()
    alerts.rates(1, 2)
    alerts.rates(2, 1)
    alerts.label(3, ratesKey, ...wrong)
    alerts.rates(4, 2)
    alerts.label(5, ratesKey, true, true, true, true, true, true, true, true, true)
    alerts.rates(6, 2)
    expect(alerts.fired()).toEqual([1, 6])
  })
})
