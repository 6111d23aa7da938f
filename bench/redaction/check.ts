// `npm run redaction:check -- [FOLDER or FILE …]`: precision and recall of the redaction on the labelled set of
// test/data/redaction and on generated texts, and its finds in other logs: the lines of FOLDER/*.log, the inputs of
// FILE.jsonl. Exit code 1 below the goals.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createRedactor } from '../../src/pipelines/redaction/redact.ts'
import { generatedTexts, type LabelledText, lines, writtenTexts } from './labelled.ts'

const recallMin = 0.99
const finds = { shown: 60 }
const redactor = createRedactor()
const say = (line: string): boolean => process.stdout.write(`${line}\n`)

let isReached = report('written', writtenTexts(join(process.cwd(), 'test/data/redaction')))
isReached = report('generated', generatedTexts(1, 50)) && isReached
for (const path of process.argv.slice(2)) reportFinds(path)
process.exitCode = isReached ? 0 : 1

function report(name: string, texts: readonly LabelledText[]): boolean {
  let [secrets, hidden, harmless, falseHits] = [0, 0, 0, 0]
  for (const { kind, text, secrets: labelled } of texts) {
    const shown = redactor.redactText(text)
    for (const secret of labelled) {
      secrets++
      if (shown.includes(secret)) say(`missed  ${kind}: ${shown}`)
      else hidden++
    }
    if (labelled.length > 0) continue
    harmless++
    if (shown !== text) {
      falseHits++
      say(`false   ${text}\n     -> ${shown}`)
    }
  }
  const recall = hidden / secrets
  const precision = hidden / (hidden + falseHits)
  say(
    `${name}: recall ${percent(recall)} of ${secrets} secrets, precision ${percent(precision)}, ${falseHits} of ${harmless} harmless lines`,
  )
  return recall >= recallMin && falseHits === 0
}

/** Whether a find in a log of somebody else is right is for a person to say: they are shown. */
function reportFinds(path: string): void {
  const files = statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path]
  let [total, found] = [0, 0]
  for (const file of files.filter((name) => /\.(?:log|jsonl)$/.test(name))) {
    for (const line of lines(file)) {
      const text = file.endsWith('.jsonl') ? String((JSON.parse(line) as { readonly input?: unknown }).input) : line
      const shown = redactor.redactText(text)
      total++
      if (shown === text) continue
      found++
      if (found <= finds.shown) say(`found   ${redactor.found.join(' ')}: ${shown.slice(0, 200)}`)
    }
  }
  say(`${path}: ${found} of ${total} lines with finds`)
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`
}
