import { readFileSync } from 'node:fs'
import { PipelineMistake } from '../../../pipelines/mistake.ts'

/** The variables of the process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The text of a secret whose place a file names. Throws a PipelineMistake, which never shows a value. */
export function readSecretFrom(source: unknown, environment: Environment): string {
  const { env, file } = (typeof source === 'object' && source !== null ? source : {}) as Record<string, unknown>
  if (typeof env === 'string' && file === undefined) return fromVariable(env, environment)
  if (typeof file === 'string' && env === undefined) return fromFile(file)
  throw new PipelineMistake('is a secret, which this file must not hold: write { env: NAME } or { file: PATH }')
}

function fromVariable(name: string, environment: Environment): string {
  const value = environment[name]
  if (value !== undefined && value !== '') return value
  const path = environment[`${name}_FILE`]
  if (path !== undefined) return fromFile(path)
  throw new PipelineMistake(`the variable ${name} is not set: set it, or ${name}_FILE`)
}

/** The text of a file, without the line break at its end. */
export function fromFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd()
  } catch {
    throw new PipelineMistake(`the file ${path} cannot be read: check its path and its permissions`)
  }
}
