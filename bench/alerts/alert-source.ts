import { topics } from '../../fleet/topics.ts'
import type { AlertChange } from '../../src/alerts/index.ts'
import type { KafkajsPeer } from '../../test/support/kafkajs-peer.ts'

/** Makes alerts of services fire and recover, by changes of them. */
export class ChangeSource {
  readonly #peer: KafkajsPeer
  readonly #startsMs = new Map<string, number>()

  constructor(peer: KafkajsPeer) {
    this.#peer = peer
  }

  async fire(service: string): Promise<void> {
    const startMs = Date.now()
    this.#startsMs.set(service, startMs)
    await this.#change(service, 'firing', startMs)
  }

  async recover(service: string): Promise<void> {
    await this.#change(service, 'resolved', this.#startsMs.get(service) ?? 0)
  }

  async #change(service: string, status: AlertChange['status'], startMs: number): Promise<void> {
    const key = `errors/${service}`
    const change: AlertChange = {
      key,
      episode: `${key}@${startMs}`,
      rule: 'errors',
      group: { service },
      status,
      severity: 'high',
      startMs,
      timeMs: status === 'resolved' ? Date.now() : startMs,
      summary: `errors of ${service}`,
      value: 1,
      threshold: 0.2,
      baseline: null,
      examples: [],
      eventCount: 1,
      links: {},
      labels: {},
    }
    await this.#peer.send(topics.alertChanges.name, [{ key, value: JSON.stringify(change) }])
  }
}
