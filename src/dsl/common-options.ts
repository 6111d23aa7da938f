import type { Bytes } from '../core/bytes.ts'
import type { Headers } from '../core/headers.ts'
import type { Serde } from '../serde/serde.ts'
import { checkName } from '../topology/names.ts'
import { checkOptions } from './check-options.ts'

export interface NameOption {
  /** Name of the operator; left out: generated. */
  readonly name?: string | undefined
}

/** A serde that can write all of these: one for a wider type will do. null is written without one. */
export type SerdeFor<T> = SerdeOver<unknown extends T ? never : Exclude<T, null | undefined>>

/** Any, where nothing is known of the values. */
interface SerdeOver<T> extends Omit<Serde<unknown>, 'serialize'> {
  readonly serialize: (value: T, topic: string, headers: Headers) => Bytes
}

/** A key serde: optional where the key's is known, required where the key has changed since. */
export type KeyOption<K, HasKey extends boolean> = [HasKey] extends [true]
  ? { readonly key?: SerdeFor<K> | undefined }
  : { readonly key: SerdeFor<K> }

/** A value serde: optional where the value's is known, required where the value has changed since. */
export type ValueOption<V, HasValue extends boolean> = [HasValue] extends [true]
  ? { readonly value?: SerdeFor<V> | undefined }
  : { readonly value: SerdeFor<V> }

export function nameOf(options: NameOption | undefined): string | undefined {
  checkOptions(options)
  return options?.name === undefined ? undefined : checkName(options.name)
}
