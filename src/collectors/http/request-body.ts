import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { errorMessage } from '../../core/errors.ts'
import type { HttpRefusal } from '../../core/http-refusal.ts'
import type { Intake } from '../intake.ts'
import { busy } from './refusal.ts'

/** A body, unpacked. Its bytes are reserved until `release`. */
export interface RequestBody {
  readonly bytes: Buffer
  release(): void
}

/** Reads a body up to so many bytes, before and after it is unpacked. What is refused leaves nothing reserved. */
export async function readBody(
  request: IncomingMessage,
  intake: Intake,
  bodyBytesMax: number,
): Promise<RequestBody | HttpRefusal> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'gzip' && encoding !== 'identity')
    return { status: 415, reason: `content-encoding ${JSON.stringify(encoding)}: send gzip, or no encoding` }
  const tooLarge = { status: 413, reason: `the body is larger than ${bodyBytesMax} bytes: send it in parts` }
  if (Number(request.headers['content-length'] ?? 0) > bodyBytesMax) return tooLarge
  const chunks: Buffer[] = []
  let bytes = 0
  const release = (): void => intake.release(bytes)
  const source = encoding === 'gzip' ? unpacked(request) : request
  try {
    // The connection is needed for the answer.
    for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      const refusal = bytes + chunk.length > bodyBytesMax ? tooLarge : intake.reserve(chunk.length) ? undefined : busy
      if (refusal !== undefined) {
        release()
        return refusal
      }
      bytes += chunk.length
      chunks.push(chunk)
    }
  } catch (error) {
    release()
    return { status: 400, reason: `the body cannot be read: ${errorMessage(error)}` }
  } finally {
    leave(request, source)
  }
  return { bytes: Buffer.concat(chunks), release }
}

/** As the body comes; fails where the sender ends before it. */
function unpacked(request: IncomingMessage): Readable {
  const gunzip = createGunzip()
  request.once('close', () => {
    if (!request.complete) gunzip.destroy(new Error('the connection ended before the body'))
  })
  return request.pipe(gunzip)
}

/** The rest of a body that is not wanted is read and forgotten, until the deadline of the request. */
function leave(request: IncomingMessage, source: Readable): void {
  if (source !== request) {
    request.unpipe()
    source.destroy()
  }
  request.resume()
}
