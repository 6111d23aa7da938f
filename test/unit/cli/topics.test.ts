import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { AuditEntry } from '../../../src/cli/audit.ts'
import { loneConsumer } from '../../../src/kafka/lone-consumer.ts'
import { type Admin, json, type KafkaDriver, openKafka, string } from '../../../src/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { type CommandLine, commandLine } from '../../support/command-line.ts'

const pageViews = 'test/unit/cli/modules/page-views.ts'
let memory: MemoryKafka
let kafka: KafkaDriver
let admin: Admin
let millrace: CommandLine

beforeEach(() => {
  memory = new MemoryKafka({ topics: {} })
  const { connection } = memory
  kafka = openKafka(connection)
  admin = kafka.admin()
  millrace = commandLine({ kafka: connection })
})
afterEach(() => kafka.close())

interface Step {
  readonly topic: string
  readonly action: string
}
async function planned(...options: string[]): Promise<readonly Step[]> {
  const { out } = await millrace.run('topics', 'plan', pageViews, '--json', ...options)
  return (JSON.parse(out) as { steps: Step[] }).steps.map(({ topic, action }) => ({ topic, action }))
}
const newTopic = (name: string, partitions: number) => ({ name, partitions, replicationFactor: 1, configs: {} })

describe('millrace topics plan', () => {
  test('creates sources, outputs, repartition and changelog topics that do not exist, and changes nothing itself', async () => {
    expect(await planned()).toEqual(
      ['views', 'view-counts', 'page-views-by-page-repartition', 'page-views-counts-changelog'].map((topic) => ({
        topic,
        action: 'create',
      })),
    )
    expect(await admin.listTopics()).toEqual([])
  })

  test('ends with 1 while there is something to do, and with 0 after apply', async () => {
    expect((await millrace.run('topics', 'plan', pageViews)).exitCode).toBe(1)
    expect((await millrace.run('topics', 'apply', pageViews)).exitCode).toBe(0)
    expect((await millrace.run('topics', 'plan', pageViews)).exitCode).toBe(0)
  })

  test('refuses an internal topic with another number of partitions', async () => {
    await millrace.run('topics', 'apply', pageViews)
    await admin.deleteTopics(['page-views-counts-changelog'])
    await admin.createTopics([newTopic('page-views-counts-changelog', 5)], 1000)
    expect(await planned()).toContainEqual({ topic: 'page-views-counts-changelog', action: 'conflict' })
  })

  test('adds partitions to a topic of the definition that has fewer', async () => {
    await admin.createTopics([newTopic('view-counts', 1)], 1000)
    expect(await planned()).toContainEqual({ topic: 'view-counts', action: 'add-partitions' })
  })

  test('calls no internal topic unused that the topology has, while an input is missing', async () => {
    const module = 'test/unit/cli/modules/two-inputs.ts'
    await admin.createTopics([newTopic('views', 1), newTopic('two-inputs-counts-changelog', 1)], 1000)
    const { out } = await millrace.run('topics', 'apply', module, '--delete', 'two-inputs-counts-changelog')
    expect(out).toMatch(/conflict +two-inputs-counts-changelog +is not an unused internal topic/)
    expect(await admin.listTopics()).toContain('two-inputs-counts-changelog')
  })
})

describe('millrace topics apply', () => {
  test('creates what the plan says, with the partitions of the sources', async () => {
    await millrace.run('topics', 'apply', pageViews)
    const [changelog] = await admin.describeTopics(['page-views-counts-changelog'])
    expect(changelog?.partitions).toHaveLength(2)
  })

  test('keeps an unused internal topic that is not named', async () => {
    await admin.createTopics([newTopic('page-views-old-changelog', 2)], 1000)
    await millrace.run('topics', 'apply', pageViews)
    expect(await admin.listTopics()).toContain('page-views-old-changelog')
  })

  test('deletes an unused internal topic that is named', async () => {
    await admin.createTopics([newTopic('page-views-old-changelog', 2)], 1000)
    await millrace.run('topics', 'apply', pageViews, '--delete', 'page-views-old-changelog')
    expect(await admin.listTopics()).not.toContain('page-views-old-changelog')
  })

  test('refuses to delete a topic of an application whose name begins with that of this one', async () => {
    await admin.createTopics([newTopic('orders', 1), newTopic('page-views-eu-counts-changelog', 1)], 1000)
    const offset = { topic: 'orders', partition: 0, offset: 0, metadata: '' }
    const nobody = { groupId: 'page-views-eu', generation: -1, memberId: '', instanceId: undefined }
    await loneConsumer(kafka).commit([offset], nobody, 1000)
    await millrace.run('topics', 'apply', pageViews, '--delete', 'page-views-eu-counts-changelog')
    expect(await admin.listTopics()).toContain('page-views-eu-counts-changelog')
  })

  test('refuses to delete a topic of somebody else, and says so', async () => {
    await admin.createTopics([newTopic('payments', 2)], 1000)
    const { exitCode, out } = await millrace.run('topics', 'apply', pageViews, '--delete', 'payments')
    expect(exitCode).toBe(1)
    expect(out).toMatch(/conflict +payments +is not an unused internal topic/)
    expect(await admin.listTopics()).toContain('payments')
  })

  test('writes user, plan and result to the audit topic', async () => {
    await millrace.run('topics', 'apply', pageViews)
    const entries = memory.topic('millrace-audit', { key: string(), value: json<AuditEntry>() }).read()
    expect(entries.map(({ value }) => [value?.user, value?.command, value?.state])).toEqual([
      ['somebody@somewhere', `topics apply ${pageViews}`, 'planned'],
      ['somebody@somewhere', `topics apply ${pageViews}`, 'done'],
    ])
  })
})
