import { blocks } from './blocks.ts'
import type { PresetFamily, TextPreset } from './preset.ts'

/** A pattern that fits from a place of a text on, with the names of its captures in their order. */
export interface CompiledPattern {
  readonly expression: RegExp
  readonly names: readonly string[]
}

export interface CompiledPreset {
  readonly preset: TextPreset
  readonly pattern: CompiledPattern
  readonly family: CompiledFamily
}

export interface CompiledFamily {
  /** It may be tried first: no family before it reads the same lines. */
  readonly isSure: boolean
  readonly isLong: boolean
  readonly lead: CompiledPattern | undefined
  readonly presets: readonly CompiledPreset[]
}

const reference = /%\{(\w+)(?::(\w+))?\}/g
const capture = /\(\?<([A-Za-z]\w*)>/g

/** Compiled once at start. Throws a TypeError for an unknown block. */
export function compileFamily(family: PresetFamily): CompiledFamily {
  const lead = family.lead === undefined ? undefined : compilePattern(family.lead, '')
  const presets: CompiledPreset[] = []
  const compiled: CompiledFamily = {
    isLong: family.isLong === true,
    isSure: lead !== undefined && family.isLoose !== true,
    lead,
    presets,
  }
  for (const preset of family.presets) {
    presets.push({ preset, pattern: compilePattern(preset.pattern, '$'), family: compiled })
  }
  return compiled
}

function compilePattern(pattern: string, end: string): CompiledPattern {
  const names: string[] = []
  const source = expand(pattern).replace(capture, (_, name: string) => {
    names.push(name)
    return '('
  })
  return { expression: new RegExp(`${source}${end}`, 'sy'), names }
}

function expand(pattern: string): string {
  return pattern.replace(reference, (_, name: string, field: string | undefined) => {
    const block = blocks[name]
    if (block === undefined) throw new TypeError(`there is no block ${name} (used in: ${pattern})`)
    const body = expand(block)
    return field === undefined ? `(?:${body})` : `(?<${field}>${body})`
  })
}
