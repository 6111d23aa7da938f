import type { IncomingMessage } from 'node:http'
import { errorCode, errorMessage } from '../../core/errors.ts'
import type { HttpRefusal } from '../../core/http-refusal.ts'
import type { InputParts } from '../input.ts'
import { bodyFormOf, type RefusedRecord, recordsOf } from './body-records.ts'
import type { HttpAnswer } from './http-answer.ts'
import { unavailable } from './refusal.ts'
import { readBody } from './request-body.ts'

const jsonType = 'application/json; charset=utf-8'
/** Of the records that are refused, so many are named in the answer. */
const namedMax = 100
const keyLengthMax = 250

/**
 * `POST /ingest`: lines of JSON, a list of JSON, or lines of text, each a record as it came. `?key=web-1` is the key of
 * all of them. Records that cannot be taken are named in the answer, and the others are stored.
 */
export async function takeLogs(
  request: IncomingMessage,
  { intake, tally }: InputParts,
  bodyBytesMax: number,
): Promise<HttpAnswer | HttpRefusal> {
  const form = bodyFormOf(request.headers['content-type'])
  if (typeof form !== 'string') return form
  const key = new URLSearchParams((request.url ?? '').split('?', 2)[1]).get('key')
  if (key !== null && (key === '' || key.length > keyLengthMax))
    return { status: 400, reason: `key has to have 1 to ${keyLengthMax} characters` }
  const body = await readBody(request, intake, bodyBytesMax)
  if ('status' in body) return body
  try {
    const records = recordsOf(body.bytes, form, intake.recordBytesMax)
    if ('status' in records) return records
    const { taken, refused } = records
    const keyBytes = key === null ? null : Buffer.from(key)
    await intake.store(taken.map((value) => ({ key: keyBytes, value })))
    tally.accept('http', taken.length)
    for (const { reason, record, text } of refused) tally.refuse('http', reason, 1, `record ${record}: ${text}`)
    return answerOf(taken.length, refused)
  } catch (error) {
    if (errorCode(error) === 'COLLECTOR_NOT_STORED') return unavailable(errorMessage(error))
    throw error
  } finally {
    body.release()
  }
}

/** 400 where nothing was taken: sending it again would change nothing. */
function answerOf(accepted: number, refused: readonly RefusedRecord[]): HttpAnswer {
  const body = {
    ok: refused.length === 0,
    accepted,
    refused: refused.length,
    ...(refused.length === 0 ? {} : { refusals: refused.slice(0, namedMax) }),
  }
  return { status: accepted === 0 ? 400 : 200, type: jsonType, body: JSON.stringify(body) }
}
