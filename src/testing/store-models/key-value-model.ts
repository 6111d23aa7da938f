import assert from 'node:assert/strict'
import type { KeyValue, KeyValueStore, ValueAndTimestamp } from '../../stores/port.ts'
import type { TaskStores } from '../../stores/task-stores.ts'
import type { RecordContext } from '../../stores/record-context.ts'
import { byBytes } from './model-order.ts'
import { type Command, type StoreModel, suiteKeys } from './store-model.ts'

type Value = string | ValueAndTimestamp<string>

/** A sorted map. */
export function keyValueModel(kind: 'key-value' | 'timestamped-key-value'): StoreModel {
  let rows = new Map<string, Value>()
  let committed = new Map<string, Value>()
  const storeOf = (stores: TaskStores) => stores.store('store') as KeyValueStore<string, Value>
  const sorted = (within: (key: string) => boolean): KeyValue<string, Value>[] =>
    [...rows]
      .filter(([key]) => within(key))
      .sort(([left], [right]) => byBytes(left, right))
      .map(([key, value]) => ({ key, value }))

  function run(stores: TaskStores, context: RecordContext, command: Command): void {
    const store = storeOf(stores)
    const operation = command.pick(9)
    const key = suiteKeys[command.pick(suiteKeys.length)] as string
    const other = suiteKeys[command.pick(suiteKeys.length)] as string
    const timestamp = command.pick(100)
    const text = `v${command.pick(50)}`
    const value: Value = kind === 'timestamped-key-value' ? { value: text, timestamp } : text
    context.timestamp = timestamp
    switch (operation) {
      case 0:
        assert.deepEqual(store.delete(key), rows.get(key))
        rows.delete(key)
        return
      case 1:
        assert.deepEqual(store.putIfAbsent(key, value), rows.get(key))
        if (!rows.has(key)) rows.set(key, value)
        return
      case 2:
        assert.deepEqual(
          [...store.range(key, other)],
          sorted((one) => byBytes(one, key) >= 0 && byBytes(one, other) <= 0),
        )
        return
      case 3:
        assert.deepEqual([...store.reverseRange(key, undefined)], sorted((one) => byBytes(one, key) >= 0).reverse())
        return
      case 4:
        assert.deepEqual(
          [...store.prefixScan(Buffer.from(key))],
          sorted((one) => one.startsWith(key)),
        )
        return
      case 5:
        assert.deepEqual(store.get(key), rows.get(key))
        return
      case 6:
        // Deleting while iterating is what punctuators do.
        for (const entry of store.all()) if (entry.key.startsWith(key)) store.put(entry.key, null)
        for (const { key: one } of sorted((each) => each.startsWith(key))) rows.delete(one)
        return
      default:
        store.put(key, value)
        rows.set(key, value)
    }
  }

  return {
    run,
    check(stores) {
      assert.deepEqual(
        [...storeOf(stores).all()],
        sorted(() => true),
      )
      assert.deepEqual([...storeOf(stores).reverseAll()], sorted(() => true).reverse())
      for (const key of suiteKeys) assert.deepEqual(storeOf(stores).get(key), rows.get(key))
    },
    commit() {
      committed = new Map(rows)
    },
    discard() {
      rows = new Map(committed)
    },
  }
}
