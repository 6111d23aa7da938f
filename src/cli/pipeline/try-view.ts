import type { Cli } from '../cli.ts'

/** How `millrace pipeline try` shows what becomes of a record. Documents are JSON already, with their exact numbers. */
export interface TryView {
  /** A step has changed an event to this document. */
  changed(step: string, document: string): void
  removed(step: string): void
  /** The condition of a branch is met, or not. */
  branched(branch: string, isMet: boolean): void
  /** Ends a record. Undefined: it is no text at all. */
  ended(documents: readonly string[] | undefined): void
}

export function textView(cli: Cli): TryView {
  return {
    changed: (step, document) => cli.print(`  ${step}: ${document}`),
    removed: (step) => cli.print(`removed by ${step}`),
    branched: (branch, isMet) => cli.print(`  ${isMet ? 'met' : 'not met'}: ${branch}`),
    ended(documents) {
      for (const document of documents ?? ['no text']) cli.print(document)
    },
  }
}

/** One line of JSON for each record. */
export function jsonView(cli: Cli): TryView {
  let steps: string[] = []
  let removedBy: string[] = []
  return {
    changed: (step, document) => steps.push(`{"step":${JSON.stringify(step)},"document":${document}}`),
    removed: (step) => removedBy.push(step),
    branched: (branch, isMet) => steps.push(JSON.stringify({ branch, isMet })),
    ended(documents) {
      const found = documents === undefined ? 'null' : `[${documents.join(',')}]`
      cli.print(`{"documents":${found},"removedBy":${JSON.stringify(removedBy)},"steps":[${steps.join(',')}]}`)
      steps = []
      removedBy = []
    },
  }
}
