import { expect, test } from '@jest/globals'
import type { RebalanceEvent } from '../../../../src/runtime/listener.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { copying } from '../topology-fixture.ts'

test('a thread logs each rebalance with its cause in one line, and tells the listener', async () => {
  const world = new SimulatedWorld()
  world.createTopics({ in: 4, out: 1 })
  const logger = new RecordingLogger()
  const events: RebalanceEvent[] = []
  const listener = { onRebalance: (event: RebalanceEvent) => void events.push(event) }
  const first = world.application(copying(), { clientId: 'first' }, { logger, listener })
  await world.finish(first.start())
  await world.until(() => first.state === 'RUNNING')
  const second = world.application(copying(), { clientId: 'second' })
  await world.finish(second.start())
  await world.until(() => first.status().tasks.length === 2 && second.state === 'RUNNING')
  await world.finish(second.close())
  await world.until(() => first.status().tasks.length === 4)
  world.cluster.group('app').fence(first.status().threads[0]?.memberId ?? '')
  await world.until(() => events.length === 4 && first.state === 'RUNNING')
  await world.finish(first.close())

  const causes = ['member-joined', 'member-joined', 'member-left', 'member-fenced']
  expect(events).toMatchObject(causes.map((cause) => ({ thread: 'first-thread-1', cause })))
  expect(events[1]?.detail).toContain('second-thread-1')
  const lines = logger.at('info').filter(({ message }) => message === 'group rebalanced')
  expect(lines.map(({ fields }) => fields['cause'])).toEqual(causes)
  expect(lines[1]?.fields['detail']).toContain('second-thread-1')
})
