// @ts-check
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cacheFolder, packageRoot } from '../lab/folders.mjs'
import { findOnPath } from '../lab/java.mjs'
import { LabError } from '../lab/lab-error.mjs'

const programs = {
  helm: 'helm.sh/helm/v3/cmd/helm@v3.22.0',
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0',
}
const schemasVersion = '1.37.0'
const installTimeoutMs = 20 * 60_000

/** Kubernetes' own kinds that the chart may make, and what they are made of. */
const ownKinds =
  /^(?:_definitions|(?:deployment|statefulset)-apps-v1|(?:service|serviceaccount|configmap)-v1|job-batch-v1|horizontalpodautoscaler-autoscaling-v2|poddisruptionbudget-policy-v1|(?:networkpolicy|ingress)-networking-v1|role(?:binding)?-rbac-v1)\.json$/

/** What the chart may make beside Kubernetes' own kinds: the module that has its CRDs, and where in it they are. */
const customResources = [
  { module: 'github.com/kedacore/keda/v2@v2.20.2', folder: 'config/crd/bases' },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    folder: 'example/prometheus-operator-crd',
  },
  { module: 'github.com/external-secrets/external-secrets@v1.3.2', folder: 'config/crds/bases' },
]
const customKinds =
  /(?:_scaledobjects|_triggerauthentications|_podmonitors|_servicemonitors|_prometheusrules|[.]io_externalsecrets)\.yaml$/

const schemasFolder = () => cacheFolder(`kubernetes-validate-${schemasVersion}`)
const customSchemasFolder = () => cacheFolder('custom-resources-2')

/** Why the chart cannot be checked here; undefined when it can. */
export function helmUnavailable() {
  if (!findOnPath('helm') && !existsSync(cacheFolder('bin', 'helm')) && !findOnPath('go'))
    return 'neither helm nor go was found'
  if (!existsSync(customSchemasFolder()) && !findOnPath('go')) return 'go was not found'
  if (!existsSync(schemasFolder()) && !findOnPath('python3')) return 'python3 was not found'
  return undefined
}

/** Helm itself: from the PATH, else built once from its module. */
export const helmProgram = () => goProgram('helm')

/** A validator of manifests against JSON schemas. */
export const kubeconformProgram = () => goProgram('kubeconform')

/**
 * Options of kubeconform for a version of Kubernetes such as 1.35: its own kinds, and the custom ones that the chart may
 * make; fields that a schema does not know are errors.
 * @param {string} version
 */
export function schemaOptions(version) {
  const file = '{{.ResourceKind}}{{.KindSuffix}}.json'
  const folders = [ownSchemas(version), customSchemas()]
  const locations = folders.flatMap((folder) => ['-schema-location', join(folder, file)])
  return ['-strict', '-summary', ...locations]
}

/** The versions of Kubernetes, from the oldest that the chart supports, whose schemas can be had. */
export function kubernetesVersions() {
  return readdirSync(kubernetesSchemas())
    .flatMap((name) => /^v(1\.\d+)\.0-local-strict$/.exec(name)?.[1] ?? [])
    .filter((version) => Number(version.split('.')[1]) >= 29)
}

/** The files of the custom resource definitions. */
export function customResourceFiles() {
  return customResources.flatMap(({ module, folder }) => {
    const { Dir } = JSON.parse(must('go', ['mod', 'download', '-json', module], { GOFLAGS: '-mod=mod' }))
    return readdirSync(join(Dir, folder))
      .filter((name) => customKinds.test(name))
      .map((name) => join(Dir, folder, name))
  })
}

/**
 * YAML as JSON, one document for each.
 * @param {readonly string[]} files
 * @returns {Record<string, unknown>[]}
 */
export function readYaml(files) {
  const script =
    'import json, sys, yaml; print(json.dumps([d for f in sys.argv[1:] for d in yaml.safe_load_all(open(f)) if d]))'
  return JSON.parse(must(python(), ['-c', script, ...files]))
}

/** @param {keyof typeof programs} name */
function goProgram(name) {
  const installed = findOnPath(name)
  if (installed) return installed
  const cached = cacheFolder('bin', name)
  if (!existsSync(cached)) must('go', ['install', programs[name]], { GOBIN: cacheFolder('bin') })
  return cached
}

/** Python with a YAML reader, in an environment of its own. */
function python() {
  const program = join(schemasFolder(), 'bin', 'python')
  if (!existsSync(program)) {
    must('python3', ['-m', 'venv', schemasFolder()])
    must(join(schemasFolder(), 'bin', 'pip'), ['install', '-q', `kubernetes-validate==${schemasVersion}`])
  }
  return program
}

function kubernetesSchemas() {
  const script = 'import kubernetes_validate as k, os; print(os.path.dirname(k.__file__))'
  return join(must(python(), ['-c', script]).trim(), 'kubernetes-json-schema')
}

/**
 * The schemas as they are shipped have addresses in the network; here each is a file beside the others.
 * @param {string} version
 */
function ownSchemas(version) {
  return filledOnce(cacheFolder(`kubernetes-schemas-${schemasVersion}-2`, version), (folder) => {
    const source = join(kubernetesSchemas(), `v${version}.0-local-strict`)
    for (const name of readdirSync(source).filter((file) => ownKinds.test(file))) {
      const text = readFileSync(join(source, name), 'utf8').replaceAll('/api/_definitions.json#', '_definitions.json#')
      writeFileSync(join(folder, name), JSON.stringify({ ...JSON.parse(text), $id: undefined }))
    }
  })
}

function customSchemas() {
  const script = join(packageRoot(), 'scripts', 'helm', 'crd-schemas.py')
  return filledOnce(customSchemasFolder(), (folder) => must(python(), [script, folder, ...customResourceFiles()]))
}

/**
 * @param {string} folder
 * @param {(partial: string) => void} fill
 */
function filledOnce(folder, fill) {
  if (existsSync(folder)) return folder
  mkdirSync(dirname(folder), { recursive: true })
  const partial = mkdtempSync(`${folder}.partial-`)
  fill(partial)
  renameSync(partial, folder)
  return folder
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Record<string, string>} environment
 */
function must(program, args, environment = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: installTimeoutMs,
    maxBuffer: 64 << 20,
    env: { ...process.env, ...environment },
  })
  if (status !== 0)
    throw new LabError(`${program} ${args[0]} failed: ${stderr?.trim().split('\n').at(-1) ?? error?.message}`)
  return stdout
}
