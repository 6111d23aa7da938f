import { beforeEach, describe, expect, test } from '@jest/globals'
import { LetterLock } from '../../../../src/cli/dlq/letter-lock.ts'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import { ControlLog } from '../../../../src/replay/control-log.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'

let world: SimulatedWorld

beforeEach(() => {
  world = new SimulatedWorld()
})

function log(): Promise<ControlLog> {
  return world.finish(ControlLog.open(createMemoryDriver(world.cluster), 'letters-resolved', world.clock))
}

async function acquired(user: string, of?: ControlLog): Promise<LetterLock> {
  return world.finish(LetterLock.acquire(of ?? (await log()), world.clock, user))
}

async function holdWhile(lock: LetterLock, isWanted: () => boolean): Promise<void> {
  while (isWanted()) {
    await lock.hold()
    await world.clock.sleep(100)
  }
}

describe('the lock of dead letters', () => {
  test('is refused while another run shows that it lives, and names its user', async () => {
    const first = await acquired('ada@one')
    let isWanted = true
    const holding = holdWhile(first, () => isWanted)
    await expect(acquired('bob@two')).rejects.toThrow('a run of ada@one')
    isWanted = false
    await world.finish(holding)
  })

  test('is free as soon as the other run has released it', async () => {
    const first = await acquired('ada@one')
    const startMs = world.clock.nowMs()
    const second = acquired('bob@two')
    await world.run(100)
    await world.finish(first.release())
    await second
    expect(world.clock.nowMs() - startMs).toBeLessThan(2000)
  })

  test('is taken from a run that has shown nothing for ten seconds', async () => {
    await acquired('ada@one')
    const startMs = world.clock.nowMs()
    await acquired('bob@two')
    expect(world.clock.nowMs() - startMs).toBeGreaterThanOrEqual(10_000)
  })

  test('is lost for a run that was stopped for longer, before it sends another letter', async () => {
    const first = await acquired('ada@one')
    await acquired('bob@two')
    await expect(world.finish(first.hold())).rejects.toMatchObject({ code: 'LETTERS_LOCKED' })
  })

  test('goes to one of several runs that begin together', async () => {
    const logs = [await log(), await log(), await log()]
    const locks = logs.map((one) => LetterLock.acquire(one, world.clock, 'somebody'))
    const ended = await world.finish(Promise.allSettled(locks))
    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
  })
})
