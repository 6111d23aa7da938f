import { expect, test } from '@jest/globals'
import { AssignedTasks } from '../../../../../../src/kafka/wire/group/streams/assigned-tasks.ts'

const tasks = (...partitions: readonly number[]) => partitions.map((partition) => ({ subtopology: 0, partition }))
const active = (...partitions: readonly number[]) => ({ active: tasks(...partitions), standby: [] })

test('a member claims what it has, and all that it may still begin with, until it has acted on its events', () => {
  const assigned = new AssignedTasks(1000)
  const steps: unknown[] = []
  const note = () => steps.push(assigned.claimed.active.map(({ partition }) => partition).toSorted())
  assigned.assign(active(0, 1))
  note()
  // The group takes one back before the member was told of it.
  assigned.assign(active(0, 2))
  note()
  assigned.next()
  assigned.acknowledge()
  note()
  assigned.next()
  note()
  assigned.acknowledge()
  note()
  expect(steps).toEqual([
    [0, 1],
    [0, 1, 2],
    [0, 1, 2],
    [0, 1, 2],
    [0, 2],
  ])
})
