import { randomUUID } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import { MillraceError } from '../../core/errors.ts'
import type { ControlLog } from '../../replay/control-log.ts'

/** How often the holder shows that it lives. */
const beatMs = 2000
/** A holder that shows nothing for this long is gone. */
const silentMs = 10_000
const lookMs = 500

/** The row of a run that sends letters, or wants to. */
interface Claim {
  readonly user: string
  readonly sinceMs: number
  /** Grows while the run lives: the clocks of two machines are not compared. */
  readonly beat: number
}

/**
 * Lets only one run send the letters of a topic. A claim is a row of the ledger's topic; whose key was written first
 * has the lock. A run that was killed leaves its claim: the next one deletes it when it has not changed for 10 s.
 */
export class LetterLock {
  readonly #log: ControlLog
  readonly #clock: Clock
  readonly #id = randomUUID()
  readonly #user: string
  readonly #sinceMs: number
  #beat = 0
  #beatMs = 0

  private constructor(log: ControlLog, clock: Clock, user: string) {
    this.#log = log
    this.#clock = clock
    this.#user = user
    this.#sinceMs = clock.nowMs()
  }

  /** Rejects with LETTERS_LOCKED where another run lives. */
  static async acquire(log: ControlLog, clock: Clock, user: string): Promise<LetterLock> {
    const lock = new LetterLock(log, clock, user)
    await lock.#outlast()
    await lock.#show()
    try {
      lock.#check()
      return lock
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  /**
   * Before each letter. Rejects with LETTERS_LOCKED where another run has taken over, because this one was stopped for
   * longer than a run may be silent.
   */
  async hold(): Promise<void> {
    if (this.#clock.monotonicMs() - this.#beatMs >= beatMs) {
      await this.#log.refresh()
      this.#check()
      await this.#show()
    }
    this.#check()
  }

  async release(): Promise<void> {
    await this.#log.put(keyOf(this.#id), undefined)
  }

  /** Waits until the other claims are gone: released, or deleted here because nobody changes them. */
  async #outlast(): Promise<void> {
    await this.#log.refresh()
    const known = this.#claims()
    const untilMs = this.#clock.monotonicMs() + silentMs
    while (this.#claims().size > 0 && this.#clock.monotonicMs() < untilMs) {
      await this.#clock.sleep(lookMs)
      await this.#log.refresh()
      for (const [id, claim] of this.#claims()) if (known.get(id)?.beat !== claim.beat) throw locked(claim)
    }
    for (const id of this.#claims().keys()) await this.#log.put(keyOf(id), undefined)
  }

  async #show(): Promise<void> {
    this.#beatMs = this.#clock.monotonicMs()
    const claim: Claim = { user: this.#user, sinceMs: this.#sinceMs, beat: ++this.#beat }
    await this.#log.put(keyOf(this.#id), claim)
  }

  /** By what was read last: `put` and `refresh` read. */
  #check(): void {
    const [first] = this.#claims()
    if (first?.[0] !== this.#id) throw locked(first?.[1])
  }

  #claims(): ReadonlyMap<string, Claim> {
    return this.#log.under<Claim>(keyOf(''))
  }
}

function keyOf(id: string): string {
  return `lock/${id}`
}

function locked(claim: Claim | undefined): MillraceError {
  const who =
    claim === undefined ? 'another run' : `a run of ${claim.user}, since ${new Date(claim.sinceMs).toISOString()},`
  const text = `${who} sends letters of this topic: wait until it has ended`
  return new MillraceError('LETTERS_LOCKED', 'fatal', text)
}
