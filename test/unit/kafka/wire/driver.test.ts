import { afterAll, expect, test } from '@jest/globals'
import type { GroupMemberOptions } from '../../../../src/kafka/port.ts'
import { createWireDriver } from '../../../../src/kafka/wire/driver.ts'
import { ClassicGroupMember } from '../../../../src/kafka/wire/group/classic/classic-group-member.ts'

const driver = createWireDriver({ bootstrap: '127.0.0.1:1' })
afterAll(() => driver.close())

function memberOf(protocol: GroupMemberOptions['protocol']) {
  return driver.groupMember({
    clientId: 'client',
    groupId: 'group',
    instanceId: undefined,
    processId: 'process',
    protocol,
    topology: { subtopologies: [] },
    sessionTimeoutMs: 10_000,
    heartbeatIntervalMs: 1_000,
    rebalanceTimeoutMs: 30_000,
    standbyReplicas: 0,
    applicationServer: undefined,
    taskLags: () => new Map(),
  })
}

test('the driver refuses a group protocol that it does not speak, when the member is made', () => {
  expect(() => memberOf('streams')).toThrow(
    expect.objectContaining({
      code: 'STREAMS_PROTOCOL_NOT_SUPPORTED',
      consequence: 'fatal',
      message: expect.stringContaining("groupProtocol is 'streams'"),
    }),
  )
})

test.each(['auto', 'classic'] as const)('%s makes a member of the classic protocol', (protocol) => {
  expect(memberOf(protocol)).toBeInstanceOf(ClassicGroupMember)
})
