import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MillraceError } from '../../core/errors.ts'

/** The example that a new project is a copy of: it is compiled, tested and run with the package. */
const template = 'examples/08-worker'
const copied = [
  'page-views.ts',
  'page-views.test.ts',
  'worker.ts',
  'write-views.ts',
  'Dockerfile',
  'values.yaml',
  'README.md',
]
const ignored = 'node_modules/\n.millrace/\n'

/** What differs between two new projects. */
export interface ScaffoldOptions {
  /** The name of the package, image and workload. */
  readonly name: string
  /** What npm installs as `millrace`. */
  readonly dependency: string
}

/** Files of a new project, by name. */
export function scaffold({ name, dependency }: ScaffoldOptions): ReadonlyMap<string, string> {
  const folder = join(packageFolder(), template)
  const files = new Map(copied.map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as object
  files.set(
    'package.json',
    `${JSON.stringify({ ...manifest, name, dependencies: { millrace: dependency } }, null, 2)}\n`,
  )
  files.set('.gitignore', ignored)
  const values = files.get('values.yaml') ?? ''
  files.set('values.yaml', values.replace('repository: page-views', `repository: ${name}`))
  return files
}

/** The version of this package. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { readonly version: string })
    .version
}

/** Writes all files or none: throws FILES_EXIST, which names those that are there. */
export function writeScaffold(directory: string, files: ReadonlyMap<string, string>): void {
  const existing = [...files.keys()].filter((file) => existsSync(join(directory, file)))
  if (existing.length > 0)
    throw new MillraceError(
      'FILES_EXIST',
      'fatal',
      `${directory} has ${existing.join(', ')} already, and nothing is overwritten: name an empty directory`,
    )
  mkdirSync(directory, { recursive: true })
  for (const [file, content] of files) writeFileSync(join(directory, file), content, { flag: 'wx' })
}

/** The folder above this file that has the examples of the package, whether this is its source or what is compiled. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, template)) && folder !== dirname(folder)) folder = dirname(folder)
  return folder
}
