import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { runLetterCheck } from '../../../bench/dead-letters/check-run.ts'
import { builtProgram } from '../../support/built.ts'
import { sharedKafka } from '../../support/kafka-cluster.ts'
import { requireServer } from '../../support/require-server.ts'

requireServer('kafka').describe('millrace dlq on a real Kafka', () => {
  let kafka: Awaited<ReturnType<typeof sharedKafka>>

  beforeAll(async () => {
    builtProgram('src/cli/main')
    kafka = await sharedKafka()
  }, 240_000)
  afterAll(() => kafka?.stop())

  test('brings every payment back once, although it is killed on the way, and stops at the cap', async () => {
    const account = await runLetterCheck({
      bootstrap: kafka.bootstrap,
      applicationId: `dlq-check-${process.pid}`,
      payments: 1000,
      programs: { cli: builtProgram('src/cli/main'), module: builtProgram('bench/dead-letters/topology') },
      say: () => {},
    })
    expect(account.filter(({ ok }) => !ok)).toEqual([])
  }, 240_000)
})
