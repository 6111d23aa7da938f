import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageRoot } from '../../scripts/lab/folders.mjs'

const root = packageRoot()

/** What a project of React and Vite installs besides. */
const packages = ['react', 'react-dom', '@types/react', '@types/react-dom', 'csstype', 'vite']

/** The output of a program; rejects when it fails. */
export async function outputOf(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(args[0] ?? '', args.slice(1), { cwd: folder })
  return stdout
}

/** An empty project in which the package of the components is installed, as its tarball has it. */
export async function reactProject(): Promise<string> {
  const project = await mkdtemp(join(tmpdir(), 'millrace-react-'))
  const installed = join(project, 'node_modules', '@millrace', 'react')
  await mkdir(join(project, 'node_modules', '@types'), { recursive: true })
  await mkdir(installed, { recursive: true })
  // Suites build at the same time: each into a folder of its own.
  const folder = join(project, 'package')
  await outputOf(root, process.execPath, join('scripts', 'react-package.mjs'), folder)
  const tarball = await outputOf(project, 'npm', 'pack', '--silent', '--ignore-scripts', folder)
  await outputOf(project, 'tar', '-xzf', tarball.trim(), '-C', installed, '--strip-components=1')
  for (const name of packages) await symlink(join(root, 'node_modules', name), join(project, 'node_modules', name))
  await writeFile(join(project, 'package.json'), '{"type":"module"}')
  return project
}

/** Copies the example with the page into a project, checks its types and builds it; the folder of what was built. */
export async function buildLogPage(project: string): Promise<string> {
  const folder = join(project, 'log-page')
  await cp(join(root, 'examples', '09-log-page'), folder, { recursive: true })
  await outputOf(folder, process.execPath, join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc'))
  await outputOf(folder, process.execPath, join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build')
  return join(folder, 'dist')
}
