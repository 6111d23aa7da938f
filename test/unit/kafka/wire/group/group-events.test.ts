import { describe, expect, test } from '@jest/globals'
import type { GroupEvent, TaskId } from '../../../../../src/kafka/port.ts'
import { GroupEvents } from '../../../../../src/kafka/wire/group/group-events.ts'

const task = (text: string): TaskId => {
  const [subtopology, partition] = text.split('_').map(Number)
  return { subtopology: subtopology as number, partition: partition as number }
}
const tasks = (...texts: string[]): TaskId[] => texts.map(task)

function holding(active: readonly string[], standby: readonly string[]): GroupEvents {
  const events = new GroupEvents()
  events.moveTo(tasks(...active), tasks(...standby), 1000)
  drain(events)
  return events
}

function drain(events: GroupEvents): GroupEvent[] {
  const told: GroupEvent[] = []
  for (let event = events.next(); event !== undefined; event = events.next()) {
    told.push(event)
    if (event.kind === 'failed') break
    events.acknowledge()
  }
  return told
}

describe('events of a group member', () => {
  test('name only the tasks that move, revocations first', () => {
    const events = holding(['0_0', '0_1'], ['0_2'])
    events.moveTo(tasks('0_1', '0_3'), tasks('0_4'), 1000)
    expect(drain(events)).toEqual([
      { kind: 'revoked', tasks: tasks('0_0', '0_2'), deadlineMs: 1000 },
      { kind: 'assigned', active: tasks('0_3'), standby: tasks('0_4') },
    ])
    expect([events.active, events.standby]).toEqual([tasks('0_1', '0_3'), tasks('0_4')])
  })

  test('there are no events when nothing moves', () => {
    const events = holding(['0_0'], ['0_1'])
    events.moveTo(tasks('0_0'), tasks('0_1'), 1000)
    expect(events.isSettled).toBe(true)
  })

  test('promote a standby without taking it away first', () => {
    const events = holding([], ['0_0'])
    events.moveTo(tasks('0_0'), [], 1000)
    expect(drain(events)).toEqual([{ kind: 'assigned', active: tasks('0_0'), standby: [] }])
    expect([events.active, events.standby]).toEqual([tasks('0_0'), []])
  })

  test('take an active task away before it comes back as a standby', () => {
    const events = holding(['0_0'], [])
    events.moveTo([], tasks('0_0'), 1000)
    expect(drain(events).map((event) => event.kind)).toEqual(['revoked', 'assigned'])
    expect([events.active, events.standby]).toEqual([[], tasks('0_0')])
  })

  test('the same event is returned until it is acknowledged', () => {
    const events = new GroupEvents()
    events.moveTo(tasks('0_0'), [], 1000)
    expect(events.next()).toBe(events.next())
    events.acknowledge()
    expect(events.next()).toBeUndefined()
  })

  test('a loss covers events that were returned, not events that were only queued', () => {
    const events = holding(['0_0'], [])
    events.moveTo(tasks('0_1'), [], 1000)
    expect(events.next()).toMatchObject({ kind: 'revoked' })
    events.loseAll()
    expect(drain(events)).toEqual([{ kind: 'lost', tasks: tasks('0_0') }])
    expect(events.active).toEqual([])
  })

  test('do not take an acknowledgement of a replaced event for one of its replacement', () => {
    const events = holding(['0_0'], [])
    events.moveTo([], [], 1000)
    events.next()
    events.loseAll()
    events.acknowledge()
    expect(events.next()).toEqual({ kind: 'lost', tasks: tasks('0_0') })
  })

  test('keep telling a failure', () => {
    const events = holding([], [])
    events.fail(new Error('no'))
    events.next()
    events.acknowledge()
    expect(events.next()).toMatchObject({ kind: 'failed' })
  })
})
