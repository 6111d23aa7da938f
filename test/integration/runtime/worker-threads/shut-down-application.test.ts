import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { createWireDriver } from '../../../../src/kafka/wire/driver.ts'
import type { KafkaDriver } from '../../../../src/kafka/port.ts'
import { sharedKafka } from '../../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../../support/kafkajs-peer.ts'
import { requireServer } from '../../../support/require-server.ts'
import { until } from '../../../support/until.ts'
import { WordsProcess } from './words-process.ts'

requireServer('kafka').describe('an application of two processes on a real broker', () => {
  let kafka: Awaited<ReturnType<typeof sharedKafka>>
  let peer: KafkajsPeer
  let driver: KafkaDriver
  let folder: string
  const open: WordsProcess[] = []

  beforeAll(async () => {
    kafka = await sharedKafka()
    peer = await KafkajsPeer.connect(kafka.bootstrap)
    driver = createWireDriver({ bootstrap: [kafka.bootstrap] })
    folder = await mkdtemp(join(tmpdir(), 'millrace-all-end-'))
  })

  afterEach(async () => {
    for (const each of open.splice(0)) await each.kill()
  })

  afterAll(async () => {
    await driver?.close()
    await peer?.close()
    await kafka?.stop()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  })

  async function started(applicationId: string, clientId: string, options: object): Promise<WordsProcess> {
    const config = {
      applicationId,
      clientId,
      kafka: { bootstrap: [kafka.bootstrap] },
      threads: 2,
      commitIntervalMs: 100,
      heartbeatIntervalMs: 300,
      ...options,
    }
    const child = new WordsProcess(applicationId, config, { WHEN_FAILED: 'shut-down-application' })
    open.push(child)
    await child.ask('running')
    return child
  }

  test.each([
    ['classic', 'event-loop', 'fail', 'RECORD_FAILED'],
    ['streams', 'event-loop', 'fail', 'RECORD_FAILED'],
    ['classic', 'worker', 'exit', 'WORKER_THREAD_DIED'],
    ['streams', 'worker', 'fail', 'RECORD_FAILED'],
  ])(
    'ends in both when a thread of one fails and asks for it, and says why: %s, %s, %s',
    async (groupProtocol, threadKind, ending, code) => {
      const applicationId = `all-end-${process.pid}-${Date.now()}`
      await peer.createTopics({
        [`${applicationId}-words`]: 4,
        [`${applicationId}-names`]: 1,
        [`${applicationId}-seen`]: 1,
        [`${applicationId}-counts`]: 1,
      })
      const options = { groupProtocol, threadKind }
      const processes = [
        await started(applicationId, 'first', options),
        await started(applicationId, 'second', options),
      ]
      const shares = async () => {
        const { members } = await driver.admin().describeGroup(applicationId)
        return members.map(({ active }) => active?.length ?? 0).join()
      }
      await until(async () => (await shares()) === '1,1,1,1', 30_000, 'all four threads have tasks')

      const word = `${ending}!${join(folder, applicationId)}`
      await peer.send(`${applicationId}-words`, [{ key: 'k', value: word, partition: 0 }])
      const ends = await Promise.all(processes.map((each) => each.ask('ended')))
      const asking = ends.findIndex((end) => end?.code === code)
      expect(ends[1 - asking]).toMatchObject({ code: 'GROUP_SHUTDOWN' })

      const [linesOfAsking, linesOfOther] = await Promise.all([
        processes[asking]?.ask('log') ?? [],
        processes[1 - asking]?.ask('log') ?? [],
      ])
      const asked = linesOfAsking.find(
        ({ message }) => message === 'all processes of the application were asked to end',
      )
      expect(asked).toMatchObject({ level: 'error', thread: expect.stringContaining('-thread-') })
      expect(ends[1 - asking]?.message).toContain(asked?.memberId)
      const reasons = linesOfOther.filter(
        (line) => line.level === 'error' && JSON.stringify(line).includes('GROUP_SHUTDOWN'),
      )
      expect(reasons).not.toEqual([])
      await until(async () => (await shares()) === '', 30_000, 'no member is left')
    },
    120_000,
  )
})
