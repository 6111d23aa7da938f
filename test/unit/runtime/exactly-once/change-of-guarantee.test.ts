import { afterEach, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProcessingGuarantee } from '../../../../src/runtime/settings.ts'
import { createTaskStores } from '../../../../src/stores/create-task-stores.ts'
import { openLmdbEngine } from '../../../../src/stores/lmdb/lmdb-engine.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { counting } from '../counting.ts'

const directories: string[] = []
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
})

const openStores: typeof createTaskStores = (options) => createTaskStores({ ...options, openEngine: openLmdbEngine })

/** The last count of each key, and how many counts there are. */
function counts(world: SimulatedWorld): { readonly last: ReadonlyMap<string, string>; readonly all: number } {
  const last = new Map<string, string>()
  const records = world.read('out')
  for (const { key, value } of records) last.set(Buffer.from(key ?? []).toString(), Buffer.from(value ?? []).toString())
  return { last, all: records.length }
}

describe('a rolling restart of two processes', () => {
  const ways: readonly (readonly [ProcessingGuarantee, ProcessingGuarantee])[] = [
    ['at-least-once', 'exactly-once'],
    ['exactly-once', 'at-least-once'],
  ]

  test.each(ways)('from %s to %s loses nothing and counts nothing twice', async (before, after) => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 4, out: 1 })
    const start = async (name: string, processingGuarantee: ProcessingGuarantee) => {
      const stateDirectory = join(directories[name === 'one' ? 0 : 1] as string)
      const options = { processingGuarantee, stateDirectory, cacheBytesMax: 0, processId: name }
      const application = world.application(counting(), options, { openStores })
      await world.finish(application.start())
      await world.until(() => application.state === 'RUNNING')
      return application
    }
    for (let index = 0; index < 2; index++) directories.push(await mkdtemp(join(tmpdir(), 'millrace-change-')))
    let sent = 0
    const write = async () => {
      for (let turn = 0; turn < 10; turn++) {
        world.write(
          'in',
          Array.from({ length: 8 }, (_, index) => [`key-${index}`, `${sent}`] as const),
        )
        sent++
        await world.run(20)
      }
    }
    const one = await start('one', before)
    const two = await start('two', before)
    await write()
    await world.finish(one.close())
    await write()
    const oneAgain = await start('one', after)
    await write()
    await world.finish(two.close())
    await write()
    const twoAgain = await start('two', after)
    await write()
    await world.until(() => counts(world).all >= 8 * sent)
    await world.run(500)
    const { last, all } = counts(world)
    expect(all).toBe(8 * sent)
    expect([...new Set(last.values())]).toEqual([String(sent)])
    await world.finish(oneAgain.close())
    await world.finish(twoAgain.close())
  })
})
