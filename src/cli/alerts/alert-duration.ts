import { InvalidArgumentError } from 'commander'
import { durationMs, durationSchema } from '../../pipelines/steps/options.ts'

/** Milliseconds of a duration as rule files write it. */
export function alertDuration(text: string): number {
  if (new RegExp(durationSchema.pattern).test(text)) return durationMs(text)
  throw new InvalidArgumentError(`It must be ${durationSchema.description}.`)
}
