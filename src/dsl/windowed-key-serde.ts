import type { Serde } from '../serde/serde.ts'
import type { Headers } from '../core/headers.ts'
import type { Windowed } from '../stores/port.ts'

const timeBytes = 8

/** Windowed keys as Kafka Streams writes them: key, then start. The size is not written; the reader knows it. */
export function timeWindowedSerde<K>(key: Serde<K>, sizeMs: number): Serde<Windowed<K>> {
  return Object.freeze({
    name: `windowed(${key.name})`,
    serialize: (windowed: Windowed<K>, topic: string, headers: Headers) =>
      appended(key.serialize(windowed.key, topic, headers), [windowed.window.startMs]),
    deserialize(bytes: Uint8Array, topic: string, headers: Headers): Windowed<K> {
      const startMs = timeAt(bytes, bytes.length - timeBytes)
      const window = { startMs, endMs: Math.min(startMs + sizeMs, 2 ** 63) }
      return { key: key.deserialize(bytes.subarray(0, -timeBytes), topic, headers), window }
    },
    partitionBytes: (bytes: Uint8Array) => bytes.subarray(0, -timeBytes),
  })
}

/** Session keys: key, then end, then start. */
export function sessionWindowedSerde<K>(key: Serde<K>): Serde<Windowed<K>> {
  return Object.freeze({
    name: `session(${key.name})`,
    serialize: (windowed: Windowed<K>, topic: string, headers: Headers) =>
      appended(key.serialize(windowed.key, topic, headers), [windowed.window.endMs, windowed.window.startMs]),
    deserialize(bytes: Uint8Array, topic: string, headers: Headers): Windowed<K> {
      const window = {
        startMs: timeAt(bytes, bytes.length - timeBytes),
        endMs: timeAt(bytes, bytes.length - 2 * timeBytes),
      }
      return { key: key.deserialize(bytes.subarray(0, -2 * timeBytes), topic, headers), window }
    },
    partitionBytes: (bytes: Uint8Array) => bytes.subarray(0, -2 * timeBytes),
  })
}

function appended(keyBytes: Uint8Array, timesMs: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(keyBytes.length + timesMs.length * timeBytes)
  bytes.set(keyBytes)
  const view = new DataView(bytes.buffer)
  timesMs.forEach((timeMs, index) => view.setBigInt64(keyBytes.length + index * timeBytes, BigInt(timeMs)))
  return bytes
}

function timeAt(bytes: Uint8Array, offset: number): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigInt64(offset))
}
