/** A record as an independent client read it back from an input topic. */
export interface InputRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** What dedupe goes by; undefined where the record cannot be read. */
  readonly identity: string | undefined
}

export interface Account {
  readonly topic: string
  readonly input: number
  readonly delivered: number
  readonly duplicatesDropped: number
  readonly deadLetters: number
  /** Neither delivered nor dropped for a reason: must be 0. */
  readonly missing: readonly InputRecord[]
  /** Delivered and refused at once: must be 0. */
  readonly contradicting: readonly InputRecord[]
  /** Events delivered under more than one document id: dedupe let a repetition pass. */
  readonly deliveredTwice: number
  /** Dead letters beyond the first of their record: written again after a crash. */
  readonly deadLettersTwice: number
}

export function recordId({ topic, partition, offset }: Omit<InputRecord, 'identity'>): string {
  return `${topic}-${partition}-${offset}`
}

/**
 * What became of every record of one topic. `documents` are the ids found by the search API, `deadLetters` the origins
 * that dead letters name, repeated as often as they were written.
 */
export function account(
  topic: string,
  records: readonly InputRecord[],
  documents: ReadonlySet<string>,
  deadLetters: readonly string[],
): Account {
  const letters = new Set(deadLetters)
  const deliveriesOf = new Map<string, number>()
  for (const record of records) {
    if (record.identity === undefined || !documents.has(recordId(record))) continue
    deliveriesOf.set(record.identity, (deliveriesOf.get(record.identity) ?? 0) + 1)
  }
  const missing: InputRecord[] = []
  const contradicting: InputRecord[] = []
  let [delivered, duplicatesDropped, refused] = [0, 0, 0]
  for (const record of records) {
    const id = recordId(record)
    if (documents.has(id)) {
      delivered++
      if (letters.has(id)) contradicting.push(record)
    } else if (letters.has(id)) refused++
    else if (record.identity !== undefined && deliveriesOf.has(record.identity)) duplicatesDropped++
    else missing.push(record)
  }
  return {
    topic,
    input: records.length,
    delivered,
    duplicatesDropped,
    deadLetters: refused,
    missing,
    contradicting,
    deliveredTwice: [...deliveriesOf.values()].reduce((sum, count) => sum + count - 1, 0),
    deadLettersTwice: deadLetters.length - letters.size,
  }
}

export function addsUp(one: Account): boolean {
  return (
    one.missing.length === 0 &&
    one.contradicting.length === 0 &&
    one.input === one.delivered + one.duplicatesDropped + one.deadLetters
  )
}
