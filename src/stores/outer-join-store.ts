import type { Bytes } from '../core/bytes.ts'
import { noHeaders } from '../core/headers.ts'
import type { Serde } from '../serde/serde.ts'
import { decodeList, encodeList } from './list-value.ts'
import { readLong, writeLong } from './longs.ts'
import type { JoinSide, OuterJoinStore, UnmatchedRow } from './port.ts'
import type { Rows } from './row.ts'
import type { RecordContext } from './record-context.ts'

/** timestamp (8), 1 for left and 0 for right, key. */
export function outerJoinKey(side: JoinSide, key: Bytes, timestamp: number): Bytes {
  const bytes = new Uint8Array(key.length + 9)
  writeLong(bytes, 0, timestamp)
  bytes[8] = side === 'left' ? 1 : 0
  bytes.set(key, 9)
  return bytes
}

/** 1 for left and 0 for right, value. */
export function outerJoinValue(side: JoinSide, value: Bytes): Bytes {
  const bytes = new Uint8Array(value.length + 1)
  bytes[0] = side === 'left' ? 1 : 0
  bytes.set(value, 1)
  return bytes
}

/** `topic` is passed to all of them. */
export interface OuterJoinSerdes {
  readonly key: Serde<unknown>
  readonly left: Serde<unknown>
  readonly right: Serde<unknown>
  readonly topic: string
}

/**
 * Rows of an outer or left join of streams that have no match yet: a list of values per time, side and key. The key 'ab'
 * of the left side at 256, with the value 'x':
 * ```
 * 00 00 00 00 00 00 01 00 | 01 | 61 62   ->   list of   01 | 78
 * timestamp (8)             left key                    left value
 * ```
 * Time comes first, so that the join reads those whose window has closed from the front. Called by the join's operator.
 */
export class ListOuterJoinStore implements OuterJoinStore<unknown, unknown> {
  readonly name: string
  readonly kind = 'outer-join-rows'
  readonly #rows: Rows
  readonly #serdes: OuterJoinSerdes
  readonly #context: RecordContext

  constructor(name: string, rows: Rows, serdes: OuterJoinSerdes, context: RecordContext) {
    this.name = name
    this.#rows = rows
    this.#serdes = serdes
    this.#context = context
  }

  put(side: JoinSide, key: unknown, timestamp: number, value: unknown): void {
    const storeKey = this.#storeKey(side, key, timestamp)
    const element = outerJoinValue(side, this.#valueSerde(side).serialize(value, this.#serdes.topic, noHeaders))
    const old = this.#rows.get(storeKey)?.value
    const elements = old === undefined || old === null ? [element] : [...decodeList(old), element]
    this.#rows.put(storeKey, encodeList(elements), this.#context.timestamp)
  }

  delete(side: JoinSide, key: unknown, timestamp: number): boolean {
    const storeKey = this.#storeKey(side, key, timestamp)
    if (this.#rows.get(storeKey) === undefined) return false
    this.#rows.put(storeKey, null, this.#context.timestamp)
    return true
  }

  *all(): IterableIterator<UnmatchedRow<unknown, unknown>> {
    const { key: keySerde, topic } = this.#serdes
    const cursor = this.#rows.range(undefined, undefined, 'forward', Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
    for (let row = cursor.next(); row !== undefined; row = cursor.next()) {
      const side: JoinSide = row.key[8] === 1 ? 'left' : 'right'
      const key = keySerde.deserialize(row.key.subarray(9), topic, noHeaders)
      const timestamp = readLong(row.key, 0)
      for (const element of decodeList(row.value as Bytes)) {
        if (element === null) continue
        yield { side, key, timestamp, value: this.#valueSerde(side).deserialize(element.subarray(1), topic, noHeaders) }
      }
    }
  }

  #storeKey(side: JoinSide, key: unknown, timestamp: number): Bytes {
    return outerJoinKey(side, this.#serdes.key.serialize(key, this.#serdes.topic, noHeaders), timestamp)
  }

  #valueSerde(side: JoinSide): Serde<unknown> {
    return side === 'left' ? this.#serdes.left : this.#serdes.right
  }
}
