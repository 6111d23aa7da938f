import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { KafkaDriver } from '../../../src/kafka/port.ts'
import { startStreams } from '../../../src/index.ts'
import { createWireDriver } from '../../../src/kafka/wire/driver.ts'
import {
  killed,
  lastCounts,
  startCountingWorker,
  untilCounted,
  vocabulary,
  words,
} from '../../integration/runtime/counting-workers.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { JavaApplication } from './java-application.ts'
import { inputs, outputs, peerTopology } from './topology.ts'

requireServer('kafka').describe('one group with members of Kafka Streams for Java and of millrace', () => {
  let kafka: KafkaCluster
  let peer: KafkajsPeer
  let driver: KafkaDriver
  let folder: string
  const workers: ChildProcess[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-shared-group-'))
    kafka = await startKafka()
    peer = await KafkajsPeer.connect(kafka.bootstrap)
    driver = createWireDriver({ bootstrap: [kafka.bootstrap] })
    const shop = Object.fromEntries([...inputs, ...outputs].map((topic) => [topic, 2]))
    await peer.createTopics({ words: 4, 'word-counts': 1, ...shop })
  }, 120_000)

  afterAll(async () => {
    await JavaApplication.killAll()
    for (const worker of workers) worker.kill('SIGKILL')
    await driver?.close()
    await peer?.close()
    await kafka?.stop()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  })

  const startJava = () =>
    JavaApplication.start(kafka.bootstrap, 'killed', 'leave', { protocol: 'streams', topology: 'words' })

  async function startNode(name: string): Promise<ChildProcess> {
    const worker = await startCountingWorker(kafka.bootstrap, join(folder, name), 'streams')
    workers.push(worker)
    return worker
  }

  /** Each of so many processes has some of the eight tasks. */
  async function untilSharedBy(processes: number): Promise<void> {
    const isShared = async (): Promise<boolean> => {
      const { members } = await driver.admin().describeGroup('killed')
      const owners = members.flatMap(({ processId, active = [] }) => active.map(() => processId))
      return owners.length === 8 && new Set(owners).size === processes
    }
    await until(isShared, 60_000, `tasks are shared by ${processes} processes`)
  }

  let sent = 0
  /** Words flow while something happens; then all of them are counted. */
  async function whileWordsFlow(happens: () => Promise<void>): Promise<void> {
    let isOver = false
    const flow = (async () => {
      while (!isOver) {
        await peer.send('words', words(sent, 50))
        sent += 50
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    })()
    await happens().finally(() => {
      isOver = true
    })
    await flow
    await untilCounted(peer, sent)
  }

  const exact = () => new Map(vocabulary.map((word) => [word, sent / vocabulary.length]))

  test('they agree about a topology of windows, sessions and joins, and share its tasks', async () => {
    const java = await JavaApplication.start(kafka.bootstrap, 'shop', 'leave', { protocol: 'streams' })
    const streams = await startStreams(
      {
        applicationId: 'shop',
        kafka: { bootstrap: [kafka.bootstrap] },
        groupProtocol: 'streams',
        heartbeatIntervalMs: 500,
        sessionTimeoutMs: 6000,
      },
      peerTopology(),
    )
    await streams.application.waitFor('RUNNING', 60_000)
    const { members } = await driver.admin().describeGroup('shop')
    expect(members.map(({ active }) => active?.length)).toEqual([4, 4])
    await streams.close()
    await java.close()
  }, 200_000)

  test('they share the tasks, hand them over in order and take over from each other, and nothing is lost', async () => {
    const java = await startJava()
    await whileWordsFlow(async () => {
      await startNode('first')
      await untilSharedBy(2)
    })
    expect(await lastCounts(peer)).toEqual(exact())

    await whileWordsFlow(async () => {
      await java.close()
      await untilSharedBy(1)
    })
    expect(await lastCounts(peer)).toEqual(exact())

    const again = await startJava()
    await whileWordsFlow(() => untilSharedBy(2))
    expect(await lastCounts(peer)).toEqual(exact())

    // What a process had not committed when it was killed is counted again by the other.
    await whileWordsFlow(async () => {
      await again.kill()
      await untilSharedBy(1)
    })
    const third = await startJava()
    await whileWordsFlow(() => untilSharedBy(2))
    await whileWordsFlow(async () => {
      await killed(workers[0] as ChildProcess)
      await untilSharedBy(1)
    })
    for (const [, count] of await lastCounts(peer)) expect(count).toBeGreaterThanOrEqual(sent / vocabulary.length)
    await third.close()
  }, 400_000)
})
