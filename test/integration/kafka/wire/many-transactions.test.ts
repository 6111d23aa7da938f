import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type ProxiedKafka, startProxiedKafka } from '../../../support/proxied-kafka.ts'
import { requireServer } from '../../../support/require-server.ts'
import { numbered } from './rig.ts'
import { nobodyOf, offsetOf, send, TransactionRig } from './transaction-rig.ts'

const waitMs = 60_000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function heldBytes(): number {
  for (let round = 0; round < 3; round++) collectGarbage()
  return process.memoryUsage().heapUsed
}

requireServer('kafka').describe('many transactions in a row', () => {
  let proxied: ProxiedKafka
  let rig: TransactionRig

  beforeAll(async () => {
    proxied = await startProxiedKafka()
    rig = new TransactionRig(proxied.bootstrap)
  })

  afterAll(async () => {
    await rig?.close()
    await proxied?.stop()
  })

  test('500 of them are committed or aborted as told, without more memory, connections or waits', async () => {
    const topic = await rig.topic(2)
    const group = nobodyOf(`g-${topic}`)
    const producer = await rig.transactions([topic], { lingerMs: 0 })
    const kept: string[] = []
    const run = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index++) {
        const value = `v${kept.length}`
        send(producer, topic, [value], 0)
        if (index % 5 === 4) {
          await producer.abort(waitMs)
          continue
        }
        kept.push(value)
        await producer.commit(offsetOf(topic, kept.length), group, waitMs)
      }
    }
    await run(100)
    const before = { bytes: heldBytes(), connections: proxied.proxy.open }
    await run(500)
    expect(heldBytes() - before.bytes).toBeLessThan(1_000_000)
    expect(proxied.proxy.open).toBe(before.connections)
    expect(await rig.values(topic, 2)).toEqual([numbered(kept.length), []])
    expect(await rig.committed(group.groupId, topic)).toBe(kept.length)
    await producer.close(waitMs)
  })
})
