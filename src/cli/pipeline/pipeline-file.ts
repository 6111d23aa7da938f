import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { MillraceError } from '../../core/errors.ts'
import { loadPipeline, type Pipeline } from '../../pipelines/index.ts'
import type { Cli } from '../cli.ts'

/** Reads a file that an argument names. Rejects with PIPELINE_UNREADABLE. */
export async function readText(cli: Cli, file: string): Promise<string> {
  try {
    return await readFile(resolve(cli.host.directory, file), 'utf8')
  } catch (error) {
    const message = `${file} cannot be read (${(error as Error).message}): name a file that exists`
    throw new MillraceError('PIPELINE_UNREADABLE', 'fatal', message, { cause: error })
  }
}

/** Rejects with PIPELINE_UNREADABLE, and with INVALID_PIPELINE for a file with mistakes. */
export async function readPipeline(cli: Cli, file: string): Promise<Pipeline> {
  return loadPipeline(await readText(cli, file), file)
}
