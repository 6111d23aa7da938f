import { describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import type { KafkaDriver } from '../../../../src/kafka/port.ts'
import type { Application } from '../../../../src/runtime/application/application.ts'
import type { ApplicationOptions, UncaughtErrorChoice } from '../../../../src/runtime/settings.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { copying } from '../topology-fixture.ts'

const endsAll: Partial<ApplicationOptions> = { uncaughtErrorHandler: () => 'shut-down-application' }

/** Three processes with two threads each, of which only the first fails of a record that it cannot read. */
async function fleet(first: Partial<ApplicationOptions>, others: Partial<ApplicationOptions> = {}) {
  const world = new SimulatedWorld()
  world.createTopics({ in: 6, out: 1 })
  const loggers = [first, others, others].map(() => new RecordingLogger())
  const continues = { deserializationHandler: 'continue', ...others } as const
  const processes = [first, continues, continues].map((options, index) =>
    world.application(copying(), { ...options, clientId: `p${index}`, threads: 2 }, { logger: loggers[index] }),
  )
  for (const process of processes) await world.finish(process.start())
  await world.until(() => processes.every(({ state }) => state === 'RUNNING'))
  return { world, processes, loggers }
}

/** A record that cannot be read, in a partition of this process. */
function poison(world: SimulatedWorld, process: Application | undefined): void {
  const taskId = process?.status().tasks[0]?.taskId ?? ''
  world.cluster.append('in', Number(taskId.split('_')[1]), null, Buffer.from([0xff]), 5, [])
}

async function ends(world: SimulatedWorld, process: Application | undefined): Promise<unknown> {
  return world.finish(process?.ended ?? Promise.resolve()).catch((error: unknown) => error)
}

describe('a thread that fails and asks all processes to end', () => {
  test('ends its own process with its own error, and the others with the name of the member that asked', async () => {
    const { world, processes, loggers } = await fleet(endsAll)
    poison(world, processes[0])
    expect(await ends(world, processes[0])).toMatchObject({ code: 'RECORD_FAILED' })
    const asked = loggers[0]?.at('error').find(({ message }) => message.endsWith('were asked to end'))
    const memberId = String(asked?.fields['memberId'])
    expect(memberId).toContain('p0-thread-')
    for (const process of processes.slice(1)) {
      expect(await ends(world, process)).toMatchObject({
        code: 'GROUP_SHUTDOWN',
        message: expect.stringContaining(memberId),
      })
    }
    expect(processes.map(({ state }) => state)).toEqual(['ERROR', 'ERROR', 'ERROR'])
    expect(world.cluster.group('app').memberCount).toBe(0)
  })

  test('ends them although their own handler would replace the thread, which is not asked', async () => {
    const asked: unknown[] = []
    const uncaughtErrorHandler = (error: unknown): UncaughtErrorChoice => {
      asked.push(error)
      return 'replace-thread'
    }
    const { world, processes } = await fleet(endsAll, { uncaughtErrorHandler })
    poison(world, processes[0])
    for (const process of processes) await ends(world, process)
    expect(processes.map(({ state }) => state)).toEqual(['ERROR', 'ERROR', 'ERROR'])
    expect(asked).toEqual([])
  })

  test('lets processes run that are started afterwards', async () => {
    const { world, processes } = await fleet(endsAll)
    poison(world, processes[0])
    for (const process of processes) await ends(world, process)
    const next = world.application(copying(), { deserializationHandler: 'continue' })
    await world.finish(next.start())
    await world.until(() => next.state === 'RUNNING')
    await world.run(5000)
    expect(next.state).toBe('RUNNING')
    await world.finish(next.close())
  })

  /** A fleet whose first process has no network when it decides to end all. */
  async function cutFleet() {
    const cut: (() => void)[] = []
    const uncaughtErrorHandler = (): UncaughtErrorChoice => {
      for (const each of cut) each()
      return 'shut-down-application'
    }
    const all = await fleet({ uncaughtErrorHandler })
    all.world.isWatched = false
    cut.push(() => all.world.cluster.faults.silence('p0', 'cut'))
    poison(all.world, all.processes[0])
    return all
  }

  test('asks again when its network is back', async () => {
    const { world, processes } = await cutFleet()
    for (let step = 0; step < 200; step++) await world.run(100)
    expect(processes.map(({ state }) => state)).not.toContain('ERROR')
    world.cluster.faults.hear('p0')
    for (const process of processes) await ends(world, process)
    expect(processes.map(({ state }) => state)).toEqual(['ERROR', 'ERROR', 'ERROR'])
  })

  test('ends its own process also when the group cannot be asked, and says so', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 1, out: 1 })
    const driver = createMemoryDriver(world.cluster)
    let members = 0
    const groupMember: KafkaDriver['groupMember'] = (options) => {
      if (members++ > 0) throw new MillraceError('GROUP_AUTHORIZATION_FAILED', 'fatal', 'not allowed')
      return driver.groupMember(options)
    }
    const logger = new RecordingLogger()
    const application = world.application(copying(), endsAll, { driver: { ...driver, groupMember }, logger })
    await world.finish(application.start())
    await world.until(() => application.state === 'RUNNING')
    poison(world, application)
    expect(await ends(world, application)).toMatchObject({ code: 'RECORD_FAILED' })
    const line = logger.at('error').find(({ message }) => message.includes('could not be asked to end'))
    expect(line?.fields).toMatchObject({ code: 'GROUP_AUTHORIZATION_FAILED', thread: 'app-thread-1' })
  })

  test('may be closed while it asks', async () => {
    const { world, processes } = await cutFleet()
    const [first] = processes
    await world.until(() => first?.status().threads.length === 1)
    const closed = first?.close() ?? Promise.resolve()
    for (let step = 0; step < 20; step++) await world.run(100)
    world.cluster.faults.hear('p0')
    await world.finish(closed)
    for (const process of processes) await ends(world, process)
    expect(first?.state).toBe('NOT_RUNNING')
  })
})
