import type { Notice } from '../../src/alerts/index.ts'
import { type ServiceFault, ServiceServer } from '../../test/support/service-server.ts'

/** A notice as its receiver took it. */
export interface TakenNotice {
  readonly notice: Notice
  readonly atMs: number
}

/** Somebody behind a webhook, who notes when each notice was taken, and who can be made to misbehave. */
export class Receiver {
  readonly taken: TakenNotice[] = []
  refusals = 0
  readonly #server = new ServiceServer(undefined, ({ body }) => {
    if (this.#fault !== undefined) {
      this.refusals++
      return this.#fault
    }
    this.#take(JSON.parse(body) as Notice)
    return undefined
  })
  /** Ids of notices, by service. */
  readonly #resolved = new Map<string, Set<string>>()
  #fault: ServiceFault | undefined

  /** How many episodes of a service are over, as far as the receiver knows. */
  resolvedOf(service: string): number {
    return this.#resolved.get(service)?.size ?? 0
  }

  #take(notice: Notice): void {
    this.taken.push({ notice, atMs: Date.now() })
    if (notice.kind !== 'resolve') return
    const service = notice.alerts[0]?.group.service ?? ''
    this.#resolved.set(service, (this.#resolved.get(service) ?? new Set()).add(notice.id))
  }

  get url(): string {
    return this.#server.url
  }

  start(): Promise<void> {
    return this.#server.start()
  }

  /** What each request meets; undefined: it is taken. None of these faults takes a notice. */
  misbehave(fault: ServiceFault | undefined): void {
    this.#fault = fault
  }

  stop(): Promise<void> {
    return this.#server.stop()
  }
}
