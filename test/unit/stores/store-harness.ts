import { CacheBudget } from '../../../src/stores/cache-budget.ts'
import type { Bytes } from '../../../src/core/bytes.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import type { RecordBatch } from '../../../src/kafka/record-batch.ts'
import type { Serde } from '../../../src/serde/serde.ts'
import { createTaskStores } from '../../../src/stores/create-task-stores.ts'
import type { StoreSpec } from '../../../src/stores/store-spec.ts'
import type { TaskStores, TaskStoresOptions } from '../../../src/stores/task-stores.ts'
import type { RecordContext } from '../../../src/stores/record-context.ts'

export const textSerde: Serde<unknown> = {
  name: 'text',
  serialize: (value) => Buffer.from(String(value)),
  deserialize: (bytes) => Buffer.from(bytes).toString(),
}

export interface LoggedRecord {
  readonly store: string
  readonly key: string
  readonly value: string | null
  readonly timestamp: number
}

export interface StoreHarness {
  readonly stores: TaskStores
  readonly context: RecordContext
  readonly logged: LoggedRecord[]
  readonly dropped: string[]
}

const hex = (bytes: Bytes): string => Buffer.from(bytes).toString('hex')

/** Stores of one task in memory, with everything they tell the outside recorded. */
export function openStores(specs: readonly StoreSpec[], overrides: Partial<TaskStoresOptions> = {}): StoreHarness {
  const logged: LoggedRecord[] = []
  const dropped: string[] = []
  const context: RecordContext = { topic: 'in', partition: 0, offset: 0, timestamp: 0, headers: noHeaders }
  const stores = createTaskStores({
    taskId: '0_0',
    specs,
    directory: undefined,
    changelog: {
      log: (store, key, value, timestamp) =>
        void logged.push({ store, key: hex(key), value: value === null ? null : hex(value), timestamp }),
    },
    changelogMode: 'each-put',
    recordContext: context,
    clock: systemClock,
    logger: silentLogger,
    cacheBudget: new CacheBudget(0),
    onDropped: (store) => void dropped.push(store),
    ...overrides,
  })
  return { stores, context, logged, dropped }
}

/** Changelog records as a batch to restore from; offsets count from 0. */
export function changelogBatch(records: readonly LoggedRecord[]): RecordBatch {
  return {
    topic: 'changelog',
    partition: 0,
    topicId: '',
    count: records.length,
    byteLength: 0,
    nextOffset: records.length,
    offset: (index) => index,
    timestamp: (index) => records[index]?.timestamp ?? -1,
    key: (index) => Buffer.from(records[index]?.key ?? '', 'hex'),
    value: (index) => {
      const value = records[index]?.value ?? null
      return value === null ? null : Buffer.from(value, 'hex')
    },
    headers: () => noHeaders,
  }
}
