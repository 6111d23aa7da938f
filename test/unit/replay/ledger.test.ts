import { expect, test } from '@jest/globals'
import { createMemoryDriver } from '../../../src/kafka/memory/driver.ts'
import { ControlLog } from '../../../src/replay/control-log.ts'
import { ReplayLedger } from '../../../src/replay/ledger.ts'
import { SimulatedWorld } from '../../../src/testing/simulator.ts'

/** Two processes that have both read what is there, and neither what the other does next. */
async function twoLedgers() {
  const world = new SimulatedWorld()
  const open = async () => {
    const log = await world.finish(ControlLog.open(createMemoryDriver(world.cluster), 'app-replays', world.clock))
    return new ReplayLedger(log)
  }
  return { world, first: await open(), second: await open() }
}

test.each([
  ['a replay that ends while it is aborted is aborted', 'aborted', 'done', 'aborted'],
  ['a replay that starts while it is aborted is aborted', 'aborted', 'running', 'aborted'],
  ['a replay that another process starts while it is paused is paused', 'paused', 'running', 'paused'],
  ['a replay that ends while it is paused is done', 'paused', 'done', 'done'],
  ['a replay that ends again while it is put in place is in place', 'cut-over', 'done', 'cut-over'],
] as const)('%s', async (_, asked, reached, state) => {
  for (const order of [0, 1]) {
    const { world, first, second } = await twoLedgers()
    const [one, other] = order === 0 ? [asked, reached] : [reached, asked]
    await world.finish(first.mark('r1', one))
    await world.finish(second.mark('r1', other))
    await world.finish(first.refresh())
    expect([first.state('r1'), second.state('r1')]).toEqual([state, state])
  }
})

test('a mark that is taken back leaves the state before it', async () => {
  const { world, first } = await twoLedgers()
  await world.finish(first.mark('r1', 'running'))
  await world.finish(first.mark('r1', 'paused'))
  await world.finish(first.unmark('r1', 'paused'))
  expect(first.state('r1')).toBe('running')
})
