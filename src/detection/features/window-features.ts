import { LatencySketch } from './latency-sketch.ts'
import { TemplateCounts } from './template-counts.ts'

/** A log of which features are made. */
export interface FeatureLine {
  /** What is summed up by itself, such as a service. */
  readonly scope: string
  /** Epoch milliseconds. */
  readonly timestamp: number
  /** Whether it tells of a failure. */
  readonly isError: boolean
  /** How long something took. */
  readonly durationMs?: number | undefined
  /** Of its message. */
  readonly templateId?: string | undefined
  /** Whether no line had its template before. */
  readonly isNewTemplate?: boolean
}

/** Quantiles of durations, each right within 1 %. */
export interface LatencyFeatures {
  /** How many durations there were. */
  readonly count: number
  /** Milliseconds. */
  readonly p50: number
  /** Milliseconds. */
  readonly p95: number
  /** Milliseconds. */
  readonly p99: number
}

/** What the logs of a scope said in one window. */
export interface WindowFeatures {
  /** Whose logs. */
  readonly scope: string
  /** The beginning of the window, in epoch milliseconds. */
  readonly startMs: number
  /** How many logs. */
  readonly count: number
  /** How many of them are errors. */
  readonly errorCount: number
  /** 0 to 1. */
  readonly errorShare: number
  /** Undefined: no log had a duration. */
  readonly latency: LatencyFeatures | undefined
  /** Different templates: exact up to 128, then within about 5 %. */
  readonly templates: number
  /** Lines whose template no line had before. */
  readonly newTemplates: number
  /** How evenly the lines are spread over templates, in bits: 0 where all have one. */
  readonly entropyBits: number
}

/** A window as a store keeps it: plain data. */
export interface FeatureRow {
  /** Whose logs. */
  readonly scope: string
  /** The beginning of the window, in epoch milliseconds. */
  readonly startMs: number
  /** How many logs. */
  readonly count: number
  /** How many of them are errors. */
  readonly errorCount: number
  /** Lines whose template no line had before. */
  readonly newTemplates: number
  /** Durations, in the form of the sketch. */
  readonly latency: string
  /** Templates with their lines. */
  readonly templates: readonly (readonly [id: string, lines: number])[]
  /** Further templates, in the form of the counts. */
  readonly otherTemplates: string
}

/** The logs of one scope in one window, summed up. */
export class FeatureWindow {
  readonly scope: string
  readonly startMs: number
  #count = 0
  #errorCount = 0
  #newTemplates = 0
  readonly #latency = new LatencySketch()
  readonly #templates = new TemplateCounts()

  constructor(scope: string, startMs: number) {
    this.scope = scope
    this.startMs = startMs
  }

  static restore(row: FeatureRow): FeatureWindow {
    const window = new FeatureWindow(row.scope, row.startMs)
    window.merge(row)
    return window
  }

  /** Adds the logs of another one of the same scope and time. */
  merge(row: FeatureRow): void {
    this.#count += row.count
    this.#errorCount += row.errorCount
    this.#newTemplates += row.newTemplates
    this.#latency.merge(row.latency)
    this.#templates.merge(row.templates, row.otherTemplates)
  }

  add({ isError, durationMs, templateId, isNewTemplate }: FeatureLine): void {
    this.#count++
    if (isError) this.#errorCount++
    if (isNewTemplate === true) this.#newTemplates++
    if (durationMs !== undefined) this.#latency.add(durationMs)
    if (templateId !== undefined) this.#templates.add(templateId)
  }

  features(): WindowFeatures {
    const at = (share: number): number => this.#latency.quantile(share) ?? 0
    const { count } = this.#latency
    return {
      scope: this.scope,
      startMs: this.startMs,
      count: this.#count,
      errorCount: this.#errorCount,
      errorShare: this.#count === 0 ? 0 : this.#errorCount / this.#count,
      latency: count === 0 ? undefined : { count, p50: at(0.5), p95: at(0.95), p99: at(0.99) },
      templates: this.#templates.distinct,
      newTemplates: this.#newTemplates,
      entropyBits: this.#templates.entropyBits,
    }
  }

  row(): FeatureRow {
    return {
      scope: this.scope,
      startMs: this.startMs,
      count: this.#count,
      errorCount: this.#errorCount,
      newTemplates: this.#newTemplates,
      latency: this.#latency.toText(),
      ...this.#templates.row(),
    }
  }
}
