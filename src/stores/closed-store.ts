import { MillraceError } from '../core/errors.ts'
import type { StateStore } from './port.ts'

/**
 * From now on every call on the store throws STORE_CLOSED: whoever has kept it would read rows that are no longer true,
 * and write some that nobody commits. The methods of this one object change, so that an open store pays nothing for it.
 */
export function closeStore(store: StateStore, taskId: string): void {
  const { name } = store
  const refuse = (): never => {
    throw new MillraceError(
      'STORE_CLOSED',
      'fatal',
      `store ${name} of task ${taskId} is closed, because the task ended or moved to another process: ask for the store again instead of keeping it`,
      { details: { taskId, store: name } },
    )
  }
  for (const [member, { value }] of Object.entries(membersOf(store))) {
    Object.defineProperty(store, member, {
      configurable: true,
      ...(typeof value === 'function' ? { value: refuse } : { get: refuse }),
    })
  }
}

/** What the classes of an object define, but for its constructor. */
function membersOf(store: StateStore): Record<string, PropertyDescriptor> {
  const members: Record<string, PropertyDescriptor> = {}
  for (let of: unknown = Object.getPrototypeOf(store); of !== Object.prototype; of = Object.getPrototypeOf(of)) {
    Object.assign(members, Object.getOwnPropertyDescriptors(of))
  }
  delete members['constructor']
  return members
}
