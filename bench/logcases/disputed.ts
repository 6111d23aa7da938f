import { readFileSync } from 'node:fs'
import type { LogCase } from './log-case.ts'
import type { Outcome } from './outcome.ts'

/** Cases whose right value can be shown to be wrong: by source and input, so that cases of the same kind are meant too. */
interface Dispute {
  readonly source: RegExp
  readonly input: RegExp
  readonly fields: readonly string[]
}

/** As the file has it: expressions, and why. */
interface WrittenDispute {
  readonly source: string
  readonly input: string
  readonly fields: readonly string[]
  readonly reason: string
}

/** Takes the disputed fields out of outcomes; `count` tells of how many fields. */
export class Disputes {
  readonly #disputes: readonly Dispute[]
  count = 0

  constructor(file: string) {
    const written = JSON.parse(readFileSync(file, 'utf8')) as readonly WrittenDispute[]
    this.#disputes = written.map(({ source, input, fields }) => ({
      source: new RegExp(source),
      input: new RegExp(input, 's'),
      fields,
    }))
  }

  without(outcome: Outcome): Outcome {
    const disputed = this.#disputedFields(outcome.logCase)
    const fields = outcome.fields.filter(({ field, isRight }) => isRight || !disputed.has(field))
    this.count += outcome.fields.length - fields.length
    return { ...outcome, fields }
  }

  #disputedFields({ source, input }: LogCase): ReadonlySet<string> {
    const fields = new Set<string>()
    for (const dispute of this.#disputes) {
      if (!dispute.source.test(source) || !dispute.input.test(String(input))) continue
      for (const field of dispute.fields) fields.add(field)
    }
    return fields
  }
}
