// @ts-check
// `npm run build:react`: the package `@millrace/react`, with the version of this one, into dist/react or the folder that is named.
import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from './lab/folders.mjs'

const root = packageRoot()
const folder = process.argv[2] ?? join(root, 'dist', 'react')
const source = join('console', 'react-package')
const bundler = join('node_modules', 'vite', 'bin', 'vite.js')
const compiler = join('node_modules', '@typescript', 'native', 'bin', 'tsc')

node(bundler, 'build', '--configLoader', 'native', '--config', join(source, 'vite.config.mjs'), '--outDir', folder)
node(compiler, '-p', source, '--outDir', join(folder, 'types'))
const styles = ['styles.css', 'analytics/dashboard.css', 'alerts/alerts.css', 'streams/streams.css'].map((name) =>
  readFileSync(join(root, 'console', 'react', name), 'utf8'),
)
writeFileSync(join(folder, 'styles.css'), styles.join('\n'))
copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
copyFileSync(join(root, source, 'README.md'), join(folder, 'README.md'))

const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const description = {
  name: '@millrace/react',
  version,
  description: 'React components that show logs, numbers, alerts and workers of a millrace live tail',
  license,
  type: 'module',
  sideEffects: ['*.css'],
  exports: {
    '.': { types: './types/console/react/index.d.ts', default: './index.js' },
    './styles.css': './styles.css',
    './package.json': './package.json',
  },
  peerDependencies: { react: '>=19' },
}
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(description, undefined, 2)}\n`)

/** @param {readonly string[]} args */
function node(...args) {
  execFileSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
}
