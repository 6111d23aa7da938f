import type { IncomingMessage } from 'node:http'
import type { HttpRefusal } from '../../core/http-refusal.ts'
import type { InputParts } from '../input.ts'

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
) => Promise<HttpAnswer | HttpRefusal>
