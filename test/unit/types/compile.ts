import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const names = 'joinWindows, json, long, StreamsBuilder, string, tumblingWindows'

/** What the compiler prints about a program that uses the library's sources, with the project's own options. */
export function compile(program: string): Promise<string> {
  return inDirectory((directory) => check(directory, `${root}src/index.ts`, program, []))
}

/** What the compiler prints about a module that names its imports itself; empty: nothing. */
export function typeErrors(module: string): Promise<string> {
  return inDirectory((directory) => checkModule(directory, module, []))
}

/** The same against the library's declarations, as users have them: how long the compiler checks, in seconds. */
export function checkSeconds(program: string): Promise<number> {
  return inDirectory(async (directory) => {
    const library = join(directory, 'library')
    await mkdir(library)
    const emit = { rootDir: root, outDir: library, emitDeclarationOnly: true, sourceMap: false }
    await configure(library, `${root}tsconfig.build.json`, emit, [`${root}src`])
    const errors = await run(['-p', library])
    const report = errors + (await check(directory, `${library}/src/index.js`, program, ['--extendedDiagnostics']))
    const seconds = /Check time: +([\d.]+)s/.exec(report)?.[1]
    if (seconds === undefined || report.includes('error')) throw new Error(report)
    return Number(seconds)
  })
}

async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-types-'))
  try {
    return await work(directory)
  } finally {
    await rm(directory, { recursive: true })
  }
}

function check(directory: string, library: string, program: string, options: readonly string[]): Promise<string> {
  return checkModule(directory, `import { ${names} } from '${library}'\n${program}`, options)
}

async function checkModule(directory: string, module: string, options: readonly string[]): Promise<string> {
  const lenient = { noUnusedLocals: false, noUnusedParameters: false }
  await writeFile(join(directory, 'package.json'), '{"type":"module"}')
  await configure(directory, `${root}tsconfig.json`, lenient, ['program.ts'])
  await writeFile(join(directory, 'program.ts'), module)
  return run(['-p', directory, '--pretty', 'false', ...options])
}

function configure(directory: string, base: string, options: object, include: readonly string[]): Promise<void> {
  const compilerOptions = { typeRoots: [`${root}node_modules/@types`], ...options }
  const settings = { extends: base, compilerOptions, include, exclude: [] }
  return writeFile(join(directory, 'tsconfig.json'), JSON.stringify(settings))
}

/** The exit code says whether there were errors, which the text says as well. */
function run(options: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [`${root}node_modules/.bin/tsc`, ...options], (_error, output, errors) =>
      resolve(output + errors),
    )
  })
}
