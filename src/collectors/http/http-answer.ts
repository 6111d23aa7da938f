import type { IncomingMessage } from 'node:http'
import type { InputParts } from '../input.ts'
import type { Refusal } from './refusal.ts'

/** What is answered to a request that is taken. */
export interface HttpAnswer {
  readonly status: number
  readonly type: string
  readonly body: string | Uint8Array
}

/** What takes the requests of a path. */
export type HttpRoute = (
  request: IncomingMessage,
  parts: InputParts,
  bodyBytesMax: number,
) => Promise<HttpAnswer | Refusal>
