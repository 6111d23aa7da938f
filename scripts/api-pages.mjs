// @ts-check
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { packageRoot } from './lab/folders.mjs'
import { declarationText, membersOf, openDoors, resolved } from './public-api.mjs'

/**
 * Writes docs/api: a page for each door, with every name, its declaration, its doc comment and those of its members.
 * `--check` compares the pages instead, and the exit code tells.
 */
const folder = join(packageRoot(), 'docs', 'api')
const isCheck = process.argv.includes('--check')
mkdirSync(folder, { recursive: true })
/** @type {string[]} */
const names = []
await openDoors((door) => {
  names.push(door.name)
  keep(`${door.name}.md`, pageOf(door))
})
keep('README.md', indexOf(names))

/**
 * @param {string} name
 * @param {string} text
 */
function keep(name, text) {
  const file = join(folder, name)
  if (!isCheck) return writeFileSync(file, text)
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return
  console.error(`docs/api/${name} differs from the doc comments: npm run docs:api`)
  process.exitCode = 1
}

/** @param {readonly string[]} names */
function indexOf(names) {
  const lines = names.map((name) => `- [\`${name.replace('-', '/')}\`](${name}.md)`)
  return `# The API, door by door\n\n${lines.join('\n')}\n`
}

/** @param {import('./public-api.mjs').Door} door */
function pageOf({ name, checker, exported }) {
  const names = exported.map((entry) => entry.name).sort((left, right) => (left < right ? -1 : 1))
  const sections = [...exported]
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .map((entry) => sectionOf(checker, entry.name, resolved(checker, entry)))
  return `# \`${name.replace('-', '/')}\`

Written from the doc comments by \`npm run docs:api\`. [The other doors](README.md).

${names.map((one) => `[${one}](#${one.toLowerCase()})`).join(' · ')}

${sections.join('\n')}`
}

/**
 * @param {import('typescript').TypeChecker} checker
 * @param {string} name
 * @param {import('typescript').Symbol} target
 */
function sectionOf(checker, name, target) {
  const members = membersOf(checker, target).map((member) => memberText(checker, member))
  const list = members.length === 0 ? '' : `\n${members.join('\n')}\n`
  const declaration = declarationText(target).replaceAll(/^export (declare )?/gm, '')
  return `## ${name}\n${commentOf(checker, target)}\n\n\`\`\`typescript\n${declaration}\n\`\`\`\n${list}`
}

/**
 * @param {import('typescript').TypeChecker} checker
 * @param {import('typescript').Symbol} member
 */
function memberText(checker, member) {
  const [first = '', ...rest] = commentOf(checker, member).split('\n')
  const name = member.name === '__constructor' ? 'constructor' : member.name
  return [`- \`${name}\`: ${first}`, ...rest.map((line) => (line === '' ? '' : `  ${line}`))].join('\n')
}

/**
 * The doc comment with its examples, as Markdown.
 * @param {import('typescript').TypeChecker} checker
 * @param {import('typescript').Symbol} symbol
 */
function commentOf(checker, symbol) {
  const examples = symbol
    .getJsDocTags(checker)
    .filter((tag) => tag.name === 'example')
    .map((tag) =>
      ts
        .displayPartsToString(tag.text)
        .trim()
        .replace(/^```ts\n/, '```typescript\n'),
    )
  return [ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim(), ...examples].join('\n\n')
}
