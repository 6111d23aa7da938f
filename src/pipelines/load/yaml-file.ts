import { isNode, LineCounter, parseDocument, type Document } from 'yaml'
import type { PipelineMistake } from '../mistake.ts'
import { yamlMistakes } from './yaml-mistakes.ts'

/** A mistake in a file, with its fix. */
export interface FileMistake {
  /** From 1. */
  readonly line: number
  /** Such as `steps.2.mutate.set`. */
  readonly place: string
  /** What is wrong, and its fix. */
  readonly message: string
}

/** One line for each mistake: file, line, place, and what to do. */
export function mistakesText(file: string, mistakes: readonly FileMistake[]): string {
  const lines = mistakes.map(
    ({ line, place, message }) => `${file}:${line}: ${place === '' ? '' : `${place}: `}${message}`,
  )
  return lines.join('\n')
}

/** The text of a YAML or JSON file. */
export class YamlFile {
  /** Why it is no YAML; empty where it can be read. */
  readonly unreadable: readonly FileMistake[]
  readonly #document: Document
  readonly #lines = new LineCounter()

  constructor(text: string) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false })
    this.unreadable = yamlMistakes(this.#document).map(({ at, message }) => ({
      line: this.#lineAt(at),
      place: '',
      message,
    }))
  }

  /** What the text says. */
  get value(): unknown {
    return this.#document.toJS()
  }

  /** The mistakes with their lines, in the order of these. */
  located(mistakes: readonly PipelineMistake[]): readonly FileMistake[] {
    return mistakes
      .map(({ path, message }) => ({
        line: this.#lineAt(offsetOf(this.#document, path)),
        place: path.join('.'),
        message,
      }))
      .sort((left, right) => left.line - right.line)
  }

  #lineAt(offset: number): number {
    return this.#lines.linePos(offset).line
  }
}

/** Where the nearest node on the path begins. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    const items = (parent as { items?: readonly { key?: unknown }[] } | undefined)?.items
    const pair = items?.find(({ key }) => String(key) === String(path[length - 1]))
    if (pair !== undefined && isNode(pair.key)) return pair.key.range?.[0] ?? 0
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (isNode(node)) return node.range?.[0] ?? 0
  }
  return 0
}
