import type { Serde } from './serde.ts'

/**
 * Whether `readBatch` reads what `deserialize` does: both are of one object. One that has taken over a serde and has a
 * `deserialize` of its own is read by that alone.
 */
export function readsInPlace<T>(serde: Serde<T>): serde is Serde<T> & Required<Pick<Serde<T>, 'readBatch'>> {
  let holder: object | null = serde
  while (holder !== null && !Object.hasOwn(holder, 'deserialize'))
    holder = Object.getPrototypeOf(holder) as object | null
  return holder !== null && Object.hasOwn(holder, 'readBatch')
}
