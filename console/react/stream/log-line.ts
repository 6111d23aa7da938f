import { levelOf } from '../../../src/pipelines/levels/level.ts'

/** Where a line is in Kafka. */
export interface LinePlace {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** A line as the stream sends it. */
export interface StreamedLine extends LinePlace {
  /** The time of the log, in milliseconds since the epoch. */
  readonly timeMs: number
  readonly log: Readonly<Record<string, unknown>>
  /** So many lines in a row say the same, this being the first of them. Absent: 1. */
  readonly count?: number
}

/** The five levels that lines are colored by; `none` where a log names none of them. */
export type LineLevel = 'debug' | 'info' | 'warn' | 'error' | 'critical' | 'none'

/** Fields that have a place of their own in a row. */
const shownFields: ReadonlySet<string> = new Set(['level', 'service', 'component', 'message', 'timestamp'])

/** A line in a view. */
export class LogLine {
  readonly kind = 'line'
  /** Rows of a view are numbered without gaps. */
  readonly number: number
  readonly line: StreamedLine
  /** The place before the event that brought it: a stream that starts there brings it again. */
  readonly placeBefore: string | undefined
  readonly level: LineLevel
  #json: string | undefined

  constructor(number: number, line: StreamedLine, placeBefore: string | undefined) {
    this.number = number
    this.line = line
    this.placeBefore = placeBefore
    this.level = levelOf(textOf(line.log.level)) ?? 'none'
    this.#json = undefined
  }

  get count(): number {
    return this.line.count ?? 1
  }

  get message(): string {
    return textOf(this.line.log.message)
  }

  /** Who wrote it: service and component, where the log names them. */
  get origin(): string {
    const { service, component } = this.line.log
    return [service, component].map(textOf).filter(Boolean).join(' / ')
  }

  /** The log on one line. */
  get json(): string {
    this.#json ??= JSON.stringify(this.line.log)
    return this.#json
  }

  /** The other fields, nested ones by their path. */
  get otherFields(): readonly (readonly [string, string])[] {
    return Object.entries(this.line.log).flatMap(([name, value]) =>
      shownFields.has(name) ? [] : fieldsOf(name, value, 0),
    )
  }

  /** Whether it is the line of this place. */
  isAt({ topic, partition, offset }: LinePlace): boolean {
    return this.line.offset === offset && this.line.partition === partition && this.line.topic === topic
  }
}

/** A mark between lines that do not follow on each other. */
export interface GapRow {
  readonly kind: 'gap'
  readonly number: number
  readonly reason: string
}

/** What a view lists. */
export type ViewRow = LogLine | GapRow

/** A value as people read it. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

const depthMax = 3

function fieldsOf(path: string, value: unknown, depth: number): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth === depthMax)
    return [[path, textOf(value)]]
  return Object.entries(value).flatMap(([name, inner]) => fieldsOf(`${path}.${name}`, inner, depth + 1))
}
