import type { FieldOutcome, Outcome } from './outcome.ts'

/** So many of so many are right. */
export interface Share {
  right: number
  of: number
}

/** What the cases of one source, or of all, came to. */
export class Tally {
  lines = 0
  refused = 0
  /** Times that are not the line's. */
  wrongTime = 0
  /** By field; besides the fields: `not info` for levels, `main` for all fields of a line together. */
  readonly shares = new Map<string, Share>()

  add({ fields, refused, logCase }: Outcome): void {
    this.lines++
    if (refused !== undefined) this.refused++
    for (const outcome of fields) this.#addField(outcome)
    const hasMore = fields.some(({ field }) => field !== 'timestamp')
    if (hasMore && isMain(logCase.source))
      this.#count(
        'main',
        fields.every(({ isRight }) => isRight),
      )
  }

  share(name: string): Share {
    return this.shares.get(name) ?? { right: 0, of: 0 }
  }

  #addField({ field, isRight, fault, expected }: FieldOutcome): void {
    this.#count(field, isRight)
    if (field === 'level' && expected !== 'info') this.#count('not info', isRight)
    if (fault === 'wrong') this.wrongTime++
  }

  #count(name: string, isRight: boolean): void {
    const share = this.shares.get(name) ?? { right: 0, of: 0 }
    share.of++
    if (isRight) share.right++
    this.shares.set(name, share)
  }
}

/** Sources of lines whose main fields count together. */
function isMain(source: string): boolean {
  return !/^(f2b|auth|card-false|nasty|flow):/.test(source)
}
