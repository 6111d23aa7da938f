import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type KafkaDriver, openKafka, silentLogger, startStreams, type Streams, string } from '../../../src/index.ts'
import { MemoryKafka, type MemoryTopicAccess } from '../../../src/testing/index.ts'
import { type CommandLine, commandLine } from '../../support/command-line.ts'
import { copies } from './modules/plain-topology.ts'

let memory: MemoryKafka
let kafka: KafkaDriver
let originals: MemoryTopicAccess<string, string>
let millrace: CommandLine
let streams: Streams | undefined

beforeEach(() => {
  memory = new MemoryKafka({ topics: { originals: 2, copies: 1 } })
  kafka = openKafka(memory.connection)
  originals = memory.topic('originals', { key: string(), value: string() })
  millrace = commandLine({ kafka: memory.connection })
})
afterEach(async () => {
  await streams?.close()
  streams = undefined
  await kafka.close()
})

interface Row {
  readonly topic: string
  readonly partition: number
  readonly committed?: number
  readonly records?: number
  readonly seconds?: number
  readonly expired: number
  readonly owner?: string
}
async function lagOf(group: string): Promise<readonly Row[]> {
  const { out } = await millrace.run('lag', group, '--json', '--interval', '1')
  return (JSON.parse(out) as { partitions: Row[] }).partitions
}
const nobody = { groupId: 'readers', generation: -1, memberId: '', instanceId: undefined }
async function commit(partition: number, offset: number): Promise<void> {
  const consumer = kafka.consumer({
    clientId: 'test',
    isolationLevel: 'read_committed',
    offsetReset: () => 'earliest',
    fetchMinBytes: 1,
    fetchMaxBytes: 1000,
    partitionFetchMaxBytes: 1000,
    fetchMaxWaitMs: 10,
    bufferedBytesMax: 1000,
  })
  await consumer.commit([{ topic: 'originals', partition, offset, metadata: '' }], nobody, 1000)
  await consumer.close()
}
/** Writes until partition 0 has this many records. */
function write(count: number, timestamp: number): void {
  for (let index = 0; index < count; index++) originals.write('a', `${index}`, { timestamp })
}

describe('millrace lag', () => {
  test('says how many records and seconds a group is behind', async () => {
    write(3, Date.now() - 60_000)
    const written = (
      await kafka.admin().listOffsets(
        [0, 1].map((partition) => ({ topic: 'originals', partition, at: 'latest' as const })),
        'read_committed',
      )
    ).find(({ offset }) => offset === 3)
    await commit(written?.partition ?? -1, 1)
    const [row] = await lagOf('readers')
    expect(row).toMatchObject({ committed: 1, records: 2, expired: 0 })
    expect(row?.seconds).toBeGreaterThan(59)
    expect(row?.seconds).toBeLessThan(120)
  })

  test('is 0 seconds where there is nothing to read', async () => {
    await commit(0, 0)
    expect(await lagOf('readers')).toMatchObject([{ records: 0, seconds: 0 }])
  })

  test('counts records that retention has deleted apart from the lag', async () => {
    write(5, Date.now())
    const [partition] = (
      await kafka.admin().listOffsets(
        [0, 1].map((number) => ({ topic: 'originals', partition: number, at: 'latest' as const })),
        'read_committed',
      )
    ).filter(({ offset }) => offset === 5)
    await commit(partition?.partition ?? -1, 1)
    await kafka.admin().deleteRecords([{ topic: 'originals', partition: partition?.partition ?? -1, offset: 4 }])
    expect(await lagOf('readers')).toMatchObject([{ records: 1, expired: 3 }])
  })

  test('names the process that reads each partition', async () => {
    const options = { applicationId: 'readers', processId: 'one', commitIntervalMs: 50, logger: silentLogger }
    streams = await startStreams({ ...options, kafka: memory.connection }, copies)
    await streams.application.waitFor('RUNNING', 10_000)
    expect((await lagOf('readers')).map(({ partition, owner }) => [partition, owner])).toEqual([
      [0, 'one'],
      [1, 'one'],
    ])
  })

  test('ends with 2 for a group that does not exist', async () => {
    const { exitCode, errors } = await millrace.run('lag', 'nobody', '--once')
    expect(exitCode).toBe(2)
    expect(errors).toContain('GROUP_ID_NOT_FOUND')
  })

  test('prints a table for people', async () => {
    await commit(0, 0)
    const { out } = await millrace.run('lag', 'readers', '--interval', '1')
    expect(out).toMatch(/^group Empty, lag 0 records\ntopic +partition +committed/)
  })
})
