import { describe, expect, test } from '@jest/globals'
import type { Clock } from '../../../src/core/clock.ts'
import { MillraceError } from '../../../src/core/errors.ts'
import { type Logger, silentLogger } from '../../../src/core/logger.ts'
import { json, StreamsBuilder, string } from '../../../src/index.ts'
import type { BatchTarget, SinkBatch } from '../../../src/sinks/batch-target.ts'
import { batchingSinkFactory } from '../../../src/sinks/batching-sink-factory.ts'
import { documentId } from '../../../src/sinks/document-id.ts'
import type { SinkFactory, SinkRecord } from '../../../src/sinks/port.ts'
import { SimulatedWorld } from '../../../src/testing/simulator.ts'
import { allWritten } from '../../../src/sinks/write-results.ts'

class IdBatch implements SinkBatch {
  readonly ids: string[] = []

  get records(): number {
    return this.ids.length
  }

  get bytes(): number {
    return this.ids.length * 10
  }

  add(record: SinkRecord): boolean {
    this.ids.push(documentId(record))
    return true
  }

  release(): void {}
}

/** A target that can be away, and then refuses to be opened and to take anything. */
class Target implements BatchTarget<IdBatch> {
  readonly written: string[] = []
  tries = 0
  away: 'retriable' | 'fatal' | undefined

  async open(): Promise<void> {
    this.#ask()
  }

  newBatch(): IdBatch {
    return new IdBatch()
  }

  async write(batch: IdBatch): Promise<typeof allWritten> {
    this.#ask()
    this.written.push(...batch.ids)
    return allWritten
  }

  async close(): Promise<void> {}

  #ask(): void {
    this.tries++
    if (this.away !== undefined) throw new MillraceError<'AWAY'>('AWAY', this.away, 'nobody is there')
  }
}

const bound = 20

function sinkTo(name: string, target: Target, clock: Clock): SinkFactory {
  const batch = { maxRecords: 5, maxAgeMs: 10, maxBufferedRecords: bound }
  return batchingSinkFactory({ name, batch, clock }, target)
}

function twoSinks() {
  const builder = new StreamsBuilder()
  const serdes = { key: string(), value: json<number>() }
  builder.stream('to-first', serdes).toSink('first', { name: 'in-first' })
  builder.stream('to-second', serdes).toSink('second', { name: 'in-second' })
  return builder.build()
}

const numbers = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index): [string, string] => [`k${index}`, String(from + index)])

describe.each(['retriable', 'fatal'] as const)('a sink that is unreachable (%s) from the start', (consequence) => {
  async function start() {
    const world = new SimulatedWorld()
    // Nothing can be committed while the sink is away.
    world.isWatched = false
    world.createTopics({ 'to-first': 2, 'to-second': 2 })
    const assignments: string[] = []
    const logger: Logger = {
      ...silentLogger,
      info: (_, message) => void (message.startsWith('tasks ') && assignments.push(message)),
      child: () => logger,
    }
    const [first, second] = [new Target(), new Target()]
    first.away = consequence
    const sinks = [sinkTo('first', first, world.clock), sinkTo('second', second, world.clock)]
    const options = { bufferedRecordsPerPartition: 10 }
    const application = world.application(twoSinks(), options, { sinks, logger })
    await world.finish(application.start())
    return { world, application, first, second, sinks, assignments }
  }

  test('pauses what it cannot take with memory that stays flat, and the group never rebalances', async () => {
    const { world, application, first, assignments } = await start()
    const before = assignments.length
    world.write('to-first', numbers(500))
    for (let second = 0; second < 300; second++) await world.run(1000)
    const { tasks, state } = application.status()
    const statuses = tasks.flatMap((task) => task.sinks.filter(({ sink }) => sink === 'first'))
    const buffered = statuses.reduce((sum, { bufferedRecords }) => sum + bufferedRecords, 0)
    // The record that reaches the bound is still taken, in each task.
    expect(buffered).toBeLessThanOrEqual(bound + 2)
    const queued = tasks.flatMap(({ partitions }) => partitions).map(({ bufferedRecords }) => bufferedRecords)
    expect(Math.max(...queued)).toBeLessThanOrEqual(500)
    expect([state, assignments.length]).toEqual(['RUNNING', before])
    for (const status of statuses) {
      expect(status).toMatchObject({
        state: consequence === 'fatal' ? 'paused' : 'delayed',
        lastErrorCode: 'AWAY',
        lastError: 'nobody is there [AWAY]',
      })
    }
    expect(Math.max(...statuses.map(({ oldestDocumentMs }) => oldestDocumentMs))).toBeGreaterThan(290_000)
    first.away = undefined
    await world.until(() => first.written.length === 500)
    expect(new Set(first.written).size).toBe(500)
    await world.until(() => world.uncommitted('app', 'to-first') === 0)
    expect(
      application
        .status()
        .tasks.flatMap((task) => task.sinks)
        .every((sink) => sink.state === 'open'),
    ).toBe(true)
    await world.finish(application.close())
  })

  test('an unreachable sink is asked at growing intervals, while other sinks continue', async () => {
    const { world, application, first, second } = await start()
    world.write('to-first', numbers(100))
    world.write('to-second', numbers(100))
    await world.until(() => second.written.length === 100)
    await world.until(() => world.uncommitted('app', 'to-second') === 0)
    const tries = first.tries
    for (let count = 0; count < 300; count++) await world.run(1000)
    // Ten seconds at most, five at least: it is neither forgotten nor pestered.
    expect(first.tries - tries).toBeGreaterThan(20)
    expect(first.tries - tries).toBeLessThan(80)
    const closingMs = world.clock.nowMs()
    await expect(world.finish(application.close())).rejects.toMatchObject({ code: 'CLOSE_UNCOMMITTED' })
    expect(world.clock.nowMs() - closingMs).toBeLessThan(20_000)
  })

  test('holds nobody up who joins, and takes what both have when it is back', async () => {
    const { world, application, first, second, sinks } = await start()
    world.write('to-first', numbers(60))
    await world.run(5000)
    const startedMs = world.clock.nowMs()
    const joined = world.application(twoSinks(), {}, { sinks })
    await world.finish(joined.start())
    world.write('to-second', numbers(40))
    await world.until(() => second.written.length >= 40)
    expect(world.clock.nowMs() - startedMs).toBeLessThan(30_000)
    first.away = undefined
    await world.until(() => new Set(first.written).size === 60)
    await world.until(() => world.uncommitted('app', 'to-first') === 0)
    await world.finish(Promise.all([application.close(), joined.close()]))
  })
})
