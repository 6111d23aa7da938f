// @ts-check
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from './lab/folders.mjs'
import { declarationText, membersOf, openDoors, resolved } from './public-api.mjs'

/**
 * The public doors as text: each exported name with its declaration, in test/api/*.snapshot, so that a change of the
 * API shows in a review. `--update` writes the snapshots, else they are compared and the exit code tells. Every name and
 * member behind a door has a doc comment: what an editor shows on hover.
 */
const root = packageRoot()
const update = process.argv.includes('--update')
await openDoors(check)

/** @param {import('./public-api.mjs').Door} door */
function check(door) {
  const file = join(root, 'test', 'api', `${door.name}.snapshot`)
  const text = describe(door)
  if (update) {
    mkdirSync(join(root, 'test', 'api'), { recursive: true })
    writeFileSync(file, text)
    return
  }
  checkComments(door)
  const stored = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (stored === text) return
  console.error(`the public API differs from test/api/${door.name}.snapshot: npm run api:update when that is meant`)
  for (const line of differingNames(stored, text)) console.error(`  ${line}`)
  process.exitCode = 1
}

/** @param {import('./public-api.mjs').Door} door */
function checkComments({ name, checker, exported }) {
  for (const entry of exported) {
    const target = resolved(checker, entry)
    for (const symbol of [target, ...membersOf(checker, target)]) {
      if (symbol.getDocumentationComment(checker).length > 0) continue
      const place = symbol === target ? entry.name : `${entry.name}.${symbol.name}`
      console.error(`${name}: ${place} has no doc comment; say what it does, its unit, default and what it throws`)
      process.exitCode = 1
    }
  }
}

/** @param {import('./public-api.mjs').Door} door */
function describe({ checker, exported }) {
  return exported
    .map((entry) => [entry.name, declarationText(resolved(checker, entry))])
    .sort(([left = ''], [right = '']) => (left < right ? -1 : 1))
    .map(([name, text]) => `## ${name}\n${text}\n`)
    .join('\n')
}

/**
 * @param {string} stored
 * @param {string} current
 */
function differingNames(stored, current) {
  const [before, after] = [sections(stored), sections(current)]
  const names = [...new Set([...before.keys(), ...after.keys()])].sort()
  return names.flatMap((name) => {
    if (before.get(name) === after.get(name)) return []
    if (!before.has(name)) return [`added: ${name}`]
    return [after.has(name) ? `changed: ${name}` : `removed: ${name}`]
  })
}

/** @param {string} text */
function sections(text) {
  const parts = text.split(/^## /m).filter((part) => part !== '')
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), part]))
}
