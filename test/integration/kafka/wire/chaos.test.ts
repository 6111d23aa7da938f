import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type ProxiedKafka, startProxiedKafka } from '../../../support/proxied-kafka.ts'
import { requireServer } from '../../../support/require-server.ts'
import type { TcpProxy } from '../../../support/tcp-proxy.ts'
import { poll, Rig } from './rig.ts'

let proxied: ProxiedKafka
let proxy: TcpProxy
let rig: Rig

beforeAll(async () => {
  proxied = await startProxiedKafka()
  proxy = proxied.proxy
  rig = new Rig(proxy.address, { requestTimeoutMs: 1_500, connectTimeoutMs: 1_000 })
})

afterAll(async () => {
  await rig?.close()
  await proxied?.stop()
})

/** Generator of a fixed seed, so that the faults of a failed run come again. */
let state = 20_261_124
const random = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647

const faults: readonly (() => void)[] = [
  () => proxy.cutAll(),
  () => proxy.blackHole(),
  () => proxy.onResponse(({ apiKey }) => (apiKey < 4 && random() < 0.3 ? 'swallow' : 'pass')),
  () => proxy.onRequest(() => (random() < 0.3 ? 'cut' : 'pass')),
  () => proxy.onResponse(() => (random() < 0.3 ? 'cut' : 'pass')),
  () => proxy.onResponse(() => ({ delayMs: random() * 800 })),
]

requireServer('kafka').describe('the wire driver in a network that fails', () => {
  test('whatever happens to the network, records arrive once and in order, soon after it healed', async () => {
    const topic = await rig.topic(3)
    const producer = await rig.producer([topic], { lingerMs: 2, batchBytes: 3_000 })
    const consumer = rig.consumer()
    consumer.assign([0, 1, 2].map((partition) => ({ topic, partition, offset: 'earliest' as const })))
    const received: [number, number, number] = [0, 0, 0]
    const total = (): number => received[0] + received[1] + received[2]
    const readOn = async (maxWaitMs: number): Promise<void> => {
      for (const { partition, value } of await poll(consumer, maxWaitMs)) {
        expect(Number(value)).toBe(received[partition as 0] * 3 + partition)
        received[partition as 0]++
      }
    }
    let sent = 0
    for (let round = 0; round < 12; round++) {
      faults[round % faults.length]!()
      const faultEndMs = Date.now() + 300 + random() * 2_000
      while (Date.now() < faultEndMs) {
        for (let index = 0; index < 20; index++, sent++) {
          producer.send(topic, sent % 3, null, Buffer.from(`${sent}`), Date.now(), [])
        }
        await readOn(20)
      }
      proxy.heal()
      const patienceEndMs = Date.now() + 20_000
      while (total() < sent && Date.now() < patienceEndMs) await readOn(50)
      expect(total()).toBe(sent)
    }
    expect(await rig.endOffsets(topic, 3)).toEqual([...received])
    await producer.close(60_000)
  })
})
