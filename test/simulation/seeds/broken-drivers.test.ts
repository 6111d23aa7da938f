import { expect, test } from '@jest/globals'
import { drawHistory } from '../../../bench/simulation/draw-history.ts'
import type { History } from '../../../bench/simulation/history.ts'
import { playHistory } from '../../../bench/simulation/play-history.ts'
import { shrinkHistory } from '../../../bench/simulation/shrink-history.ts'
import type { MemoryCluster } from '../../../src/kafka/memory/cluster.ts'
import { createMemoryDriver } from '../../../src/kafka/memory/driver.ts'
import type { KafkaDriver, TransactionalProducer } from '../../../src/kafka/port.ts'

type MakeDriver = (cluster: MemoryCluster) => KafkaDriver

/** Drivers that break one promise each. */
const broken: Readonly<Record<string, MakeDriver>> = {
  'records are acknowledged and not written': withTransactions((producer) => {
    let sent = 0
    return { send: (...record) => void (++sent % 20 === 0 || producer.send(...record)) }
  }),
  'a transaction commits its records without the offsets': withTransactions((producer) => ({
    commit: (_offsets, group, timeoutMs) => producer.commit([], group, timeoutMs),
  })),
  'an abort commits': withTransactions((producer, committed) => ({
    abort: async (timeoutMs) => {
      const { group } = committed
      if (producer.isInTransaction && group !== undefined) await producer.commit([], group, timeoutMs).catch(() => {})
      await producer.abort(timeoutMs)
    },
  })),
}

/** What a producer has last committed with. */
interface Committed {
  group?: Parameters<TransactionalProducer['commit']>[1]
}

function withTransactions(
  break_: (producer: TransactionalProducer, committed: Committed) => Partial<TransactionalProducer>,
): MakeDriver {
  return (cluster) => {
    const driver = createMemoryDriver(cluster)
    return {
      ...driver,
      transactionalProducer: (options) => {
        const producer = driver.transactionalProducer(options)
        const committed: Committed = {}
        const commit = producer.commit.bind(producer)
        producer.commit = (offsets, group, timeoutMs) => {
          committed.group = group
          return commit(offsets, group, timeoutMs)
        }
        const calls = break_(producer, committed)
        return new Proxy(producer, {
          get(target, name) {
            const member: unknown = Reflect.get(name in calls ? calls : target, name)
            return typeof member === 'function' && !(name in calls) ? (member.bind(target) as unknown) : member
          },
        })
      },
    }
  }
}

async function firstFailure(driver: MakeDriver): Promise<History | undefined> {
  for (let seed = 1; seed <= 200; seed++) {
    const history = drawHistory(seed, { isQuick: true })
    if (history.scene.guarantee !== 'exactly-once') continue
    if ((await playHistory(history, driver)).wrong.length > 0) return history
  }
  return undefined
}

test.each(Object.keys(broken))('it is found that %s', async (name) => {
  expect(await firstFailure(broken[name] as MakeDriver)).toBeDefined()
})

test('a history that fails is shortened to what it needs', async () => {
  const history = drawHistory(6, { isQuick: true })
  const needed = history.inputs[7]
  const fails = async ({ inputs, faults }: History) => inputs.some((input) => input === needed) && faults.length > 0
  const { inputs, faults } = await shrinkHistory(history, fails)
  expect(inputs).toEqual([needed])
  expect(faults).toHaveLength(1)
})
