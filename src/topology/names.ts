import { shown } from '../core/shown.ts'
import { illegalArgument, topologyInvalid } from './build-error.ts'

const nameLengthMax = 249

/** Refuses names that cannot be part of a topic name. */
export function checkName(name: string): string {
  if (typeof name !== 'string') throw illegalArgument(`a name is ${shown(name)}: it must be a text`)
  if (name === '') throw topologyInvalid('a name is empty: leave name out to get a generated one')
  const fault = nameFault(name)
  if (fault !== undefined) throw topologyInvalid(`name ${fault}: choose another`)
  return name
}

/** Why a name cannot be that of a topic, as the end of a sentence; undefined: it can. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'a topic needs a name'
  if (name === '.' || name === '..') return `'${name}' is reserved`
  if (name.length > nameLengthMax) return `'${name}' has ${name.length} characters, of at most ${nameLengthMax}`
  if (/^[A-Za-z0-9._-]+$/.test(name)) return undefined
  return `'${name}' has a character other than ASCII letters, digits, dots, underscores and hyphens`
}

/**
 * Kafka Streams' generated names: a prefix and a counter that all operators of a builder share. A given name uses up a
 * number too, so that naming one operator does not rename the others.
 */
export class NameGenerator {
  #next = 0
  readonly #stores = new Set<string>()

  /** A generated name, which uses up a number. */
  processor(prefix: string): string {
    return prefix + this.#number()
  }

  /** A generated name of a store, which uses up a number and is remembered as generated. */
  store(prefix: string): string {
    const name = `${prefix}STATE-STORE-${this.#number()}`
    this.#stores.add(name)
    return name
  }

  /** Names of stores that the counter made, of those too that no table keeps in the end. */
  get generatedStores(): ReadonlySet<string> {
    return this.#stores
  }

  /** Whether the store of a join, or a repartition topic, has a number of the counter in its name. */
  isGenerated(name: string): boolean {
    return /-[0-9]{10,}(-store|-Buffer|-repartition)$/.test(name)
  }

  /** The given name, or a generated one. */
  orGenerated(name: string | undefined, prefix: string): string {
    const generated = this.processor(prefix)
    return name ?? generated
  }

  /** The given name with a suffix, or a generated one. */
  suffixed(name: string | undefined, suffix: string, prefix: string): string {
    const generated = this.processor(prefix)
    return name === undefined ? generated : checkName(name + suffix)
  }

  #number(): string {
    return String(this.#next++).padStart(10, '0')
  }
}
