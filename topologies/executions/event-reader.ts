import { type ExecutionPerformance, type GivenStatus, givenStatuses } from '../../schemas/execution.ts'
import { MillraceError } from '../../src/index.ts'
import {
  ExactNumber,
  type Fields,
  fieldsText,
  type FieldValue,
  isFields,
  newFields,
  parseJson,
  type Redactor,
} from '../../src/pipelines/index.ts'
import { readEventTime } from '../event-time.ts'
import type { ExecutionEvent, StageEvent } from './execution-event.ts'

/** Why an event of an execution is refused, in the rows of docs/errors.md. */
export const executionInputFaults = Object.freeze({
  INVALID_EXECUTION_EVENT: {
    when: 'a record of the topic of execution events is no event of an execution',
    consequence: 'record',
    next: 'the record becomes a dead letter, and what follows it is read',
    fix: 'repair the program that wrote it: the message names each field and what it must be',
  },
} as const)

export interface EventReaderOptions {
  readonly redactor: Redactor
  /** Longer data becomes a text that is cut; 0: no data is kept. */
  readonly dataBytesMax: number
  /** Called for data that was cut. */
  readonly onCut: () => void
  /** Called for a time that was far ahead. */
  readonly onAhead: () => void
}

/** Longer names and ids are refused. */
const nameLengthMax = 300
/** More mistakes are not named. */
const mistakesMax = 10
/** Clocks differ. What is further ahead counts as now: it would be the last word about its scenario for as long. */
const aheadMsMax = 3_600_000
const timeMsMax = 8.64e15
/** Larger sums lose their digits, and an end. */
const amountMax = Number.MAX_SAFE_INTEGER
/** Data of one event beyond it is cut too, so that the event fits into a record of any topic. */
const eventDataBytesMax = 512 * 1024

/** Reads the events of executions: checks all fields, hides secrets in data, and bounds it. */
export class EventReader {
  readonly #options: EventReaderOptions
  #receivedMs = 0
  #mistakes: string[] = []
  #dataBytesLeft = 0

  constructor(options: EventReaderOptions) {
    this.#options = options
  }

  /** Throws INVALID_EXECUTION_EVENT, which names every field at fault and none of the values. */
  read(text: string | null, receivedMs: number): ExecutionEvent {
    this.#receivedMs = receivedMs
    this.#mistakes = []
    this.#dataBytesLeft = eventDataBytesMax
    const [value, ...others] = (text === null ? undefined : parseJson(text))?.values ?? []
    if (value === undefined || !isFields(value) || others.length > 0) throw refused('the value is no object of JSON')
    const event = this.#event(value)
    const mistakes = this.#mistakes
    if (mistakes.length === 0) return event
    const named = mistakes.slice(0, mistakesMax).join(', ')
    const more = mistakes.length > mistakesMax ? ` and ${mistakes.length - mistakesMax} more` : ''
    throw refused(`the value is no event of an execution, its ${named}${more} cannot be used`)
  }

