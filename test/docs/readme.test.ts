import { expect, test } from '@jest/globals'
// #region topology
import {
  defineTopology,
  json,
  minutes,
  seconds,
  string,
  tumblingWindows,
  untilWindowCloses,
  type Windowed,
} from '../../src/index.ts'

interface Log {
  readonly service: string
  readonly level: string
  readonly time: number
}
interface Rate {
  readonly total: number
  readonly errors: number
}

const addLog = (_service: string, log: Log, rate: Rate): Rate => ({
  total: rate.total + 1,
  errors: rate.errors + (log.level === 'error' ? 1 : 0),
})
const report = ({ key, window }: Windowed<string>, rate: Rate) => [key, { ...rate, startMs: window.startMs }] as const

const errorRate = defineTopology('error-rate', (builder) => {
  builder
    .stream('logs', { name: 'logs', key: string(), value: json<Log>(), timestamp: (log) => log.time })
    .groupBy((_, log) => log.service, { name: 'by-service', key: string() })
    .windowedBy(tumblingWindows({ sizeMs: minutes(1), graceMs: seconds(30) }))
    .aggregate(() => ({ total: 0, errors: 0 }), addLog, { name: 'rates', store: 'rates', value: json<Rate>() })
    .suppress(untilWindowCloses({ name: 'closed' }))
    .toStream({ name: 'closed-rates' })
    .filter((_, rate) => rate.errors / rate.total > 0.2, { name: 'high' })
    .map(report, { name: 'report' })
    .to('alerts', { name: 'to-alerts', key: string(), value: json() })
})
// #endregion

// #region test
import { TopologyTestDriver } from '../../src/testing/index.ts'

test('a closed window with many errors is told once', async () => {
  const driver = new TopologyTestDriver(errorRate.build())
  const logs = driver.createInputTopic('logs', { key: string(), value: json<Log>() })
  const alerts = driver.createOutputTopic('alerts', { key: string(), value: json() })
  logs.pipeInput('a', { service: 'payments', level: 'error', time: 1000 })
  logs.pipeInput('a', { service: 'payments', level: 'info', time: 2000 })
  expect(alerts.isEmpty).toBe(true)
  logs.pipeInput('a', { service: 'search', level: 'info', time: minutes(2) })
  expect(alerts.readKeyValuesToList()).toEqual([['payments', { total: 2, errors: 1, startMs: 0 }]])
  await driver.close()
})
// #endregion
