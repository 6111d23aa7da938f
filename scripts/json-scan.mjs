// @ts-check
// Compiles assembly/json-scan.ts to src/core/json/json-scan-module.ts: `npm run json-scan`. With `--check` it writes
// nothing, and ends with exit code 1 if that file is not what it would write.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const source = 'assembly/json-scan.ts'
const target = join(root, 'src', 'core', 'json', 'json-scan-module.ts')
const pages = '2'

function compile() {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-json-scan-'))
  const module = join(folder, 'json-scan.wasm')
  try {
    // Imported as a module, the compiler would bring its own types of arrays into all of this project.
    execFileSync(
      process.execPath,
      [
        ...[join(root, 'node_modules', 'assemblyscript', 'bin', 'asc.js'), source, '--outFile', module],
        ...['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd,bulk-memory'],
        ...['--initialMemory', pages, '--maximumMemory', pages],
      ],
      { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
    )
    return readFileSync(module)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const text = `// Written by \`npm run json-scan\` from ${source}.
/** A module of WebAssembly, in base64. */
export const jsonScanModule =
  '${compile().toString('base64')}'
`
if (!process.argv.includes('--check')) writeFileSync(target, text)
else if (readFileSync(target, 'utf8') !== text) {
  console.error(`${target} is not made from ${source}: run \`npm run json-scan\``)
  process.exitCode = 1
}
