import { compared, compareFields } from './compare-fields.ts'
import { compareLogin } from './compare-login.ts'
import { compareNasty } from './compare-nasty.ts'
import { compareFlow } from './flows.ts'
import { type LogCase, receivedTime } from './log-case.ts'
import type { Outcome } from './outcome.ts'
import { readRecord, redactText } from './subject.ts'

/** Runs a case through the default pipeline and compares as its source says; undefined where it cannot be run. */
export async function compareCase(logCase: LogCase): Promise<Outcome | undefined> {
  const kind = logCase.source.slice(0, Math.max(0, logCase.source.indexOf(':')))
  switch (kind) {
    case 'auth':
      return compareLogin(logCase)
    case 'card-false':
      return compareText(logCase)
    case 'nasty':
      return await compareNasty(logCase)
    case 'flow':
      return await compareFlow(logCase)
    default:
      return compareLine(logCase)
  }
}

function compareLine(logCase: LogCase): Outcome {
  const { documents, refused } = readRecord(String(logCase.input), receivedTime(logCase))
  const fields = compareFields(logCase.expected, documents[0])
  return { logCase, fields, ...(refused === undefined ? {} : { refused }) }
}

function compareText(logCase: LogCase): Outcome {
  return { logCase, fields: [compared('text', logCase.expected.text, redactText(String(logCase.input)))] }
}
