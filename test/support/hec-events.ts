/** One event as a client sent it. */
export interface HecEnvelope {
  readonly event: unknown
  readonly time?: number
  readonly host?: string
  readonly source?: string
  readonly sourcetype?: string
  readonly index?: string
  readonly fields?: Readonly<Record<string, unknown>>
}

/** An answer with one of Splunk's codes. */
export class HecRefusal extends Error {
  readonly status: number
  readonly code: number
  readonly more: Readonly<Record<string, unknown>>

  constructor(status: number, code: number, more: Readonly<Record<string, unknown>> = {}) {
    super(`code ${code}`)
    this.status = status
    this.code = code
    this.more = more
  }
}

/** Events of a request body: JSON objects one after the other, without commas between them. Throws HecRefusal. */
export function readEvents(body: string, indexes: readonly string[] | undefined): HecEnvelope[] {
  const events: HecEnvelope[] = []
  for (const text of splitValues(body, () => events.length)) {
    const refuse = (code: number): never => {
      throw new HecRefusal(400, code, { 'invalid-event-number': events.length })
    }
    let value: HecEnvelope
    try {
      value = JSON.parse(text) as HecEnvelope
    } catch {
      return refuse(6)
    }
    const code = faultOf(value, text, indexes)
    if (code !== undefined) refuse(code)
    events.push(value)
  }
  return events
}

function faultOf(value: HecEnvelope, text: string, indexes: readonly string[] | undefined): number | undefined {
  if (!('event' in value)) return 12
  if (value.event === '' || value.event === null) return 13
  if (/^\{"time":-?[\d.]+e/i.test(text)) return 15
  if (value.time !== undefined && !Number.isFinite(Number(value.time))) return 6
  if (value.index !== undefined && indexes && !indexes.includes(value.index)) return 7
  if (value.fields === undefined) return undefined
  if (typeof value.fields !== 'object' || value.fields === null || Array.isArray(value.fields)) return 6
  const isNested = (field: unknown): boolean => typeof field === 'object' && field !== null && !Array.isArray(field)
  return Object.values(value.fields).some(isNested) ? 15 : undefined
}

/** Cuts at the end of each outermost object; strings may hold braces. */
function* splitValues(body: string, count: () => number): Generator<string> {
  const refuse = (): never => {
    throw new HecRefusal(400, 6, { 'invalid-event-number': count() })
  }
  let depth = 0
  let start = 0
  let inString = false
  for (let at = 0; at < body.length; at++) {
    const character = body[at] as string
    if (inString) {
      if (character === '\\') at++
      else if (character === '"') inString = false
    } else if (character === '"') {
      if (depth === 0) refuse()
      inString = true
    } else if (character === '{') {
      if (depth++ === 0) start = at
    } else if (character === '}') {
      if (--depth < 0) refuse()
      if (depth === 0) yield body.slice(start, at + 1)
    } else if (depth === 0 && !/\s/.test(character)) refuse()
  }
  if (depth !== 0 || inString) refuse()
}
