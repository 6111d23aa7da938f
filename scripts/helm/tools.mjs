// @ts-check
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '../lab/folders.mjs'
import { findOnPath } from '../lab/java.mjs'
import { LabError } from '../lab/lab-error.mjs'

const helmVersion = 'v3.22.0'
const validatorVersion = '1.37.0'
const installTimeoutMs = 20 * 60_000

/** @returns {string} */
const cachedHelm = () => cacheFolder('bin', 'helm')
/** @returns {string} */
const validatorFolder = () => cacheFolder(`kubernetes-validate-${validatorVersion}`)

/** Why the chart cannot be checked here; undefined when it can. */
export function helmUnavailable() {
  if (!findOnPath('helm') && !existsSync(cachedHelm()) && !findOnPath('go')) return 'neither helm nor go was found'
  if (!existsSync(validatorFolder()) && !findOnPath('python3')) return 'python3 was not found'
  return undefined
}

/** Helm itself: from the PATH, else built once from its module. */
export function helmProgram() {
  const installed = findOnPath('helm')
  if (installed) return installed
  if (!existsSync(cachedHelm())) {
    must('go', ['install', `helm.sh/helm/v3/cmd/helm@${helmVersion}`], { GOBIN: cacheFolder('bin') })
  }
  return cachedHelm()
}

/** A validator of manifests against Kubernetes' own schemas, in an environment of its own. */
export function manifestValidator() {
  const program = join(validatorFolder(), 'bin', 'kubernetes-validate')
  if (!existsSync(program)) {
    must('python3', ['-m', 'venv', validatorFolder()])
    must(join(validatorFolder(), 'bin', 'pip'), ['install', '-q', `kubernetes-validate==${validatorVersion}`])
  }
  return program
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Record<string, string>} environment
 */
function must(program, args, environment = {}) {
  const { status, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: installTimeoutMs,
    env: { ...process.env, ...environment },
  })
  if (status !== 0) throw new LabError(`${program} ${args.join(' ')} failed: ${stderr?.trim().split('\n').at(-1)}`)
}
