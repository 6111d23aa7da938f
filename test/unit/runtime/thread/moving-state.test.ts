import { afterEach, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Application } from '../../../../src/runtime/application/application.ts'
import type { ApplicationOptions } from '../../../../src/runtime/settings.ts'
import { createTaskStores } from '../../../../src/stores/create-task-stores.ts'
import { openLmdbEngine } from '../../../../src/stores/lmdb/lmdb-engine.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { counting } from '../counting.ts'

const directories: string[] = []
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
})

/** Much state is more than this. */
const acceptableRecoveryLag = 10

/** Processes of one application, each with a disk of its own that outlives it. */
class Processes {
  readonly world = new SimulatedWorld()
  readonly #partitions: number
  readonly #running = new Map<string, Application>()
  readonly #disks = new Map<string, string>()
  /** Records that each process restored since its last start, by task. */
  readonly restored = new Map<string, Map<string, number>>()

  constructor(partitions: number) {
    this.#partitions = partitions
    this.world.createTopics({ in: partitions, out: 1 })
  }

  /** So many different keys in each partition. */
  fill(keys: number): void {
    for (let partition = 0; partition < this.#partitions; partition++) {
      for (let key = 0; key < keys; key++)
        this.world.cluster.append('in', partition, Buffer.from(`k${key}`), Buffer.from('v'), this.world.clock.nowMs())
    }
  }

  async start(id: string, options: Partial<ApplicationOptions> = {}): Promise<void> {
    const stateDirectory = this.#disks.get(id) ?? (await mkdtemp(join(tmpdir(), 'millrace-moving-')))
    if (!this.#disks.has(id)) directories.push(stateDirectory)
    this.#disks.set(id, stateDirectory)
    const restored = new Map<string, number>()
    this.restored.set(id, restored)
    const application = this.world.application(
      counting(),
      { processId: id, stateDirectory, acceptableRecoveryLag, ...options },
      {
        openStores: (given) => createTaskStores({ ...given, openEngine: openLmdbEngine }),
        listener: { onRestored: ({ taskId, restoredRecords }) => void restored.set(taskId, restoredRecords) },
      },
    )
    this.#running.set(id, application)
    await this.world.finish(application.start())
  }

  async stop(id: string): Promise<void> {
    await this.world.finish(this.#running.get(id)?.close() ?? Promise.resolve())
    this.#running.delete(id)
  }

  async stopAll(): Promise<void> {
    for (const id of this.#running.keys()) await this.stop(id)
  }

  tasksOf(id: string, state = 'RUNNING'): readonly string[] {
    const tasks = this.#running.get(id)?.status().tasks ?? []
    return tasks.filter((task) => task.state === state).map(({ taskId }) => taskId)
  }

  counts(): readonly number[] {
    return [...this.#running.keys()].map((id) => this.tasksOf(id).length)
  }

  async untilCounts(...counts: readonly number[]): Promise<void> {
    await this.world.until(() => this.counts().join() === counts.join())
  }

  async untilProcessed(records: number): Promise<void> {
    await this.world.until(() => this.world.read('out').length >= records)
  }
}

test('a task with much state stays where it is until the new process has caught up, and then restores next to nothing', async () => {
  const processes = new Processes(4)
  processes.fill(30)
  await processes.start('first')
  await processes.untilProcessed(120)
  await processes.start('second')
  await processes.world.until(() => processes.tasksOf('second', 'STANDBY').length === 2)
  expect(processes.tasksOf('first')).toHaveLength(4)
  await processes.untilCounts(2, 2)
  const restored = [...(processes.restored.get('second')?.values() ?? [])]
  expect(restored).toHaveLength(2)
  expect(Math.max(...restored)).toBeLessThanOrEqual(1)
  await processes.stopAll()
}, 60_000)

test('no more than maxWarmupReplicas tasks warm up concurrently, and all get to their new home', async () => {
  const processes = new Processes(6)
  processes.fill(30)
  await processes.start('first', { maxWarmupReplicas: 1 })
  await processes.untilProcessed(180)
  await processes.start('second', { maxWarmupReplicas: 1 })
  let most = 0
  await processes.world.until(() => {
    most = Math.max(most, processes.tasksOf('second', 'STANDBY').length)
    return processes.counts().join() === '3,3'
  })
  expect(most).toBe(1)
  await processes.stopAll()
}, 60_000)

test('a rolling restart of four processes with 60 tasks leaves every task at home, restored from its directory', async () => {
  const ids = ['a', 'b', 'c', 'd']
  const processes = new Processes(60)
  for (const id of ids) await processes.start(id)
  await processes.untilCounts(15, 15, 15, 15)
  processes.fill(15)
  await processes.untilProcessed(900)
  const home = ids.map((id) => [...processes.tasksOf(id)].sort())
  for (const id of ids) {
    await processes.stop(id)
    await processes.untilCounts(20, 20, 20)
    await processes.start(id)
    await processes.untilCounts(15, 15, 15, 15)
    const restored = [...(processes.restored.get(id)?.values() ?? [])]
    expect(restored).toHaveLength(15)
    expect(Math.max(...restored)).toBeLessThanOrEqual(1)
  }
  expect(ids.map((id) => [...processes.tasksOf(id)].sort())).toEqual(home)
  await processes.stopAll()
}, 120_000)
