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
  /** Lines that are part of the document of a line before them. */
  readonly joined: number
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
 * that dead letters name, repeated as often as they were written, `duplicates` the ids of documents that were dropped, by
 * the topic of duplicates.
 */
export function account(
  topic: string,
  records: readonly InputRecord[],
  documents: ReadonlySet<string>,
  deadLetters: readonly string[],
  duplicates: ReadonlySet<string> = new Set(),
): Account {
  const letters = new Set(deadLetters)
  const deliveriesOf = new Map<string, number>()
  for (const record of records) {
    if (record.identity === undefined || !documents.has(recordId(record))) continue
    deliveriesOf.set(record.identity, (deliveriesOf.get(record.identity) ?? 0) + 1)
  }
  const parts = joinedRecords(records, new Set([...documents, ...duplicates]), letters)
  const isDelivered = (identity: string | undefined) => identity !== undefined && deliveriesOf.has(identity)
  const missing: InputRecord[] = []
  const contradicting: InputRecord[] = []
  let [delivered, duplicatesDropped, refused, joined] = [0, 0, 0, 0]
  for (const record of records) {
    const id = recordId(record)
    if (parts.has(id)) joined++
    else if (documents.has(id)) {
      delivered++
      if (letters.has(id)) contradicting.push(record)
    } else if (letters.has(id)) refused++
    else if (duplicates.has(id) || isDelivered(record.identity)) duplicatesDropped++
    else missing.push(record)
  }
  return {
    topic,
    input: records.length,
    delivered,
    duplicatesDropped,
    deadLetters: refused,
    joined,
    missing,
    contradicting,
    deliveredTwice: [...deliveriesOf.values()].reduce((sum, count) => sum + count - 1, 0),
    deadLettersTwice: deadLetters.length - letters.size,
  }
}

/**
 * The lines that others took in: a document of n lines has the id of its first record and `~n`. The others are the next
 * records of the partition that have no document and no letter. The first one counts as delivered.
 */
function joinedRecords(
  records: readonly InputRecord[],
  documents: ReadonlySet<string>,
  letters: ReadonlySet<string>,
): ReadonlySet<string> {
  const linesOf = new Map<string, number>()
  for (const document of documents) {
    const [id = '', lines] = document.split('~')
    if (lines !== undefined) linesOf.set(id, Math.max(Number(lines), linesOf.get(id) ?? 0))
  }
  const open = new Map<number, number>()
  const joined = new Set<string>()
  for (const record of records) {
    const id = recordId(record)
    const lines = linesOf.get(id)
    const expected = open.get(record.partition) ?? 0
    if (lines !== undefined) open.set(record.partition, expected + lines - 1)
    else if (expected > 0 && !documents.has(id) && !letters.has(id)) {
      joined.add(id)
      open.set(record.partition, expected - 1)
    }
  }
  return joined
}

export function addsUp(one: Account): boolean {
  return (
    one.missing.length === 0 &&
    one.contradicting.length === 0 &&
    one.input === one.delivered + one.duplicatesDropped + one.deadLetters + one.joined
  )
}
