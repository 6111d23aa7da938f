import type { IncomingMessage } from 'node:http'
import { errorCode, errorMessage } from '../../core/errors.ts'
import type { HttpRefusal } from '../../core/http-refusal.ts'
import type { InputParts } from '../input.ts'
import { readLogsRequest } from '../otlp/logs-request.ts'
import { otlpRecords } from '../otlp/otlp-records.ts'
import { partialSuccess } from '../otlp/protobuf-answer.ts'
import type { HttpAnswer } from './http-answer.ts'
import { unavailable } from './refusal.ts'
import { readBody } from './request-body.ts'

const jsonType = 'application/json'
const protobufType = 'application/x-protobuf'

/**
 * `POST /v1/logs` of OTLP/HTTP, as JSON or protobuf. Each log becomes a record of its own: a request of OTLP as JSON with
 * this one log, its resource and its scope. Logs that cannot be taken are counted in the answer.
 */
export async function takeOtlp(
  request: IncomingMessage,
  { intake, tally }: InputParts,
  bodyBytesMax: number,
): Promise<HttpAnswer | HttpRefusal> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase()
  if (type !== jsonType && type !== protobufType) return { status: 415, reason: `send ${jsonType} or ${protobufType}` }
  const body = await readBody(request, intake, bodyBytesMax)
  if ('status' in body) return body
  try {
    const read = readRequest(body.bytes, type)
    if ('status' in read) {
      tally.refuse('otlp', 'malformed', 1, read.reason)
      return read
    }
    const { taken, refused } = otlpRecords(read.resourceLogs, intake.recordBytesMax)
    await intake.store(taken.map((value) => ({ key: null, value })))
    tally.accept('otlp', taken.length)
    for (const { reason, text } of refused) tally.refuse('otlp', reason, 1, text)
    const text = refused[0]?.text ?? ''
    return type === jsonType ? jsonAnswer(refused.length, text) : protobufAnswer(refused.length, text)
  } catch (error) {
    if (errorCode(error) === 'COLLECTOR_NOT_STORED') return unavailable(errorMessage(error))
    throw error
  } finally {
    body.release()
  }
}

function readRequest(bytes: Buffer, type: string): { readonly resourceLogs: readonly unknown[] } | HttpRefusal {
  try {
    if (type === protobufType) return { resourceLogs: readLogsRequest(bytes) }
    const { resourceLogs = [] } = JSON.parse(bytes.toString()) as { resourceLogs?: unknown }
    if (Array.isArray(resourceLogs)) return { resourceLogs }
    return { status: 400, reason: 'resourceLogs is not a list' }
  } catch (error) {
    // What the parser of JSON says quotes the text.
    const reason = type === jsonType ? 'the body is not JSON' : `the body is not protobuf: ${errorMessage(error)}`
    return { status: 400, reason }
  }
}

function jsonAnswer(refused: number, reason: string): HttpAnswer {
  const partial = { partialSuccess: { rejectedLogRecords: String(refused), errorMessage: reason } }
  return { status: 200, type: jsonType, body: JSON.stringify(refused === 0 ? {} : partial) }
}

function protobufAnswer(refused: number, reason: string): HttpAnswer {
  return { status: 200, type: protobufType, body: refused === 0 ? new Uint8Array(0) : partialSuccess(refused, reason) }
}
