// @ts-check
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { packageRoot } from './lab/folders.mjs'
import { run } from './lab/processes.mjs'

/**
 * @typedef {object} Door
 * @property {string} name
 * @property {import('typescript').TypeChecker} checker
 * @property {readonly import('typescript').Symbol[]} exported
 */

/**
 * Writes the declarations of the sources into a temporary folder, and opens each door there.
 * @param {(door: Door) => void} look
 */
export async function openDoors(look) {
  const declarations = mkdtempSync(join(tmpdir(), 'millrace-api-'))
  try {
    await emitDeclarations(declarations)
    for (const [name, file] of doors()) look({ name, ...open(join(declarations, file)) })
  } finally {
    rmSync(declarations, { recursive: true, force: true })
  }
}

/** What `package.json` exports: the name of its snapshot and page, and its declarations. */
function doors() {
  const { exports } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'))
  return Object.entries(exports).flatMap(([door, { types }]) =>
    types === undefined ? [] : [[`millrace${door.slice(1).replace('/', '-')}`, types.replace('./dist/', '')]],
  )
}

/** @param {string} folder */
async function emitDeclarations(folder) {
  const root = packageRoot()
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const tsc = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc')
  const options = ['--emitDeclarationOnly', '--declaration', '--sourceMap', 'false', '--outDir', folder]
  // Type errors are the business of another check, and declarations are written in spite of them.
  await run(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), ...options]).catch(() => {})
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
 * What a name stands for behind its re-exports.
 * @param {import('typescript').TypeChecker} checker
 * @param {import('typescript').Symbol} symbol
 */
export function resolved(checker, symbol) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

/**
 * The members of the interface or class behind a name that others can see, overloads once.
 * @param {import('typescript').TypeChecker} checker
 * @param {import('typescript').Symbol} target
 */
export function membersOf(checker, target) {
  const members = (target.declarations ?? [])
    .flatMap((one) => (ts.isInterfaceDeclaration(one) || ts.isClassDeclaration(one) ? [...one.members] : []))
    .flatMap(({ name }) => (name && !ts.isPrivateIdentifier(name) ? [checker.getSymbolAtLocation(name)] : []))
    .filter((member) => member !== undefined)
  return [...new Set(members)]
}

/**
 * The declarations of a name, without comments.
 * @param {import('typescript').Symbol} target
 */
export function declarationText(target) {
  const printer = ts.createPrinter({ removeComments: true })
  return (target.declarations ?? [])
    .map((declaration) => printer.printNode(ts.EmitHint.Unspecified, declaration, declaration.getSourceFile()))
    .join('\n')
}
