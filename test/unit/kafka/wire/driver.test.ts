import { afterAll, expect, test } from '@jest/globals'
import type { GroupMemberOptions } from '../../../../src/kafka/port.ts'
import { createWireDriver } from '../../../../src/kafka/wire/driver.ts'
import { StreamsGroupMember } from '../../../../src/kafka/wire/group/streams/streams-group-member.ts'
import { ClassicGroupMember } from '../../../../src/kafka/wire/group/classic/classic-group-member.ts'
import { plainPlacement } from '../../../../src/testing/kafka-driver/plain-placement.ts'

const driver = createWireDriver({ bootstrap: '127.0.0.1:1' })
afterAll(() => driver.close())

function memberOf(protocol: GroupMemberOptions['protocol'], more: Partial<GroupMemberOptions> = {}) {
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
    ...plainPlacement,
    applicationServer: undefined,
    ...more,
  })
}

test.each([
  ['classic', ClassicGroupMember],
  ['streams', StreamsGroupMember],
] as const)('%s makes a member of that protocol', (protocol, kind) => {
  expect(memberOf(protocol)).toBeInstanceOf(kind)
})

const reads = (patternTopics: readonly string[]) => ({
  id: 0,
  sourceTopics: ['a'],
  patternTopics,
  repartitionSourceTopics: [],
  repartitionSinkTopics: [],
  changelogTopics: [],
  copartitionGroups: [],
})

test.each([
  ['static members (groupInstanceId)', { instanceId: 'pod-0' }],
  ['sources that read topics by a pattern', { topology: { subtopologies: [reads(['b'])] } }],
])('streams is refused with %s, when the member is made', (what, more) => {
  expect(() => memberOf('streams', more)).toThrow(
    expect.objectContaining({
      code: 'STREAMS_PROTOCOL_NOT_SUPPORTED',
      consequence: 'fatal',
      message: expect.stringContaining(`groupProtocol is 'streams', which does not have ${what}`),
    }),
  )
  expect(memberOf('streams', { topology: { subtopologies: [reads([])] } })).toBeInstanceOf(StreamsGroupMember)
})
