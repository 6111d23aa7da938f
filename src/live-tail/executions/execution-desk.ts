import type { IncomingMessage, ServerResponse } from 'node:http'
import { refuse } from '../../core/http-refusal.ts'
import { createRedactor } from '../../pipelines/redaction/redact.ts'
import type { RedactionRules } from '../../pipelines/redaction/rules.ts'
import type { AccessLog } from '../access/access-log.ts'
import { executionsSection } from '../access/sections.ts'
import { type Entered, notRecorded, type Reception } from '../reception.ts'
import type { Desk } from '../desk.ts'
import type { Executions } from './executions.ts'

const limitMax = 500
const limitDefault = 200

export interface ExecutionDeskOptions {
  readonly reception: Reception
  readonly accesses: AccessLog
  /** What is hidden from people with roles. */
  readonly masks: RedactionRules
}

/**
 * Answers `GET /executions`: a list without data with `after` and `limit`, or a whole execution with `key`, which is an
 * entry of the audit topic.
 */
export class ExecutionDesk implements Desk {
  readonly methods = { '/executions': 'GET' } as const
  readonly #executions: Executions
  readonly #options: ExecutionDeskOptions
  readonly #masks

  constructor(executions: Executions, options: ExecutionDeskOptions) {
    this.#executions = executions
    this.#options = options
    this.#masks = createRedactor(options.masks)
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const entered = await this.#options.reception.enter(request, executionsSection)
    if ('status' in entered) return refuse(response, entered)
    const parameters = new URLSearchParams((request.url ?? '').split('?', 2)[1])
    const unknown = [...parameters.keys()].filter((name) => !['after', 'key', 'limit'].includes(name))
    const after = numberOf(parameters, 'after', 0, Number.MAX_SAFE_INTEGER)
    const limit = numberOf(parameters, 'limit', limitDefault, limitMax)
    if (unknown.length > 0 || after === undefined || limit === undefined) {
      const reason = `give key alone, or after and limit as whole numbers, the limit up to ${limitMax}`
      return refuse(response, { status: 400, reason })
    }
    const key = parameters.get('key')
    if (key === null) return this.#send(response, entered, this.#executions.list(after, limit))
    const execution = this.#executions.find(key)
    if (execution === undefined) {
      const reason = 'the execution is not held here: it has not changed for long, or key is not scenarioId/executionId'
      return refuse(response, { status: 404, reason })
    }
    if (!(await this.#options.accesses.begin('opened', entered.access, { execution: key })))
      return refuse(response, notRecorded)
    this.#send(response, entered, execution)
  }

  #send(response: ServerResponse, { isMasked }: Entered, value: unknown): void {
    const text = JSON.stringify(value)
    const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }
    response.writeHead(200, headers).end(isMasked ? this.#masks.redactJson(text) : text)
  }
}

/** Undefined: it is no such number. */
function numberOf(parameters: URLSearchParams, name: string, otherwise: number, most: number): number | undefined {
  const text = parameters.get(name)
  if (text === null) return otherwise
  return /^\d{1,16}$/.test(text) && Number(text) <= most ? Number(text) : undefined
}
