import type { ConnectionState, NotShown } from './connection-state.ts'
import { type ConnectionTarget, EventConnection } from './event-connection.ts'
import type { StreamedLine } from './log-line.ts'
import type { ServerEvent } from './server-events.ts'

/** What a connection reports. */
export interface ConnectionEvents {
  lines(lines: readonly StreamedLine[], placeBefore: string | undefined): void
  gap(reason: string, records: number | undefined): void
  /** Lines that were not sent since the connection of this attempt began. */
  notShown(counts: NotShown): void
  /** An attempt begins: counts start at 0 again. */
  begins(): void
  state(state: ConnectionState): void
}

interface EventData {
  readonly lines?: readonly StreamedLine[]
  readonly notShown?: NotShown
  readonly reason?: string
  readonly records?: number
}

/** One stream of lines. */
export class LogConnection {
  readonly #events: ConnectionEvents
  readonly #connection: EventConnection

  constructor(target: ConnectionTarget, events: ConnectionEvents, place?: string) {
    this.#events = events
    const taker = {
      event: (event: ServerEvent, placeBefore: string | undefined) => this.#take(event, placeBefore),
      begins: () => events.begins(),
      state: (state: ConnectionState) => events.state(state),
    }
    this.#connection = new EventConnection(target, taker, place)
  }

  /** Behind the last event: another connection continues there. */
  get place(): string | undefined {
    return this.#connection.place
  }

  /** Reads until it is closed, refused for good or ended. Never rejects. */
  run(): Promise<void> {
    return this.#connection.run()
  }

  close(): void {
    this.#connection.close()
  }

  #take({ type, data: text }: ServerEvent, placeBefore: string | undefined): void {
    const data = JSON.parse(text) as EventData
    if (data.notShown !== undefined) this.#events.notShown(data.notShown)
    if (type === 'lines') this.#events.lines(data.lines ?? [], placeBefore)
    else if (type === 'gap') this.#events.gap(data.reason ?? 'no reason was given', data.records)
    else if (type === 'end') this.#connection.finish({ kind: 'ended' })
    else if (type === 'failed') this.#events.gap(data.reason ?? 'the server cannot read any longer', undefined)
  }
}
