import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const head = `import { joinWindows, json, long, StreamsBuilder, string, tumblingWindows } from '${root}src/index.ts'
`

/** What the compiler prints about a program that uses the library, with the project's own options. */
export async function compile(program: string, options: readonly string[] = []): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-types-'))
  try {
    const settings = {
      extends: `${root}tsconfig.json`,
      compilerOptions: { typeRoots: [`${root}node_modules/@types`], noUnusedLocals: false, noUnusedParameters: false },
      include: ['program.ts'],
      exclude: [],
    }
    await writeFile(join(directory, 'package.json'), '{"type":"module"}')
    await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(settings))
    await writeFile(join(directory, 'program.ts'), head + program)
    const compiler = `${root}node_modules/.bin/tsc`
    return await run([compiler, '-p', directory, '--pretty', 'false', ...options])
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** The exit code says whether there were errors, which the text says as well. */
function run(command: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, command, (_error, output, errors) => resolve(output + errors))
  })
}
