import assert from 'node:assert/strict'
import type { KeyValue, SessionStore, Windowed } from '../../stores/port.ts'
import type { StoreEngine } from '../../stores/store-spec.ts'
import type { TaskStores } from '../../stores/task-stores.ts'
import type { RecordContext } from '../../stores/record-context.ts'
import { byBytes } from './model-order.ts'
import { type Command, type StoreModel, suiteKeys } from './store-model.ts'

type SessionRow = KeyValue<Windowed<string>, string>

interface SessionState {
  readonly rows: Map<string, SessionRow>
  observedMs: number
}

const retentionMs = 100_000
const segmentMs = 60_000

/** Rows by key, end and start; what ends the retention or more behind the newest end is hidden. */
export function sessionModel({ engine, timeOrdered }: { engine: StoreEngine; timeOrdered: boolean }): StoreModel {
  let state: SessionState = { rows: new Map(), observedMs: -1 }
  let committed: SessionState = { rows: new Map(), observedMs: -1 }
  const storeOf = (stores: TaskStores) => stores.store('store') as SessionStore<string, string>
  const visibleFromMs = () => state.observedMs - retentionMs + 1
  const isRefused = (endMs: number) =>
    engine === 'memory'
      ? endMs < visibleFromMs()
      : Math.trunc(endMs / segmentMs) < Math.trunc((state.observedMs - retentionMs) / segmentMs)
  const visible = (within: (row: SessionRow) => boolean): SessionRow[] =>
    [...state.rows.values()].filter((row) => row.key.window.endMs >= visibleFromMs() && within(row)).sort(byEnd)
  /** Emission on close still finds on disk what other reads hide. */
  const living = (within: (row: SessionRow) => boolean): SessionRow[] =>
    [...state.rows.values()].filter((row) => !isRefused(row.key.window.endMs) && within(row)).sort(byEnd)

  function put(stores: TaskStores, session: Windowed<string>, value: string | null): void {
    storeOf(stores).put(session, value)
    const { startMs, endMs } = session.window
    state.observedMs = Math.max(state.observedMs, endMs)
    if (isRefused(endMs)) return
    const id = JSON.stringify([session.key, startMs, endMs])
    if (value === null) state.rows.delete(id)
    else state.rows.set(id, { key: session, value })
  }

  function run(stores: TaskStores, context: RecordContext, command: Command): void {
    const store = storeOf(stores)
    const operation = command.pick(7)
    const key = suiteKeys[command.pick(suiteKeys.length)] as string
    const startMs = command.pick(10) * 10 + (command.pick(5) === 0 ? 60_000 * command.pick(8) : 0)
    const endMs = startMs + 10 * command.pick(6)
    const session = { key, window: { startMs, endMs } }
    context.timestamp = endMs
    switch (operation) {
      case 0:
        put(stores, session, null)
        return
      case 1:
        assert.deepEqual(
          [...store.findSessions(key, startMs, endMs)],
          visible((row) => row.key.key === key && row.key.window.endMs >= startMs && row.key.window.startMs <= endMs),
        )
        return
      case 2:
        assert.deepEqual([...store.backwardFetch(key)], visible((row) => row.key.key === key).reverse())
        return
      case 3: {
        const within = ({ key: { window } }: SessionRow) => window.endMs >= startMs && window.endMs <= endMs
        const expected = timeOrdered && engine === 'disk' ? living(within) : visible(within)
        const actual = [...store.findSessionsByEnd(startMs, endMs)]
        assert.deepEqual(timeOrdered ? actual : actual.sort(byEnd), expected)
        return
      }
      default:
        put(stores, session, `v${command.pick(20)}`)
    }
  }

  return {
    run,
    check(stores) {
      const actual = [...storeOf(stores).all()]
      assert.deepEqual(
        actual.sort(byEnd),
        visible(() => true),
      )
      for (const { key, value } of visible(() => true)) {
        assert.deepEqual(storeOf(stores).fetchSession(key.key, key.window.startMs, key.window.endMs), value)
      }
    },
    commit() {
      committed = { rows: new Map(state.rows), observedMs: state.observedMs }
    },
    discard() {
      state = { rows: new Map(committed.rows), observedMs: committed.observedMs }
    },
  }
}

function byEnd(left: SessionRow, right: SessionRow): number {
  const one = left.key.window
  const other = right.key.window
  return one.endMs - other.endMs || one.startMs - other.startMs || byBytes(left.key.key, right.key.key)
}
