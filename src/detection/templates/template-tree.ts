import { hasDigit, wildcard } from './line-tokens.ts'
import type { MinedTemplate } from './template.ts'

/** Lines of one length that begin alike. */
interface Branch {
  readonly children: Map<string, Branch>
  /** In the order in which they were made. */
  readonly templates: MinedTemplate[]
}

/** How a tree is divided. */
export interface TreeShape {
  /** So many first tokens choose the branch. */
  readonly branchTokens: number
  /** A branch has so many children; further ones share one. */
  readonly childrenMax: number
}

/**
 * The tree of Drain: by scope, number of tokens and first tokens. It has a branch exactly where it has a template, so that
 * the templates and their branch wildcards say all about it.
 */
export class TemplateTree {
  readonly #shape: TreeShape
  readonly #scopes = new Map<string, Map<number, Branch>>()

  constructor(shape: TreeShape) {
    this.#shape = shape
  }

  /** The templates that a line may have; undefined: there are none. */
  find(scope: string, tokens: readonly string[]): readonly MinedTemplate[] | undefined {
    let branch = this.#scopes.get(scope)?.get(tokens.length)
    const depth = this.#depthOf(tokens)
    for (let index = 0; index < depth && branch !== undefined; index++) {
      const { children }: Branch = branch
      branch = children.get(tokens[index] as string) ?? children.get(wildcard)
    }
    return branch?.templates
  }

  /** The branch that a new template of these tokens has: bit n is set where token n plays no part in it. */
  wildcardsFor(scope: string, tokens: readonly string[]): number {
    let branch = this.#scopes.get(scope)?.get(tokens.length)
    let wildcards = 0
    const depth = this.#depthOf(tokens)
    for (let index = 0; index < depth; index++) {
      const name = this.#childName(branch, tokens[index] as string)
      if (name === wildcard) wildcards |= 1 << index
      branch = branch?.children.get(name)
    }
    return wildcards
  }

  /** Adds it behind all others of its branch, and returns those, with itself. */
  add(template: MinedTemplate): readonly MinedTemplate[] {
    const { scope, tokens, branchWildcards } = template
    const lengths = made(this.#scopes, scope, () => new Map<number, Branch>())
    let branch = made(lengths, tokens.length, newBranch)
    const depth = this.#depthOf(tokens)
    for (let index = 0; index < depth; index++) {
      const name = (branchWildcards & (1 << index)) === 0 ? (tokens[index] as string) : wildcard
      branch = made(branch.children, name, newBranch)
    }
    branch.templates.push(template)
    return branch.templates
  }

  /** Removes it, and the branches that it leaves empty. */
  remove(template: MinedTemplate): void {
    const { scope, tokens } = template
    const lengths = this.#scopes.get(scope)
    const branch = lengths?.get(tokens.length)
    if (lengths === undefined || branch === undefined) return
    if (this.#removeBelow(branch, template, 0)) lengths.delete(tokens.length)
    if (lengths.size === 0) this.#scopes.delete(scope)
  }

  /** Whether the branch is empty now. */
  #removeBelow(branch: Branch, template: MinedTemplate, index: number): boolean {
    const { tokens, branchWildcards } = template
    if (index === this.#depthOf(tokens)) {
      const at = branch.templates.indexOf(template)
      if (at >= 0) branch.templates.splice(at, 1)
    } else {
      const name = (branchWildcards & (1 << index)) === 0 ? (tokens[index] as string) : wildcard
      const child = branch.children.get(name)
      if (child !== undefined && this.#removeBelow(child, template, index + 1)) branch.children.delete(name)
    }
    return branch.templates.length === 0 && branch.children.size === 0
  }

  #depthOf(tokens: readonly string[]): number {
    return Math.min(tokens.length, this.#shape.branchTokens)
  }

  /** The last child of a full branch is that of all others. */
  #childName(branch: Branch | undefined, token: string): string {
    if (branch?.children.has(token) === true) return token
    if (hasDigit(token)) return wildcard
    const children = branch?.children
    const count = (children?.size ?? 0) + (children?.has(wildcard) === true ? 0 : 1)
    return count < this.#shape.childrenMax ? token : wildcard
  }
}

function newBranch(): Branch {
  return { children: new Map(), templates: [] }
}

function made<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}
