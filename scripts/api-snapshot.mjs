// @ts-check
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { packageRoot } from './lab/folders.mjs'
import { run } from './lab/processes.mjs'

/**
 * The public doors as text: each exported name with its declaration, in test/api/*.snapshot, so that a change of the
 * API shows in a review. `--update` writes the snapshots, else they are compared and the exit code tells. Every name and
 * member behind a door has a doc comment: what an editor shows on hover.
 */
const doors = {
  millrace: 'src/index.d.ts',
  'millrace-ops': 'src/ops/index.d.ts',
  'millrace-replay': 'src/replay/index.d.ts',
  'millrace-sinks': 'src/sinks/index.d.ts',
  'millrace-testing': 'src/testing/index.d.ts',
  'millrace-worker': 'src/worker/index.d.ts',
}

const root = packageRoot()
const update = process.argv.includes('--update')
const declarations = mkdtempSync(join(tmpdir(), 'millrace-api-'))
try {
  await emitDeclarations()
  for (const [name, door] of Object.entries(doors)) check(name, join(declarations, door))
} finally {
  rmSync(declarations, { recursive: true, force: true })
}

async function emitDeclarations() {
  symlinkSync(join(root, 'node_modules'), join(declarations, 'node_modules'))
  const tsc = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc')
  const options = ['--emitDeclarationOnly', '--declaration', '--sourceMap', 'false', '--outDir', declarations]
  // Type errors are the business of another check, and declarations are written in spite of them.
  await run(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), ...options]).catch(() => {})
}

/**
 * @param {string} name
 * @param {string} door
 */
function check(name, door) {
  if (!existsSync(door)) return
  const file = join(root, 'test', 'api', `${name}.snapshot`)
  const { checker, exported } = open(door)
  const text = describe(checker, exported)
  if (update) {
    mkdirSync(join(root, 'test', 'api'), { recursive: true })
    writeFileSync(file, text)
    return
  }
  checkComments(name, checker, exported)
  const stored = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (stored === text) return
  console.error(`the public API differs from test/api/${name}.snapshot: npm run api:update when that is meant`)
  for (const line of differingNames(stored, text)) console.error(`  ${line}`)
  process.exitCode = 1
}

/** @param {string} door */
function open(door) {
  const program = ts.createProgram([door], { skipLibCheck: true, module: ts.ModuleKind.NodeNext, types: ['node'] })
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(door)
  const symbol = source && checker.getSymbolAtLocation(source)
  return { checker, exported: symbol ? checker.getExportsOfModule(symbol) : [] }
}

/**
 * @param {string} name
 * @param {import('typescript').TypeChecker} checker
 * @param {readonly import('typescript').Symbol[]} exported
 */
function checkComments(name, checker, exported) {
  for (const entry of exported) {
    for (const [place, symbol] of documentable(checker, entry)) {
      if (symbol.getDocumentationComment(checker).length > 0) continue
      console.error(`${name}: ${place} has no doc comment; say what it does, its unit, default and what it throws`)
      process.exitCode = 1
    }
  }
}

/**
 * An exported name and the members of the interface or class behind it.
 * @param {import('typescript').TypeChecker} checker
 * @param {import('typescript').Symbol} entry
 * @returns {readonly (readonly [string, import('typescript').Symbol])[]}
 */
function documentable(checker, entry) {
  const target = resolved(checker, entry)
  const members = (target.declarations ?? [])
    .flatMap((one) => (ts.isInterfaceDeclaration(one) || ts.isClassDeclaration(one) ? [...one.members] : []))
    .flatMap(({ name }) => (name && !ts.isPrivateIdentifier(name) ? [checker.getSymbolAtLocation(name)] : []))
    .filter((member) => member !== undefined)
  return [[entry.name, target], ...members.map((one) => /** @type {const} */ ([`${entry.name}.${one.name}`, one]))]
}

/**
 * @param {import('typescript').TypeChecker} checker
 * @param {import('typescript').Symbol} symbol
 */
function resolved(checker, symbol) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

/**
 * @param {import('typescript').TypeChecker} checker
 * @param {readonly import('typescript').Symbol[]} exported
 */
function describe(checker, exported) {
  return exported
    .map((entry) => [entry.name, declarationText(checker, entry)])
    .sort(([left = ''], [right = '']) => (left < right ? -1 : 1))
    .map(([name, text]) => `## ${name}\n${text}\n`)
    .join('\n')
}

/**
 * @param {import('typescript').TypeChecker} checker
 * @param {import('typescript').Symbol} symbol
 */
function declarationText(checker, symbol) {
  const target = resolved(checker, symbol)
  const printer = ts.createPrinter({ removeComments: true })
  return (target.declarations ?? [])
    .map((declaration) => printer.printNode(ts.EmitHint.Unspecified, declaration, declaration.getSourceFile()))
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
