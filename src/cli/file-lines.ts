import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { type ErrorCode, errorMessage, MillraceError } from '../core/errors.ts'
import type { Cli } from './cli.ts'

/** The lines of a file that a command names. Rejects with the code where it cannot be read. */
export async function* linesOf(cli: Cli, file: string, code: ErrorCode): AsyncGenerator<string> {
  const stream = createReadStream(resolve(cli.host.directory, file))
  try {
    yield* createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
  } catch (cause) {
    const text = `${file} cannot be read (${errorMessage(cause)}): name a file that exists`
    throw new MillraceError(code, 'fatal', text, { cause })
  } finally {
    stream.destroy()
  }
}
