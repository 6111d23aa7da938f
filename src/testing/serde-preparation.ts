import { MillraceError } from '../core/errors.ts'
import type { Serde } from '../serde/serde.ts'
import { changelogTopicName } from '../topology/topology.ts'
import type { Topology } from '../topology/topology.ts'

type Preparable = Pick<Serde<unknown>, 'name' | 'prepare'>

/** What serdes load before they can be used. Nothing is waited for where all of them are ready at once. */
export class SerdePreparation {
  readonly #pending = new Map<Promise<unknown>, string>()

  /** Serdes that write to the topology's topics, as an application prepares them when it starts. */
  prepareTopology(topology: Topology, applicationId: string, topicName: (name: string) => string): void {
    for (const node of topology.nodes.values()) {
      if (node.kind !== 'sink' || typeof node.topic !== 'string') continue
      this.prepareBoth(node, topicName(node.topic))
    }
    for (const spec of topology.stores.values()) this.prepareBoth(spec, changelogTopicName(applicationId, spec.name))
  }

  prepareBoth({ key, value }: { readonly key: Preparable; readonly value: Preparable }, topic: string): void {
    this.expect(key.prepare?.(topic), `${key.name} of topic ${topic}`)
    this.expect(value.prepare?.(topic), `${value.name} of topic ${topic}`)
  }

  expect(loading: Promise<unknown> | undefined, what: string): void {
    if (loading === undefined) return
    this.#pending.set(loading, what)
    void this.#forget(loading)
  }

  async #forget(loading: Promise<unknown>): Promise<void> {
    try {
      await loading
      this.#pending.delete(loading)
    } catch {
      // It stays here, so that nothing is piped before `settled` has told it.
    }
  }

  /** Rejects with what a serde rejects with. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) {
      const [first] = this.#pending.keys()
      try {
        await first
      } finally {
        this.#pending.delete(first as Promise<unknown>)
      }
    }
  }

  /** Throws SERDE_NOT_PREPARED while something is loading. */
  check(): void {
    const [what] = this.#pending.values()
    if (what === undefined) return
    throw new MillraceError(
      'SERDE_NOT_PREPARED',
      'fatal',
      `${what} is still loading: await driver.prepare() after the topics are created, or use a registry in memory (createMemorySchemaRegistry)`,
    )
  }
}
