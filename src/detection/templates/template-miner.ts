import { lineTokens, wildcard } from './line-tokens.ts'
import { masked } from './masks.ts'
import { type TemplateOptions, type TemplateSettings, templateSettings } from './template-options.ts'
import { MinedTemplate, type Template, type TemplateRow } from './template.ts'
import { TemplateTree } from './template-tree.ts'

/** What a line taught the miner. */
export interface Learned {
  /** The template of the line, as it is after the line. */
  readonly template: Template
  /** `new`: no line was like it. `widened`: its template has more wildcards now, and another id. */
  readonly change: 'none' | 'new' | 'widened'
  /** The id that a widened template had. */
  readonly previousId?: string
}

/** What has changed since the last time: rows to put into a store, and keys (`created`) to delete from it. */
export interface TemplateChanges {
  /** The rows of templates that are new or changed. */
  readonly rows: readonly TemplateRow[]
  /** `created` of templates that made room. */
  readonly removed: readonly number[]
}

/** When templates have to make room, this share of them does: what it costs is then nothing to a line. */
const roomShare = 16

/**
 * Finds the templates of log lines as they come (Drain, ICWS 2017). A line costs time that is linear in its length and in
 * the templates that it is compared with, which are bounded. The rows are all that it knows: a miner that is made from the
 * rows of another continues as the other would have.
 *
 * @example
 * ```ts
 * const miner = new TemplateMiner()
 * miner.learn('connection from 10.0.0.1 closed').template.text // 'connection from <*> closed'
 * ```
 */
export class TemplateMiner {
  readonly #settings: TemplateSettings
  readonly #tree: TemplateTree
  /** By `created`, in its order. */
  readonly #templates = new Map<number, MinedTemplate>()
  readonly #changed = new Set<MinedTemplate>()
  readonly #removed = new Set<number>()
  /** Lines until now. */
  #clock = 0

  /** `rows`: what another miner knew, in any order; none by default. Throws INVALID_SETTINGS with all that is wrong with the options. */
  constructor(options: TemplateOptions = {}, rows: Iterable<TemplateRow> = []) {
    this.#settings = templateSettings(options)
    this.#tree = new TemplateTree(this.#settings)
    for (const row of [...rows].sort((left, right) => left.created - right.created)) {
      this.#add(new MinedTemplate(row))
      this.#clock = Math.max(this.#clock, row.used)
    }
  }

  /** How many templates there are. */
  get size(): number {
    return this.#templates.size
  }

  /** All templates, in the order in which they were made. */
  get templates(): Iterable<Template> {
    return this.#templates.values()
  }

  /** Finds the template of a message, and learns from it. Only lines of one scope, such as a service, share templates. */
  learn(message: string, scope = ''): Learned {
    const { masks, charactersMax } = this.#settings
    const text = masks.length === 0 ? message : masked(message.slice(0, charactersMax), masks)
    const tokens = lineTokens(text, this.#settings)
    const now = ++this.#clock
    const template = mostSimilar(this.#tree.find(scope, tokens), tokens, this.#settings.similarity)
    if (template === undefined) return { template: this.#made(scope, tokens, now), change: 'new' }
    template.used = now
    template.lines++
    this.#changed.add(template)
    if (fits(template.tokens, tokens)) return { template, change: 'none' }
    const previousId = template.id
    template.widen(tokens)
    return { template, change: 'widened', previousId }
  }

  /** What has changed since the last call. */
  takeChanges(): TemplateChanges {
    const changes = { rows: Array.from(this.#changed, (template) => template.toRow()), removed: [...this.#removed] }
    this.#changed.clear()
    this.#removed.clear()
    return changes
  }

  #made(scope: string, tokens: readonly string[], now: number): MinedTemplate {
    if (this.#templates.size >= this.#settings.templatesMax) this.#makeRoom()
    const branchWildcards = this.#tree.wildcardsFor(scope, tokens)
    const template = new MinedTemplate({ created: now, used: now, lines: 1, scope, tokens, branchWildcards })
    const siblings = this.#add(template)
    this.#changed.add(template)
    if (siblings.length > this.#settings.siblingsMax) this.#remove(leastUsed(siblings))
    return template
  }

  #add(template: MinedTemplate): readonly MinedTemplate[] {
    this.#templates.set(template.created, template)
    return this.#tree.add(template)
  }

  #makeRoom(): void {
    const { templatesMax } = this.#settings
    const byUse = [...this.#templates.values()].sort((left, right) => left.used - right.used)
    const kept = templatesMax - Math.ceil(templatesMax / roomShare)
    for (const template of byUse.slice(0, byUse.length - kept)) this.#remove(template)
  }

  #remove(template: MinedTemplate): void {
    this.#templates.delete(template.created)
    this.#tree.remove(template)
    this.#changed.delete(template)
    this.#removed.add(template.created)
  }
}

/**
 * The template that most tokens equal; of those that are equally similar, the one with most wildcards, then the oldest. Where
 * none is similar enough, the one that a line fits as it is: in place of a template of its own for each line of a form that
 * has more variables than words.
 */
function mostSimilar(
  templates: readonly MinedTemplate[] | undefined,
  tokens: readonly string[],
  similarity: number,
): MinedTemplate | undefined {
  if (templates === undefined) return undefined
  const length = tokens.length
  let best: MinedTemplate | undefined
  let bestEqual = -1
  let bestWildcards = -1
  let fitting: MinedTemplate | undefined
  let fittingEqual = -1
  for (const template of templates) {
    let equal = 0
    let wildcards = 0
    for (let index = 0; index < length; index++) {
      const token = template.tokens[index]
      if (token === wildcard) wildcards++
      else if (token === tokens[index]) equal++
    }
    if (equal + wildcards === length && equal > fittingEqual) {
      fitting = template
      fittingEqual = equal
    }
    if (equal < bestEqual || (equal === bestEqual && wildcards <= bestWildcards)) continue
    best = template
    bestEqual = equal
    bestWildcards = wildcards
    if (equal === length) break
  }
  return bestEqual / length >= similarity ? best : fitting
}

function fits(template: readonly string[], tokens: readonly string[]): boolean {
  for (let index = 0; index < tokens.length; index++) {
    const token = template[index]
    if (token !== wildcard && token !== tokens[index]) return false
  }
  return true
}

function leastUsed(templates: readonly MinedTemplate[]): MinedTemplate {
  return templates.reduce((least, template) => (template.used < least.used ? template : least))
}
