// @ts-check
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '../lab/folders.mjs'
import { findOnPath } from '../lab/java.mjs'
import { LabError } from '../lab/lab-error.mjs'
import { fillOnce } from '../lab/maven.mjs'
import { run } from '../lab/processes.mjs'

export const kubernetesVersion = '1.35.4'
export const kedaVersion = '2.20.2'

/**
 * Programs of one module that are built together, because they share what they are made of.
 * @typedef {object} Build
 * @property {string} module with its version
 * @property {Readonly<Record<string, string>>} programs the package of each
 * @property {readonly string[]} imports packages that bring in all that the programs need
 */

/** @type {readonly Build[]} */
const builds = [
  {
    module: `k8s.io/kubernetes@v${kubernetesVersion}`,
    programs: {
      etcd: 'go.etcd.io/etcd/server/v3',
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
    },
    imports: [
      'go.etcd.io/etcd/server/v3/etcdmain',
      'k8s.io/kubernetes/cmd/kube-apiserver/app',
      'k8s.io/kubernetes/cmd/kube-controller-manager/app',
    ],
  },
  {
    module: `github.com/kedacore/keda/v2@v${kedaVersion}`,
    programs: {
      'keda-operator': 'github.com/kedacore/keda/v2/cmd/operator',
      'keda-adapter': 'github.com/kedacore/keda/v2/cmd/adapter',
    },
    imports: ['github.com/kedacore/keda/v2/cmd/operator', 'github.com/kedacore/keda/v2/cmd/adapter'],
  },
]

/** Without them the server calls itself v0.0.0, and helm refuses charts that need a newer one. */
const versionFlags = ['gitVersion=v' + kubernetesVersion, 'gitMajor=1', `gitMinor=${kubernetesVersion.split('.')[1]}`]
  .map((value) => `-X k8s.io/component-base/version.${value}`)
  .join(' ')

const folder = () => cacheFolder(`kubernetes-${kubernetesVersion}-keda-${kedaVersion}`)
const programNames = builds.flatMap(({ programs }) => Object.keys(programs))

/** @typedef {'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'keda-operator' | 'keda-adapter'} ProgramName */

/** @param {ProgramName} name */
export const kubernetesProgram = (name) => findOnPath(name) ?? join(folder(), name)

/** Why no control plane can run here; undefined when one can. */
export function kubernetesUnavailable() {
  if (programNames.every(isThere)) return undefined
  return 'kube-apiserver and KEDA are not built here: npm run k8s:build does it once, in about 20 minutes'
}

/** @param {string} name */
function isThere(name) {
  return findOnPath(name) !== undefined || existsSync(join(folder(), name))
}

/** Builds what is missing, from the modules; one line for each program. */
export async function buildKubernetes() {
  if (!findOnPath('go')) throw new LabError('go was not found: install it to build kube-apiserver and KEDA')
  for (const build of builds) {
    const missing = Object.entries(build.programs).filter(([name]) => !isThere(name))
    if (missing.length === 0) continue
    const source = cacheFolder(`go-${build.module.replaceAll(/[^\w.-]/g, '-')}`)
    await fillOnce(source, (partial) => writeModule(build, partial))
    mkdirSync(folder(), { recursive: true })
    for (const [name, path] of missing) {
      console.error(`building ${name}`)
      await go(source, ['build', `-ldflags=${versionFlags}`, '-o', join(folder(), name), path])
    }
  }
}

/**
 * A module that requires only this one: what it replaces for itself counts for the main module alone, so it is repeated.
 * @param {Build} build
 * @param {string} target
 */
async function writeModule({ module, imports }, target) {
  const [path = '', version = ''] = module.split('@')
  const { Dir, GoMod } = JSON.parse(await go(target, ['mod', 'download', '-json', module]))
  const own = readFileSync(GoMod ?? join(Dir, 'go.mod'), 'utf8')
  writeFileSync(
    join(target, 'go.mod'),
    `module lab\n\ngo ${/^go (\S+)$/m.exec(own)?.[1]}\n\nrequire ${path} ${version}\n\nreplace (\n${replacements(own)}\n)\n`,
  )
  const lines = imports.map((name) => `\t_ "${name}"`).join('\n')
  writeFileSync(join(target, 'tools.go'), `//go:build tools\n\npackage tools\n\nimport (\n${lines}\n)\n`)
  await go(target, ['mod', 'tidy', '-e'])
}

/**
 * Those of the module itself; parts of Kubernetes in its own tree have the version of the release.
 * @param {string} goMod
 */
function replacements(goMod) {
  const staged = [...goMod.matchAll(/^\t(k8s\.io\/[a-z-]+) v0\.0\.0$/gm)].map(
    ([, name]) => `\t${name} => ${name} v0.${kubernetesVersion.slice(2)}`,
  )
  const own = [...goMod.matchAll(/^(?:replace |\t)(\S+(?: v\S+)? => [^.\s]\S*(?: v\S+)?)$/gm)].map(
    ([, line]) => `\t${line}`,
  )
  return [...staged, ...own].join('\n')
}

/**
 * @param {string} cwd
 * @param {readonly string[]} args
 */
function go(cwd, args) {
  return run('go', args, { cwd, env: { GOFLAGS: '-mod=mod' } })
}
