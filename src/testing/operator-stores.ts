import { CacheBudget } from '../stores/cache-budget.ts'
import { type Bytes, emptyBytes } from '../core/bytes.ts'
import { ManualClock } from '../core/clock.ts'
import { type Headers, noHeaders } from '../core/headers.ts'
import { silentLogger } from '../core/logger.ts'
import type { Serde } from '../serde/serde.ts'
import { createTaskStores } from '../stores/create-task-stores.ts'
import type { StateStore } from '../stores/port.ts'
import type { StoreSpec } from '../stores/store-spec.ts'
import type { TaskStores } from '../stores/task-stores.ts'
import type { RecordContext } from '../stores/record-context.ts'

const text = new TextEncoder()

/** Strings as UTF-8: keys sort as they read. */
export const textSerde: Serde<unknown> = {
  name: 'text',
  serialize: (value) => text.encode(value as string),
  deserialize: (bytes) => Buffer.from(bytes).toString(),
}

export const jsonSerde: Serde<unknown> = {
  name: 'json',
  serialize: (value) => text.encode(JSON.stringify(value)),
  deserialize: (bytes) => JSON.parse(Buffer.from(bytes).toString()),
}

/** One changelog record that a store wrote. */
export interface LoggedRow {
  readonly store: string
  readonly key: Bytes
  readonly value: Bytes
  readonly timestamp: number
  readonly headers: Headers
}

/** The real stores of a task in memory, with the record context that operators share with them. */
export interface OperatorStores {
  readonly stores: readonly StateStore[]
  readonly recordContext: RecordContext
  readonly taskStores: TaskStores
  readonly logged: LoggedRow[]
}

type Distributed<Spec> = Spec extends StoreSpec
  ? Omit<Spec, 'engine' | 'key' | 'value' | 'caching' | 'changelog'>
  : never

export type TestStoreSpec = Distributed<StoreSpec> &
  Partial<Pick<StoreSpec, 'engine' | 'key' | 'value' | 'caching' | 'changelog'>>

export interface OperatorStoresOptions {
  readonly cacheBytesMax?: number
}

/** Text keys and JSON values unless the spec says otherwise. */
export function openOperatorStores(
  specs: readonly TestStoreSpec[],
  options: OperatorStoresOptions = {},
): OperatorStores {
  const recordContext: RecordContext = { topic: 'input', partition: 0, offset: -1, timestamp: -1, headers: noHeaders }
  const logged: LoggedRow[] = []
  const taskStores = createTaskStores({
    taskId: '0_0',
    specs: specs.map((spec) => ({
      engine: 'memory',
      key: textSerde,
      value: jsonSerde,
      caching: false,
      changelog: undefined,
      ...spec,
    })) as readonly StoreSpec[],
    directory: undefined,
    changelog: {
      log: (store, key, value, timestamp, headers) =>
        logged.push({ store, key, value: value ?? emptyBytes, timestamp, headers }),
    },
    changelogMode: 'each-put',
    recordContext,
    clock: new ManualClock(),
    logger: silentLogger,
    cacheBudget: new CacheBudget(options.cacheBytesMax ?? 0),
    onDropped: () => {},
  })
  return { stores: specs.map(({ name }) => taskStores.store(name)), recordContext, taskStores, logged }
}
