import type { Clock } from '../../core/clock.ts'
import type { KafkaDriver } from '../../kafka/port.ts'
import type { RecordRange } from '../../kafka/record-reader.ts'
import type { Letter } from './letter.ts'
import type { LetterFilter } from './letter-filter.ts'
import type { LetterLedger } from './letter-ledger.ts'
import type { LetterLock } from './letter-lock.ts'
import type { LetterRoute, LetterRoutes } from './letter-routes.ts'
import { LetterSender } from './letter-sender.ts'
import { readLetters } from './read-letters.ts'

/** Letters with the same error and the same way. */
export interface ReplayCount {
  readonly error: string
  readonly action: 'send' | 'held'
  /** The topic, or why they are not sent. */
  readonly way: string
  letters: number
}

/** What `planLetters` and `sendLetters` work with. Both see the same letters in the same order. */
export interface ReplayParts {
  readonly kafka: KafkaDriver
  readonly ledger: LetterLedger
  readonly routes: LetterRoutes
  /** Of the letters that were there at the start: one that fails again comes behind, and is not of this run. */
  readonly ranges: readonly RecordRange[]
  readonly filter: LetterFilter
  /** Letters of other applications are left out. */
  readonly applicationId: string
  readonly lettersMax: number
}

/** What a replay would do. */
export async function planLetters(parts: ReplayParts): Promise<readonly ReplayCount[]> {
  const counts = new ReplayCounts()
  for await (const { letter, route } of routed(parts)) counts.add(letter, route)
  return counts.all()
}

/**
 * Sends letters under the lock. Each is noted in the ledger after the brokers have its record: a crash repeats one letter at most, and
 * the next run continues behind it.
 */
export async function sendLetters(
  parts: ReplayParts,
  lock: LetterLock,
  { clock, user }: { readonly clock: Clock; readonly user: string },
): Promise<readonly ReplayCount[]> {
  const counts = new ReplayCounts()
  const sender = new LetterSender(parts.kafka, parts.applicationId)
  try {
    for await (const { letter, route } of routed(parts)) {
      if (route.kind === 'send') await lock.hold()
      const target = route.kind === 'send' ? await sender.send(letter, route) : undefined
      if (route.kind === 'held' || target === undefined) {
        counts.add(letter, route.kind === 'held' ? route : sourceGone(letter))
        continue
      }
      const { id } = letter
      const attempts = route.attempt
      await parts.ledger.write({ id, state: 'replayed', atMs: clock.nowMs(), user, attempts, target })
      counts.add(letter, route)
    }
  } finally {
    await sender.close()
  }
  return counts.all()
}

/** The selected letters with their routes, until `lettersMax` of them are to be sent. */
async function* routed(parts: ReplayParts): AsyncGenerator<{ readonly letter: Letter; readonly route: LetterRoute }> {
  const { kafka, ledger, routes, ranges, filter, applicationId, lettersMax } = parts
  let sent = 0
  for await (const letter of readLetters(kafka, ranges, ledger, filter)) {
    if (letter.application !== undefined && letter.application !== applicationId) continue
    // Where a processor drops the headers, the place that it was sent to still tells.
    const route = await routes.of(letter, Math.max(letter.attempts, ledger.attemptsAt(letter.source)))
    yield { letter, route }
    if (route.kind === 'send' && ++sent >= lettersMax) return
  }
}

function sourceGone({ source }: Letter): LetterRoute {
  return { kind: 'held', reason: `${source?.topic} no longer has the record` }
}

/** Counts letters by error and route, for the table that the command prints. */
class ReplayCounts {
  readonly #counts = new Map<string, ReplayCount>()

  add({ error }: Letter, route: LetterRoute): void {
    const way = route.kind === 'send' ? route.topic : route.reason
    const key = JSON.stringify([error, route.kind, way])
    const count = this.#counts.get(key)
    if (count === undefined) this.#counts.set(key, { error, action: route.kind, way, letters: 1 })
    else count.letters++
  }

  all(): readonly ReplayCount[] {
    return [...this.#counts.values()].sort((left, right) => right.letters - left.letters)
  }
}
