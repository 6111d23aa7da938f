import { type ConnectionState, nothingHidden, type NotShown, sumOf } from './connection-state.ts'
import type { ConnectionTarget } from './event-connection.ts'
import { LogConnection } from './log-connection.ts'
import { LineStore } from './line-store.ts'

/** What a view of a stream shows besides its lines. Frozen: another object after each change. */
export interface SessionStatus {
  readonly state: ConnectionState
  readonly notShown: NotShown
  /** Lines that came, repeated ones by their count. */
  readonly received: number
  /** Of the last second or two. */
  readonly linesPerSecond: number
  /** False: somebody reads, and nothing may move. */
  readonly isFollowing: boolean
}

const rateWindowMs = 1000

/**
 * One stream and its lines. While nobody follows, no line leaves: when there is no room for more, the connection is closed,
 * and continues from the same place later, so that no line is lost however long somebody reads.
 */
export class LogSession {
  readonly store: LineStore
  readonly #target: ConnectionTarget
  readonly #changed: () => void
  readonly #nowMs: () => number
  #connection: LogConnection | undefined
  #status: SessionStatus
  /** Of earlier connections. */
  #hiddenBefore = nothingHidden
  #window: { startMs: number; lines: number }
  /** The row that came next when somebody began to read. */
  #heldFrom = 0

  /** `changed` is called after each change, often: who shows it waits for the next frame. */
  constructor(
    target: ConnectionTarget,
    {
      linesMax,
      isFollowing,
      changed,
      nowMs = () => Date.now(),
    }: { linesMax: number; isFollowing: boolean; changed: () => void; nowMs?: () => number },
  ) {
    this.store = new LineStore(linesMax)
    this.store.hold(!isFollowing)
    this.#target = target
    this.#changed = changed
    this.#nowMs = nowMs
    this.#window = { startMs: nowMs(), lines: 0 }
    this.#status = Object.freeze<SessionStatus>({
      state: { kind: 'connecting' },
      notShown: nothingHidden,
      received: 0,
      linesPerSecond: 0,
      isFollowing,
    })
  }

  get status(): SessionStatus {
    return this.#status
  }

  /** From a place, or with what is new. */
  start(place?: string): void {
    this.#connection?.close()
    const connection = new LogConnection(this.#target, this.#eventsOf(), place)
    this.#connection = connection
    void connection.run()
  }

  /** Rows that came since somebody began to read. */
  get newRows(): number {
    return this.#status.isFollowing ? 0 : this.store.nextNumber - this.#heldFrom
  }

  /** Where another stream would continue. */
  get place(): string | undefined {
    return this.#connection?.place
  }

  follow(isFollowing: boolean): void {
    if (isFollowing === this.#status.isFollowing) return
    this.store.hold(!isFollowing)
    this.#heldFrom = this.store.nextNumber
    this.#set({ isFollowing })
    if (isFollowing && this.#status.state.kind === 'held') this.start(this.place)
  }

  /** Leaves out what came meanwhile, and says so. */
  jumpToLive(): void {
    this.store.addGap('you skipped the lines that came here')
    this.follow(true)
    this.start()
  }

  /** Whoever shows it shows it once more. */
  redraw(): void {
    this.#changed()
  }

  /** Forgets the lines, not the counts. */
  clear(): void {
    this.store.clear()
    this.#set({})
    if (this.#status.state.kind === 'held') this.start(this.place)
  }

  /** To be called each second: a stream that has stopped has no rate. */
  tick(): void {
    const { startMs, lines } = this.#window
    const passedMs = this.#nowMs() - startMs
    if (passedMs < rateWindowMs) return
    const linesPerSecond = Math.round((lines * 1000) / passedMs)
    this.#window = { startMs: this.#nowMs(), lines: 0 }
    if (linesPerSecond !== this.#status.linesPerSecond) this.#set({ linesPerSecond })
  }

  close(): void {
    this.#connection?.close()
  }

  #eventsOf(): ConstructorParameters<typeof LogConnection>[1] {
    return {
      lines: (lines, placeBefore) => {
        this.store.add(lines, placeBefore)
        let count = 0
        for (const line of lines) count += line.count ?? 1
        this.#window.lines += count
        this.#set({ received: this.#status.received + count })
        if (this.store.isFull) this.#halt()
      },
      gap: (reason, records) => {
        this.store.addGap(records === undefined ? reason : `${reason} (${records} records)`)
        this.#set({})
      },
      begins: () => {
        this.#hiddenBefore = this.#status.notShown
      },
      notShown: (counts) => this.#set({ notShown: sumOf(this.#hiddenBefore, counts) }),
      state: (state) => this.#set({ state }),
    }
  }

  #halt(): void {
    this.#connection?.close()
    this.#set({ state: { kind: 'held' } })
  }

  #set(change: Partial<SessionStatus>): void {
    this.#status = Object.freeze({ ...this.#status, ...change })
    this.#changed()
  }
}
