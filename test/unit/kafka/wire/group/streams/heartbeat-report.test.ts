import { describe, expect, test } from '@jest/globals'
import { HeartbeatReport } from '../../../../../../src/kafka/wire/group/streams/heartbeat-report.ts'
import { noTasks } from '../../../../../../src/kafka/wire/group/streams/task-lists.ts'
import { userEndpoint } from '../../../../../../src/kafka/wire/group/streams/user-endpoint.ts'

const held = { active: [{ subtopology: 0, partition: 1 }], standby: [] }

function joined(): HeartbeatReport {
  const report = new HeartbeatReport({ host: 'host', port: 9464 })
  report.joined()
  return report
}

describe('what a member tells its group', () => {
  test('tasks are reported once, when they have changed', () => {
    const report = joined()
    expect([report.isDue(noTasks), report.isDue(held)]).toEqual([false, true])
    expect(report.beat(held).owned).toEqual(held)
    report.answered(report.beat(held), report.beginBeat())
    expect([report.isDue(held), report.beat(held).owned]).toEqual([false, undefined])
    expect(report.isDue(noTasks)).toBe(true)
  })

  test('the endpoint follows the first tasks, and is reported once', () => {
    const report = joined()
    expect(report.beat(noTasks).endpoint).toBeUndefined()
    expect(report.beat(held).endpoint).toEqual({ host: 'host', port: 9464 })
    report.answered(report.beat(held), report.beginBeat())
    expect(report.beat(held).endpoint).toBeUndefined()
  })

  test('what is missed while a heartbeat is on its way is looked for after it', () => {
    const report = joined()
    report.miss()
    const misses = report.beginBeat()
    report.miss()
    report.answered(report.beat(noTasks), misses)
    expect(report.mayHaveMissed).toBe(true)
    report.answered(report.beat(noTasks), report.beginBeat())
    expect(report.mayHaveMissed).toBe(false)
  })
})

test.each([
  ['host:9464', { host: 'host', port: 9464 }],
  ['[::1]:80', { host: '::1', port: 80 }],
  ['host', undefined],
  ['host:70000', undefined],
  [undefined, undefined],
])('the endpoint of %j is %j', (applicationServer, endpoint) => {
  expect(userEndpoint(applicationServer)).toEqual(endpoint)
})
