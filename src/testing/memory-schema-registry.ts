import { type Clock, systemClock } from '../core/clock.ts'
import {
  type RegisteredSchema,
  schemaNotRegistered,
  type SchemaRegistry,
  unknownSchema,
} from '../serde/schema-registry-client.ts'

/**
 * A registry in this process: it answers synchronously, so a test driver does not have to wait for it. Each call
 * creates an empty registry.
 */
export function createMemorySchemaRegistry(options: { readonly clock?: Clock } = {}): MemorySchemaRegistry {
  return new MemorySchemaRegistry(options.clock ?? systemClock)
}

/** A schema registry in this process; `createMemorySchemaRegistry` creates it. */
export class MemorySchemaRegistry implements SchemaRegistry {
  /** The clock that was given when it was created; the serdes read the time from it. */
  readonly clock: Clock
  /** The schemas by id; ids count from 1. */
  readonly #schemas: string[] = []
  readonly #subjects = new Map<string, Set<number>>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  schemaById(id: number): string {
    const schema = this.#schemas[id - 1]
    if (schema === undefined) throw unknownSchema(id)
    return schema
  }

  /** As in a registry behind HTTP, one schema has one id, whatever the subject. */
  register(subject: string, schema: string): number {
    const id = this.#idOf(schema) ?? this.#schemas.push(schema)
    const ids = this.#subjects.get(subject) ?? new Set()
    this.#subjects.set(subject, ids.add(id))
    return id
  }

  lookUp(subject: string, schema: string): number {
    const id = this.#idOf(schema)
    if (id === undefined || !this.#subjects.get(subject)?.has(id)) throw schemaNotRegistered(subject)
    return id
  }

  versions(subject: string): readonly RegisteredSchema[] {
    return [...(this.#subjects.get(subject) ?? [])].map((id) => ({ id, schema: this.schemaById(id) }))
  }

  #idOf(schema: string): number | undefined {
    const index = this.#schemas.indexOf(schema)
    return index < 0 ? undefined : index + 1
  }
}
