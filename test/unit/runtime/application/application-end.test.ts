import { describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import type { KafkaDriver } from '../../../../src/kafka/port.ts'
import type { RuntimeListener } from '../../../../src/runtime/listener.ts'
import type { UncaughtErrorHandler } from '../../../../src/runtime/settings.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { copying } from '../topology-fixture.ts'

function newWorld(): SimulatedWorld {
  const world = new SimulatedWorld()
  world.createTopics({ in: 1, out: 1 })
  return world
}

function poison(world: SimulatedWorld): void {
  world.cluster.append('in', 0, null, Buffer.from([0xff]), 5, [])
}

const committed = (world: SimulatedWorld) =>
  world.cluster.group('app').committed([{ topic: 'in', partition: 0 }])[0]?.offset ?? 0

describe('the end of an application', () => {
  test('the end of an application rejects with the error when it failed', async () => {
    const world = newWorld()
    poison(world)
    const application = world.application(copying())
    await world.finish(application.start())
    await expect(world.finish(application.ended)).rejects.toMatchObject({ code: 'RECORD_FAILED' })
    expect(application.state).toBe('ERROR')
    await world.finish(application.close())
  })

  test('the end of an application rejects with the error when it could not start', async () => {
    const world = new SimulatedWorld()
    const application = world.application(copying(), { missingTopicsTimeoutMs: 0 })
    await world.finish(application.start()).catch(() => {})
    await expect(application.ended).rejects.toMatchObject({ code: 'MISSING_SOURCE_TOPICS' })
  })

  test('the end of an application resolves when it was closed', async () => {
    const world = newWorld()
    const application = world.application(copying())
    await world.finish(application.start())
    await world.finish(application.close())
    await expect(application.ended).resolves.toBeUndefined()
    expect(application.state).toBe('NOT_RUNNING')
  })

  test('comes as well when it is closed while it fails', async () => {
    const world = newWorld()
    poison(world)
    const logger = new RecordingLogger()
    const application = world.application(copying(), {}, { logger })
    await world.finish(application.start())
    await world.until(() => logger.lines.some(({ message }) => message === 'application failed'))
    await world.finish(application.close())
    expect(application.state).toBe('ERROR')
    await expect(application.ended).rejects.toMatchObject({ code: 'RECORD_FAILED' })
  })

  test('comes as well when it is closed while it starts', async () => {
    const world = new SimulatedWorld()
    const application = world.application(copying())
    const started = application.start()
    const refusal = started.catch((error: unknown) => error)
    await world.run(10)
    await world.finish(application.close())
    world.createTopics({ in: 1, out: 1 })
    expect(await world.finish(refusal)).toMatchObject({ code: 'APPLICATION_CLOSED' })
    expect(application.state).toBe('NOT_RUNNING')
  })

  test('comes in time where neither the group nor a producer answers', async () => {
    const world = newWorld()
    const inner = createMemoryDriver(world.cluster)
    const silent = (timeoutMs: number) =>
      world.clock.sleep(timeoutMs).then(() => {
        throw new MillraceError('REQUEST_TIMED_OUT', 'retriable', 'no answer')
      })
    const driver: KafkaDriver = {
      ...inner,
      groupMember: (options) => {
        const member = inner.groupMember(options)
        member.leave = silent
        return member
      },
      producer: (options) => {
        const producer = inner.producer(options)
        producer.close = silent
        return producer
      },
    }
    const application = world.application(copying(), {}, { driver })
    await world.finish(application.start())
    await world.until(() => application.state === 'RUNNING')
    await world.finish(application.close({ timeoutMs: 4000 }))
    expect(application.state).toBe('NOT_RUNNING')
  })

  test('is waited for as long as it takes', async () => {
    const world = newWorld()
    const application = world.application(copying())
    await world.finish(application.start())
    const waiting = application.waitFor('NOT_RUNNING', Number.POSITIVE_INFINITY)
    let isOver = false
    waiting.then(
      () => (isOver = true),
      () => (isOver = true),
    )
    await world.run(100)
    expect(isOver).toBe(false)
    await world.finish(application.close())
    await waiting
  })

  test('ends the wait for a state that cannot come any more', async () => {
    const world = newWorld()
    const application = world.application(copying())
    await world.finish(application.close())
    await expect(application.waitFor('RUNNING', Number.POSITIVE_INFINITY)).rejects.toMatchObject({
      code: 'APPLICATION_CLOSED',
    })
  })
})

describe('what the user hands in', () => {
  const handlers: Record<string, () => unknown> = {
    'that throws': () => {
      throw new TypeError('mine')
    },
    'that answers nothing': () => undefined,
    'that answers with something else': () => 'retry',
    'that is asynchronous and fails': () => Promise.reject(new Error('late')),
  }

  test.each(Object.keys(handlers))(
    'an uncaughtErrorHandler %s ends the application with its first error',
    async (name) => {
      const world = newWorld()
      poison(world)
      const logger = new RecordingLogger()
      const uncaughtErrorHandler = handlers[name] as UncaughtErrorHandler
      const application = world.application(copying(), { uncaughtErrorHandler }, { logger })
      await world.finish(application.start())
      await expect(world.finish(application.ended)).rejects.toMatchObject({ code: 'RECORD_FAILED' })
      expect(logger.at('error').some(({ message }) => message.startsWith('uncaughtErrorHandler'))).toBe(true)
      await world.finish(application.close())
    },
  )

  const failing = (each: () => unknown): RuntimeListener => {
    return { onState: each, onThreadState: each, onRound: each, onCommit: each, onRestored: each, onError: each }
  }

  test.each([
    [
      'throws',
      () => {
        throw new Error('mine')
      },
    ],
    ['rejects', () => Promise.reject(new Error('mine'))],
  ])('a listener that %s is reported once per method, and the application runs', async (_how, fail) => {
    const world = newWorld()
    const logger = new RecordingLogger()
    const application = world.application(copying(), {}, { logger, listener: failing(fail) })
    await world.finish(application.start())
    world.write('in', [['a', '1']])
    await world.until(() => committed(world) === 1)
    world.write('in', [['a', '2']])
    await world.until(() => committed(world) === 2)
    expect(application.state).toBe('RUNNING')
    await world.finish(application.close())
    expect(application.state).toBe('NOT_RUNNING')
    const told = logger.at('error').map(({ fields }) => fields['method'])
    expect(told.length).toBeGreaterThan(3)
    expect(new Set(told).size).toBe(told.length)
  })
})

describe('a thread that fails and is replaced', () => {
  test('keeps its name, so that a static member keeps its tasks, and waits longer each time', async () => {
    const world = newWorld()
    poison(world)
    const failed: { readonly thread: string; readonly atMs: number }[] = []
    const application = world.application(
      copying(),
      { uncaughtErrorHandler: () => 'replace-thread' },
      { listener: { onError: (thread) => failed.push({ thread, atMs: world.clock.nowMs() }) } },
    )
    await world.finish(application.start())
    await world.until(() => failed.length === 6)
    expect(new Set(failed.map(({ thread }) => thread))).toEqual(new Set(['app-thread-1']))
    const waits = failed.slice(1).map(({ atMs }, index) => atMs - (failed[index]?.atMs ?? 0))
    expect(waits).toEqual([...waits].sort((left, right) => left - right))
    expect(waits.at(-1)).toBeGreaterThanOrEqual(3200)
    await world.finish(application.close())
    expect(application.state).toBe('NOT_RUNNING')
  })

  test('is named in the log while the application waits for another one', async () => {
    const world = newWorld()
    poison(world)
    const logger = new RecordingLogger()
    const options = { uncaughtErrorHandler: () => 'replace-thread' as const }
    const application = world.application(copying(), options, { logger })
    await world.finish(application.start())
    const waits = () =>
      logger.lines.flatMap(({ message, fields }) => (message === 'not running yet' ? fields['waitsFor'] : []))
    await world.until(() => waits().includes('app-thread-1: failed, waiting to be replaced'))
    expect(waits()).not.toContain('global tables')
    await world.finish(application.close())
  })

  test('does not come back when the application was closed meanwhile', async () => {
    const world = newWorld()
    poison(world)
    let failures = 0
    const application = world.application(copying(), {
      uncaughtErrorHandler: () => {
        failures++
        return 'replace-thread'
      },
    })
    await world.finish(application.start())
    await world.until(() => failures === 1)
    await world.finish(application.close())
    for (let step = 0; step < 100; step++) await world.run(50)
    expect(failures).toBe(1)
    expect(application.status().threads).toEqual([])
  })
})
