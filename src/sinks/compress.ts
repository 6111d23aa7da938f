import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

const compressBytes = promisify(gzip)
const leastChunkBytes = 16 * 1024

/**
 * A request's body, compressed in the background. Each chunk of output costs a turn of the loop, which is long while
 * records are processed: JSON fits into one of a quarter.
 */
export function compress(body: Buffer): Promise<Buffer> {
  return compressBytes(body, { level: 1, chunkSize: Math.max(leastChunkBytes, body.length >> 2) })
}
