import type { Bytes } from '../core/bytes.ts'
import { type CustomWindows, windowEnds } from '../core/custom-windows.ts'
import { MillraceError } from '../core/errors.ts'
import type { Headers } from '../core/headers.ts'
import { told } from '../core/shown.ts'
import { forwarded } from './forwarded.ts'
import { readInt64, writeInt64 } from './int64.ts'
import type { Serde } from './serde.ts'
import { checkElement, malformedBytes } from './serde-errors.ts'

/** A key with its window, as the stores and the DSL have it. */
interface WindowedKey<K> {
  readonly key: K
  readonly window: { readonly startMs: number; readonly endMs: number }
}

/** Key, then start of the window. The end is not in the bytes: the reader has to know the size, or the custom windows. */
export function timeWindowed<K>(key: Serde<K>, size: number | CustomWindows): Serde<WindowedKey<K>> {
  checkElement('timeWindowed', key)
  if (
    !(typeof size === 'number'
      ? !Number.isNaN(size)
      : typeof (size as Partial<CustomWindows> | null)?.windowsFor === 'function')
  ) {
    const fix = 'pass the size of the windows in milliseconds, or the windows that customWindows returned'
    throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', `timeWindowed is given ${told(size)} for a size: ${fix}`)
  }
  const endMs = windowEnds(size)
  return windowed(`timeWindowed(${key.name})`, key, 8, {
    write: (target, at, window) => writeInt64(target, at, window.startMs),
    read(source, at) {
      const startMs = readInt64(source, at)
      return { startMs, endMs: endMs(startMs) }
    },
  })
}

/** Key, then end, then start of the session. */
export function sessionWindowed<K>(key: Serde<K>): Serde<WindowedKey<K>> {
  checkElement('sessionWindowed', key)
  return windowed(`sessionWindowed(${key.name})`, key, 16, {
    write(target, at, window) {
      writeInt64(target, at, window.endMs)
      writeInt64(target, at + 8, window.startMs)
    },
    read: (source, at) => ({ startMs: readInt64(source, at + 8), endMs: readInt64(source, at) }),
  })
}

interface WindowSuffix {
  readonly write: (target: Uint8Array, at: number, window: WindowedKey<unknown>['window']) => void
  readonly read: (source: Bytes, at: number) => WindowedKey<unknown>['window']
}

function windowed<K>(name: string, key: Serde<K>, suffixBytes: number, suffix: WindowSuffix): Serde<WindowedKey<K>> {
  const innerBytes = (source: Bytes): Bytes => source.subarray(0, Math.max(0, source.length - suffixBytes))
  return Object.freeze({
    name,
    serialize(windowedKey: WindowedKey<K>, topic: string, headers: Headers): Bytes {
      const inner = key.serialize(windowedKey.key, topic, headers)
      const target = Buffer.allocUnsafe(inner.length + suffixBytes)
      target.set(inner)
      suffix.write(target, inner.length, windowedKey.window)
      return target
    },
    deserialize(source: Bytes, topic: string, headers: Headers): WindowedKey<K> {
      if (source.length < suffixBytes) {
        throw malformedBytes(name, topic, `its ${source.length} bytes are too few for a window (${suffixBytes})`)
      }
      const window = suffix.read(source, source.length - suffixBytes)
      return { key: key.deserialize(innerBytes(source), topic, headers), window }
    },
    partitionBytes: innerBytes,
    ...forwarded(key, (source) => [innerBytes(source)]),
  })
}
