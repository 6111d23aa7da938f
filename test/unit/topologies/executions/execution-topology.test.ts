import { afterEach, expect, test } from '@jest/globals'
import type { Execution } from '../../../../schemas/execution.ts'
import type { AlertChange } from '../../../../src/alerts/index.ts'
import { hours, json, silentLogger, string } from '../../../../src/index.ts'
import { createRedactor } from '../../../../src/pipelines/index.ts'
import { TopologyTestDriver } from '../../../../src/testing/index.ts'
import { defaultExecutionSettings } from '../../../../topologies/executions/execution-settings.ts'
import { executionTopology } from '../../../../topologies/executions/execution-topology.ts'

const startMs = Date.UTC(2026, 11, 1, 12)
const topics = { events: 'events', executions: 'executions', alertChanges: 'changes' }
const drivers: TopologyTestDriver[] = []

afterEach(async () => {
  await Promise.all(drivers.splice(0).map((driver) => driver.close()))
})

class Worker {
  readonly driver: TopologyTestDriver
  readonly #input
  readonly #executions
  readonly #alerts

  constructor() {
    const settings = { ...defaultExecutionSettings, timeoutMs: 60_000, retentionMs: hours(1) }
    const topology = executionTopology({ settings, redactor: createRedactor(), topics, logger: silentLogger })
    this.driver = new TopologyTestDriver(topology, { startMs })
    drivers.push(this.driver)
    this.#input = this.driver.createInputTopic('events', { key: string(), value: string() })
    this.#executions = this.driver.createOutputTopic('executions', { key: string(), value: json<Execution>() })
    this.#alerts = this.driver.createOutputTopic('changes', { key: string(), value: json<AlertChange>() })
  }

  send(second: number, more: Readonly<Record<string, unknown>>): void {
    const timeMs = startMs + second * 1000
    const ids = { executionId: 'e', scenarioId: 's', organizationId: 'o' }
    this.#input.pipeInput('any key', JSON.stringify({ ...ids, timestamp: timeMs, ...more }), timeMs)
  }

  wait(seconds: number): void {
    this.driver.advanceWallClock(seconds * 1000)
  }

  statuses(): readonly string[] {
    return this.#executions.readRecordsToList().map(({ key, value }) => `${key} ${value?.status}`)
  }

  alerts(): readonly string[] {
    return this.#alerts.readRecordsToList().map(({ value }) => `${value?.status} ${value?.key}`)
  }

  sizes(): readonly number[] {
    return ['executions', 'execution-times'].map((name) => [...this.driver.getKeyValueStore(name).all()].length)
  }
}

test('each event that says something new writes the execution as it is then', () => {
  const worker = new Worker()
  worker.send(0, { status: 'running' })
  worker.send(1, { stages: [{ moduleId: 1 }] })
  worker.send(1, { stages: [{ moduleId: 1 }] })
  worker.send(2, { status: 'success' })
  expect(worker.statuses()).toEqual(['s/e running', 's/e running', 's/e success'])
})

test('an execution without an end is timed out, and is a failure', () => {
  const worker = new Worker()
  worker.send(0, { status: 'running' })
  worker.wait(59)
  expect(worker.statuses()).toEqual(['s/e running'])
  worker.wait(5)
  expect(worker.statuses()).toEqual(['s/e timed-out'])
  expect(worker.alerts()).toEqual(['firing executionFailure{organizationId="o",scenarioId="s"}'])
})

test('each event gives an execution its time again', () => {
  const worker = new Worker()
  worker.send(0, { status: 'running' })
  worker.wait(40)
  worker.send(40, { stages: [{ moduleId: 1 }] })
  worker.wait(40)
  expect(worker.statuses()).not.toContain('s/e timed-out')
  worker.wait(40)
  expect(worker.statuses()).toEqual(['s/e timed-out'])
})

test('a late end corrects a time-out, and its alert is over', () => {
  const worker = new Worker()
  worker.send(0, { status: 'running' })
  worker.wait(90)
  worker.send(30, { status: 'success' })
  expect(worker.statuses()).toEqual(['s/e running', 's/e timed-out', 's/e success'])
  expect(worker.alerts().map((one) => one.split(' ')[0])).toEqual(['firing', 'resolved'])
})

test('the time of a time-out does not depend on when it is noticed', () => {
  const ends = [70, 3000].map((seconds) => {
    const worker = new Worker()
    worker.send(0, { status: 'running' })
    worker.wait(seconds)
    const records = worker.driver.createOutputTopic('executions', { key: string(), value: json<Execution>() })
    return records.readRecordsToList().at(-1)?.value?.endTime
  })
  expect(ends).toEqual(['2026-12-01T12:01:00.000Z', '2026-12-01T12:01:00.000Z'])
})

test('an execution that is over is forgotten after the retention', () => {
  const worker = new Worker()
  worker.send(0, { status: 'success' })
  worker.send(0, { executionId: 'never', status: 'running' })
  worker.wait(1800)
  expect(worker.sizes()).toEqual([2, 2])
  worker.wait(3600)
  worker.wait(3600)
  expect(worker.sizes()).toEqual([0, 0])
})

test('a record whose time is to come ends no other execution', () => {
  const worker = new Worker()
  worker.send(0, { status: 'running' })
  worker.send(86_400 * 365, { executionId: 'of the future', status: 'running' })
  worker.wait(30)
  expect(worker.statuses()).not.toContain('s/e timed-out')
})

test('an event that cannot be used is refused by name, and the next one is read', () => {
  const worker = new Worker()
  expect(() => worker.send(0, { status: 'done' })).toThrow('status (one of running, success, warning, error)')
  worker.send(1, { status: 'success' })
  expect(worker.statuses()).toEqual(['s/e success'])
})

test('no secret reaches a store, a changelog or a topic', () => {
  const worker = new Worker()
  worker.send(0, {
    status: 'error',
    errorDetails: 'password=hunter22',
    stages: [{ moduleId: 1, inputData: { token: 'abc123def' } }],
  })
  const text = worker.driver.producedRecords().map(({ value }) => Buffer.from(value ?? []).toString())
  expect(text.join('\n')).not.toMatch(/hunter22|abc123def/)
})
