import {
  createRedactor,
  type LogEvent,
  type Pipeline,
  type PipelineRun,
  type Redactor,
  serviceOf,
} from '../../../pipelines/index.ts'
import type { Bytes } from '../../../core/bytes.ts'

/** Makes logs of the records of a topic or of the lines of a file, as a worker does: pipeline, service, redaction. */
export class LogReading {
  readonly #pipeline: Pipeline
  readonly #redactor: Redactor
  /** One per partition: hints of formats and the counts of steps are kept in it. */
  readonly #runs = new Map<string, PipelineRun>()
  #unreadableCount = 0

  constructor(pipeline: Pipeline, hashKey: string | undefined) {
    this.#pipeline = pipeline
    this.#redactor = createRedactor({ rules: pipeline.redaction, hashKey })
  }

  /** Records that are no text. */
  get unreadableCount(): number {
    return this.#unreadableCount
  }

  read(partition: string, record: Bytes | string, receivedMs: number, source: string): readonly LogEvent[] {
    let run = this.#runs.get(partition)
    if (run === undefined) {
      run = this.#pipeline.open()
      this.#runs.set(partition, run)
    }
    const events = run.read(record, receivedMs, source)
    if (events === undefined) this.#unreadableCount++
    for (const event of events ?? []) {
      const { fields } = event
      if (fields.service === undefined || fields.service === '') {
        const service = serviceOf(fields, event.tags, source)
        if (service !== undefined) fields.service = service
      }
      this.#redactor.redactFields(fields)
    }
    return events ?? []
  }
}
