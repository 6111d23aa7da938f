import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TemplateOptions } from '../../src/detection/index.ts'
import { csvValues } from '../../src/pipelines/patterns/csv.ts'

/** One of the sets of LogHub, with the settings that the paper on Drain found for it. */
export interface LogSet {
  readonly name: string
  /** The published share of lines in right groups. */
  readonly published: number
  readonly paper: TemplateOptions
}

/** Lines of a set, and which group is right for each. */
export interface LabelledLines {
  readonly messages: readonly string[]
  readonly groups: readonly string[]
}

const address = String.raw`(\d+\.){3}\d+`
const dotted = String.raw`([\w-]+\.){2,}[\w-]+`

/** Masks, similarity and first tokens are those of the published benchmark of Drain; so are the figures. */
export const logSets: readonly LogSet[] = [
  paperSet('HDFS', 0.9975, 0.5, 1, [String.raw`blk_-?\d+`, String.raw`(\d+\.){3}\d+(:\d+)?`]),
  paperSet('Hadoop', 0.9475, 0.5, 1, [address]),
  paperSet('Zookeeper', 0.9665, 0.5, 1, [String.raw`(/|)(\d+\.){3}\d+(:\d+)?`]),
  paperSet('Linux', 0.69, 0.39, 3, [address, String.raw`\d{2}:\d{2}:\d{2}`]),
  paperSet('Apache', 1, 0.5, 1, [address]),
  paperSet('OpenSSH', 0.7875, 0.6, 2, [address, dotted]),
  paperSet('OpenStack', 0.7325, 0.5, 2, [String.raw`((\d+\.){3}\d+,?)+`, String.raw`/.+?\s`, String.raw`\d+`]),
  paperSet('Mac', 0.7865, 0.7, 3, [dotted]),
]

function paperSet(
  name: string,
  published: number,
  similarity: number,
  branchTokens: number,
  masks: readonly string[],
): LogSet {
  return { name, published, paper: { similarity, branchTokens, masks, masksDigits: false } }
}

/** The structured file of a set in a folder, or in the folder of its name there; undefined where there is none. */
export function structuredFile(folder: string, name: string): string | undefined {
  const file = `${name}_2k.log_structured.csv`
  return [join(folder, file), join(folder, name, file)].find((path) => existsSync(path))
}

/** Reads the columns Content and EventId. Throws an Error that names the file where it lacks one. */
export function labelledLines(file: string): LabelledLines {
  const [head = '', ...rows] = readFileSync(file, 'utf8').split(/\r?\n/)
  const columns = csvValues(head)
  const content = columns.indexOf('Content')
  const event = columns.indexOf('EventId')
  if (content < 0 || event < 0) throw new Error(`${file} has no columns Content and EventId`)
  const values = rows.filter((row) => row !== '').map((row) => csvValues(row))
  return {
    messages: values.map((row) => row[content] as string),
    groups: values.map((row) => row[event] as string),
  }
}