  #event(fields: Fields): ExecutionEvent {
    const userId = this.#id(fields, 'userId')
    const timestamp = this.#time(fields, 'timestamp')
    return {
      executionId: this.#id(fields, 'executionId', '', true) ?? '',
      scenarioId: this.#id(fields, 'scenarioId', '', true) ?? '',
      organizationId: this.#id(fields, 'organizationId'),
      userId: userId === null ? null : this.#options.redactor.redactText(userId),
      timeMs: timestamp ?? this.#receivedMs,
      status: this.#status(fields),
      startMs: this.#time(fields, 'startTime'),
      endMs: this.#time(fields, 'endTime'),
      stages: this.#stages(fields),
      performance: this.#performance(fields),
      errorDetails: this.#data(fields, 'errorDetails'),
    }
  }

  #stages(fields: Fields): readonly StageEvent[] {
    const stages = fields.stages ?? null
    if (stages === null) return []
    if (!Array.isArray(stages)) {
      this.#mistakes.push('stages (a list)')
      return []
    }
    return (stages as readonly FieldValue[]).map((stage, index) => this.#stage(stage, `stages[${index}]`))
  }

  #stage(value: FieldValue, place: string): StageEvent {
    const fields = isFields(value) ? value : newFields()
    if (!isFields(value)) this.#mistakes.push(`${place} (an object)`)
    const inside = `${place}.`
    const moduleId = this.#id(fields, 'moduleId', inside, isFields(value)) ?? ''
    const moduleName = this.#id(fields, 'moduleName', inside)
    return {
      stageId: this.#id(fields, 'stageId', inside) ?? moduleId,
      moduleId,
      moduleName: moduleName === null ? null : this.#options.redactor.redactText(moduleName),
      status: this.#status(fields, inside),
      startMs: this.#time(fields, 'startTime', inside),
      endMs: this.#time(fields, 'endTime', inside),
      inputData: this.#data(fields, 'inputData'),
      outputData: this.#data(fields, 'outputData'),
      errorDetails: this.#data(fields, 'errorDetails'),
    }
  }

  #performance(fields: Fields): ExecutionPerformance {
    const given = fields.performance ?? null
    const isObject = given !== null && isFields(given)
    if (given !== null && !isObject) this.#mistakes.push('performance (an object)')
    const sums = isObject ? given : newFields()
    return {
      totalDuration: this.#amount(sums, 'totalDuration'),
      dataProcessed: this.#amount(sums, 'dataProcessed'),
      apiCallsCount: this.#amount(sums, 'apiCallsCount'),
      creditsConsumed: this.#amount(sums, 'creditsConsumed'),
    }
  }

  #amount(fields: Fields, name: string): number | null {
    const value = fields[name] ?? null
    if (value === null) return null
    const amount = value instanceof ExactNumber ? Number(value.text) : value
    if (typeof amount === 'number' && amount >= 0 && amount <= amountMax) return amount
    this.#mistakes.push(`performance.${name} (a number from 0 to 2^53)`)
    return null
  }

  /** Whole numbers are ids too. */
  #id(fields: Fields, name: string, place = '', isNeeded = false): string | null {
    const value = fields[name] ?? null
    if (value === null && !isNeeded) return null
    const text = value instanceof ExactNumber ? value.text : typeof value === 'number' ? String(value) : value
    if (typeof text === 'string' && text !== '' && text.length <= nameLengthMax) return text
    this.#mistakes.push(`${place}${name} (a text of 1 to ${nameLengthMax} characters)`)
    return null
  }

  #status(fields: Fields, place = ''): GivenStatus | null {
    const value = fields.status ?? null
    if (value === null) return null
    const status = givenStatuses.find((one) => one === value)
    if (status === undefined) this.#mistakes.push(`${place}status (one of ${givenStatuses.join(', ')})`)
    return status ?? null
  }

  #time(fields: Fields, name: string, place = ''): number | null {
    const value = fields[name] ?? null
    if (value === null) return null
    const timeMs = readEventTime(value, this.#receivedMs)
    if (timeMs >= 0 && timeMs <= timeMsMax) return this.#notAhead(timeMs)
    this.#mistakes.push(`${place}${name} (ISO 8601 or epoch milliseconds, from 1970 on)`)
    return null
  }

  #notAhead(timeMs: number): number {
    if (timeMs <= this.#receivedMs + aheadMsMax) return timeMs
    this.#options.onAhead()
    return this.#receivedMs
  }

  /** Secrets are hidden before anything is cut: half a secret is found by nobody. */
  #data(fields: Fields, name: string): unknown {
    const value = fields[name] ?? null
    const { redactor, dataBytesMax, onCut } = this.#options
    if (value === null || dataBytesMax === 0) return null
    const holder = newFields()
    holder[name] = value
    redactor.redactFields(holder)
    const hidden = (JSON.parse(fieldsText(holder)) as Readonly<Record<string, unknown>>)[name] ?? null
    const text = Buffer.from(JSON.stringify(hidden))
    const bytesMax = Math.min(dataBytesMax, this.#dataBytesLeft)
    this.#dataBytesLeft -= Math.min(text.length, bytesMax)
    if (text.length <= bytesMax) return hidden
    onCut()
    return `${text.toString('utf8', 0, wholeCharacters(text, bytesMax))}…`
  }
}

/** So many bytes, or less: no character is cut in two. */
function wholeCharacters(bytes: Buffer, bytesMax: number): number {
  let end = bytesMax
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--
  return end
}

function refused(fault: string): MillraceError<keyof typeof executionInputFaults> {
  const text = `${fault}: repair the program that wrote it`
  return new MillraceError<keyof typeof executionInputFaults>('INVALID_EXECUTION_EVENT', 'record', text)
}
