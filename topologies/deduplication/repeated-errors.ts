import { type KeyValueStore, keyValueStore, type StoreSpec, string } from '../../src/index.ts'
import { newFields, type Redactor } from '../../src/pipelines/index.ts'
import { EnrichedLog, type Findings } from '../enriched-log.ts'
import { Held, type HeldCodec } from '../joining/held.ts'
import { LogReader } from '../log-reader.ts'

export const repeatedErrorsName = 'repeated-errors'

/** The store of `RepeatedErrors`. */
export function repeatedErrorsStore(): StoreSpec {
  return keyValueStore({ name: repeatedErrorsName, key: string(), value: string() })
}

/** What a summary says of the last error, besides what enrichment has found out about it. */
interface Said {
  readonly component: string | undefined
  readonly host: string | undefined
}

/** An error that was dropped. Plain data, kept in a store. */
interface Repeated extends Said {
  /** Since the last summary. */
  readonly count: number
  /** Different errors share the row. */
  readonly isShared: boolean
  /** Of the record of the last one. */
  readonly key: string | null
  readonly findings: Findings
}

/** A log that sums up errors which were dropped, and the key of its record. */
export interface Summary {
  readonly key: string | null
  readonly log: EnrichedLog
}

/** So many different errors have a summary each; further ones share one. */
const errorsMax = 100
const others = ''

const codec: HeldCodec<Repeated> = {
  toText: (repeated) => JSON.stringify(repeated),
  fromText: (text) => JSON.parse(text) as Repeated,
}

/** Sums up the errors that are dropped as duplicates, so that nothing hides an error that continues. */
export class RepeatedErrors {
  readonly #held: Held<Repeated>
  readonly #reader: LogReader

  constructor(store: KeyValueStore<string, string>, redactor: Redactor) {
    this.#held = new Held(store, '', codec)
    this.#reader = new LogReader(redactor)
  }

  /** Before the first log. */
  load(nowMs: number): void {
    this.#held.load(nowMs)
  }

  /** `documentId`: what the log that was dropped would have had. */
  add(key: string | null, log: EnrichedLog, documentId: string, nowMs: number): void {
    if (log.level !== 'error' && log.level !== 'critical') return
    const own = `${log.service}\n${log.message}`
    const error = this.#held.get(own) !== undefined || this.#held.size < errorsMax ? own : others
    const count = (this.#held.get(error)?.count ?? 0) + 1
    const { component, host } = log
    const findings = findingsOf(log, documentId)
    this.#held.put(error, { count, isShared: error === others, key, component, host, findings }, nowMs)
  }

  /** One log for each error since the last time. */
  takeSummaries(): readonly Summary[] {
    const summaries: Summary[] = []
    for (let next = this.#held.takeOldest(); next !== undefined; next = this.#held.takeOldest()) {
      summaries.push({ key: next.key, log: this.#summaryOf(next) })
    }
    return summaries
  }

  /** Before a commit. */
  save(): void {
    this.#held.save()
  }

  #summaryOf({ count, isShared, component, host, findings }: Repeated): EnrichedLog {
    const { timestamp, level, service } = findings
    const times = count === 1 ? 'once' : `${count} times`
    const message = `repeated ${times}${isShared ? ', with other errors' : ''}: ${findings.message}`
    const fields = Object.assign(newFields(), { timestamp, level, service, message, repeated: count })
    if (component !== undefined) fields.component = component
    if (host !== undefined) fields.host = host
    return new EnrichedLog(this.#reader.of(fields), { ...findings, message })
  }
}

function findingsOf(log: EnrichedLog, documentId: string): Findings {
  const { timestamp, receivedMs, level, message, service, dataClass, priority } = log
  return {
    timestamp,
    receivedMs,
    documentId: `${documentId}+repeated`,
    originalTimestamp: undefined,
    level,
    message,
    service,
    dataClass,
    tags: [...log.tags, '_repeated'],
    priority,
    geo: undefined,
  }
}
