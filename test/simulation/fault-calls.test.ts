import { expect, test } from '@jest/globals'
import { MemoryAdmin } from '../../src/kafka/memory/admin.ts'
import { MemoryConsumer } from '../../src/kafka/memory/consumer.ts'
import { MemoryGroupMember } from '../../src/kafka/memory/group-member.ts'
import { MemoryProducer } from '../../src/kafka/memory/producer.ts'
import { MemoryTransactionalProducer } from '../../src/kafka/memory/transactional-producer.ts'
import { FaultPlan } from '../../src/testing/fault-plan.ts'
import {
  adminCalls,
  type CallKind,
  consumerCalls,
  driverCalls,
  engineCalls,
  engineMapCalls,
  memberCalls,
  producerCalls,
  sinkCalls,
  transactionalProducerCalls,
} from '../../src/testing/faulty-parts.ts'
import { play, scenarios } from './fault-cases.ts'

/** Calls that these scenarios never make: tools and tests do, and applications that are exactly-once or end their group. */
const ofOthers: readonly string[] = [
  'driver transactionalProducer',
  'member requestShutdown',
  'admin createPartitions',
  'admin deleteTopics',
  'admin describeTopicConfigs',
  'admin alterTopicConfigs',
  'admin listGroups',
  'admin removeMember',
  'admin describeGroup',
  'admin deleteGroups',
  'admin groupOffsets',
]

/** Members that the memory driver adds. */
const own: ReadonlySet<string> = new Set(['constructor', 'drop', 'end', 'isEnded'])

test.each([
  ['consumer', MemoryConsumer, consumerCalls],
  ['producer', MemoryProducer, producerCalls],
  ['transactional producer', MemoryTransactionalProducer, transactionalProducerCalls],
  ['admin', MemoryAdmin, adminCalls],
  ['group member', MemoryGroupMember, memberCalls],
] as const)('it is decided how each call of a %s fails', (_name, made, kinds) => {
  const members = Object.getOwnPropertyNames(made.prototype).filter((name) => !own.has(name))
  expect(members.sort()).toEqual(Object.keys(kinds).sort())
})

const kindsByPart: Readonly<Record<string, Readonly<Record<string, CallKind>>>> = {
  driver: driverCalls,
  consumer: consumerCalls,
  producer: producerCalls,
  admin: adminCalls,
  member: memberCalls,
  engine: { ...engineCalls, ...engineMapCalls },
  sink: sinkCalls,
}

/** Clients are named after their threads. */
function partOf(operation: string): string {
  const [client = '', call = ''] = operation.split(' ')
  const part = client.endsWith('-producer') ? 'producer' : client.startsWith('app') ? 'consumer' : client
  return `${part} ${call}`
}

test('each call that may fail is made while something may fail', async () => {
  const made = new Set<string>()
  for (const name of Object.keys(scenarios))
    for (const operation of (await play(name, new FaultPlan())).plan.calls.keys()) made.add(partOf(operation))
  const failing = Object.entries(kindsByPart).flatMap(([part, kinds]) =>
    Object.entries(kinds).flatMap(([call, kind]) => (kind === 'never' ? [] : [`${part} ${call}`])),
  )
  expect(failing.filter((call) => !made.has(call)).sort()).toEqual([...ofOthers].sort())
}, 120_000)
