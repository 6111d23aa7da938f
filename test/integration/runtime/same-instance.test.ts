import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { StreamsConfig } from '../../../src/app.ts'
import { StreamsBuilder } from '../../../src/dsl/streams-builder.ts'
import { string } from '../../../src/serde/primitives.ts'
import { sharedKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { requireServer } from '../../support/require-server.ts'
import { startWatchedStreams } from '../../support/watched-streams.ts'

let kafka: Awaited<ReturnType<typeof sharedKafka>>
let peer: KafkajsPeer

beforeAll(async () => {
  kafka = await sharedKafka()
  peer = await KafkajsPeer.connect(kafka.bootstrap)
})

afterAll(async () => {
  await peer?.close()
  await kafka?.stop()
})

requireServer('kafka').describe('two processes with the same groupInstanceId', () => {
  test.each(['at-least-once', 'exactly-once'] as const)(
    'the first one ends with FENCED_INSTANCE_ID and what to do, under %s',
    async (processingGuarantee) => {
      const applicationId = `same-instance-${processingGuarantee}`
      await peer.createTopics({ [`${applicationId}-in`]: 2, [`${applicationId}-out`]: 1 })
      const builder = new StreamsBuilder()
      builder.stream(`${applicationId}-in`, { key: string(), value: string() }).to(`${applicationId}-out`)
      const topology = builder.build()
      const config: StreamsConfig = {
        applicationId,
        kafka: { bootstrap: [kafka.bootstrap] },
        processingGuarantee,
        commitIntervalMs: 100,
        heartbeatIntervalMs: 300,
        groupInstanceId: 'same',
      }
      const first = await startWatchedStreams(config, topology)
      await first.application.waitFor('RUNNING', 30_000)
      const second = await startWatchedStreams(config, topology)
      await expect(first.application.waitFor('NOT_RUNNING', 20_000)).rejects.toMatchObject({
        code: 'FENCED_INSTANCE_ID',
        message: expect.stringContaining('give each process its own'),
      })
      await first.close()
      await second.application.waitFor('RUNNING', 30_000)
      await second.close()
    },
    90_000,
  )
})
