import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MillraceError } from '../src/index.ts'
import { loadPipeline, type Pipeline } from '../src/pipelines/index.ts'
import type { FleetErrorCode } from './error-codes.ts'
import type { WorkerKind } from './kinds.ts'

/** Next to the sources, and next to the folder of what is built from them. */
const folders = ['../pipelines', '../../pipelines'].map((folder) => join(import.meta.dirname, folder))

/**
 * The pipeline of a worker: the file of the setting, or the one of its kind. Throws INVALID_PIPELINE with every mistake,
 * PIPELINE_FILE where the file cannot be read.
 */
export function workerPipeline(kind: WorkerKind, file: string | undefined): Pipeline {
  const path = file ?? join(folders.find((folder) => existsSync(folder)) ?? '', `${kind}.yaml`)
  return loadPipeline(textOf(path), path)
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const message = `the pipeline ${path} cannot be read (${(error as Error).message}): check PIPELINE_FILE`
    throw new MillraceError<FleetErrorCode>('PIPELINE_FILE', 'fatal', message, { cause: error })
  }
}
