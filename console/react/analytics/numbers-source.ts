import type { RefusedState } from '../stream/connection-state.ts'
import type { Numbers } from './numbers.ts'

/** What a source of numbers says when something has changed. */
export interface NumbersState {
  /** The last answer; undefined: there is none yet. */
  readonly numbers: Numbers | undefined
  /** When it came, by the clock of the browser. */
  readonly updatedMs: number
  /** Why there is no newer one; undefined: all is well. */
  readonly fault: string | undefined
  /** The server says no for good. */
  readonly refused: RefusedState | undefined
}

export interface NumbersSourceOptions {
  /** With its query. */
  readonly url: string
  readonly token: string | undefined
  readonly refreshMs: number
  changed(state: NumbersState): void
  /** Default: that of the browser. */
  readonly fetch?: typeof fetch
}

export const noNumbers: NumbersState = Object.freeze({
  numbers: undefined,
  updatedMs: 0,
  fault: undefined,
  refused: undefined,
})

const deadlineMs = 15_000
/** Statuses that another attempt does not change. */
const finalStatuses: ReadonlySet<number> = new Set([400, 401, 403, 404, 405])

/** Asks for numbers again and again while somebody can see them. */
export class NumbersSource {
  readonly #options: NumbersSourceOptions
  readonly #ended = new AbortController()
  #state = noNumbers
  #timer: ReturnType<typeof setTimeout> | undefined
  #isAsking = false
  #isVisible: boolean
  /** Nobody saw it when it was time to ask. */
  #isDue = true

  constructor(options: NumbersSourceOptions, isVisible: boolean) {
    this.#options = options
    this.#isVisible = isVisible
    this.#askIfDue()
  }

  /** Somebody can see the page, or nobody can any longer. */
  setVisible(isVisible: boolean): void {
    this.#isVisible = isVisible
    this.#askIfDue()
  }

  /** Asks now. */
  refresh(): void {
    clearTimeout(this.#timer)
    this.#isDue = true
    this.#askIfDue()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#ended.abort()
  }

  #askIfDue(): void {
    if (this.#isDue && this.#isVisible && !this.#isAsking && !this.#ended.signal.aborted) void this.#ask()
  }

  async #ask(): Promise<void> {
    this.#isDue = false
    this.#isAsking = true
    const isLast = await this.#answered().catch((error: unknown) => {
      this.#change({ fault: error instanceof Error ? error.message : String(error) })
      return false
    })
    this.#isAsking = false
    if (isLast || this.#ended.signal.aborted) return
    this.#timer = setTimeout(() => this.refresh(), this.#options.refreshMs)
  }

  /** True: asking again would not help. */
  async #answered(): Promise<boolean> {
    const { url, token } = this.#options
    const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(deadlineMs)])
    const headers: Record<string, string> = { accept: 'application/json' }
    if (token !== undefined && token !== '') headers.authorization = `Bearer ${token}`
    const request = { headers, signal, cache: 'no-store' } as const
    const response = await (this.#options.fetch ?? fetch)(url, request)
    if (response.ok) {
      const numbers = (await response.json()) as Numbers
      this.#change({ numbers, updatedMs: Date.now(), fault: undefined })
      return false
    }
    const { status } = response
    const told = (await response.json().catch(() => ({}))) as Partial<RefusedState>
    const reason = told.reason ?? `the server answered ${status}`
    const isFinal = finalStatuses.has(status)
    this.#change({ fault: reason, ...(isFinal && { refused: { kind: 'refused', status, reason } }) })
    return isFinal
  }

  #change(changes: Partial<NumbersState>): void {
    if (this.#ended.signal.aborted) return
    this.#state = { ...this.#state, ...changes }
    this.#options.changed(this.#state)
  }
}
