import { createHash } from 'node:crypto'
import type { WireClient } from '../../test/support/wire-client.ts'
import { partitions } from './logs.ts'

/** What is in a topic, whatever the order of its records: how many, and a sum of hashes of key and value. */
export interface OutputSum {
  readonly records: number
  readonly sum: string
}

/** Of all records, or of the last one of each key. */
export async function outputSum(client: WireClient, topic: string, isLastOnly: boolean): Promise<OutputSum> {
  const admin = client.driver.admin()
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
  const ends = await admin.listOffsets(
    all.map((place) => ({ ...place, at: 'latest' as const })),
    'read_committed',
  )
  await admin.close()
  const consumer = client.consumer()
  consumer.assign(all.map((place) => ({ ...place, offset: 'earliest' as const })))
  const last = new Map<string, bigint>()
  let [records, sum] = [0, 0n]
  try {
    while (
      ends.some(({ topic: name, partition, offset }) => (consumer.position({ topic: name, partition }) ?? 0) < offset)
    ) {
      for (const batch of await consumer.poll(1000)) {
        for (let index = 0; index < batch.count; index++) {
          const hash = hashOf(batch.key(index), batch.value(index))
          if (isLastOnly) last.set(Buffer.from(batch.key(index) ?? []).toString(), hash)
          else sum += hash
          records++
        }
      }
    }
  } finally {
    await consumer.close()
  }
  for (const hash of last.values()) sum += hash
  return { records: isLastOnly ? last.size : records, sum: BigInt.asUintN(64, sum).toString(16) }
}

function hashOf(key: Uint8Array | null, value: Uint8Array | null): bigint {
  const hash = createHash('md5')
  hash.update(key ?? '')
  hash.update('\n')
  hash.update(value ?? '')
  return hash.digest().readBigUInt64BE()
}
