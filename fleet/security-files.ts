import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { SecurityRules } from '../src/alerts/index.ts'
import { MillraceError } from '../src/core/errors.ts'
import type { SigmaFile } from '../src/detection/index.ts'
import type { FleetSettings } from './settings.ts'

/** Next to the sources, and next to the folder of what is built from them. */
const folders = ['../security', '../../security'].map((folder) => join(import.meta.dirname, folder))

/**
 * The Sigma rules of the setting: a file, or all files in a folder that end in .yml or .yaml. Undefined: the setting names
 * none. Throws INVALID_SETTINGS with all mistakes of all files.
 */
export function securityRules({ rules, mappingFile }: FleetSettings['security']): SecurityRules | undefined {
  if (rules === undefined) return undefined
  const mapping = mappingFile ?? join(folders.find((folder) => existsSync(folder)) ?? '', 'mapping.yaml')
  return SecurityRules.load(ruleFiles(rules), fileOf(mapping, 'SECURITY_MAPPING_FILE'))
}

/** Sorted by name, so that all workers have the same order. */
function ruleFiles(path: string): readonly SigmaFile[] {
  const files = readable(path, 'SECURITY_RULES', () => (statSync(path).isDirectory() ? filesIn(path) : [path]))
  if (files.length === 0) throw refusal(`SECURITY_RULES names ${path}, which has no file that ends in .yml or .yaml`)
  return files.map((file) => fileOf(file, 'SECURITY_RULES'))
}

function filesIn(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name))
}

function fileOf(name: string, setting: string): SigmaFile {
  return { name, text: readable(name, setting, () => readFileSync(name, 'utf8')) }
}

function readable<Value>(path: string, setting: string, read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    throw refusal(`${path} cannot be read (${(error as Error).message}): check ${setting}`)
  }
}

function refusal(problem: string): MillraceError {
  return new MillraceError('INVALID_SETTINGS', 'fatal', problem, { details: { problems: [problem] } })
}
