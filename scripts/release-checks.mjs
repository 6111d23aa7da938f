// @ts-check

/** What a release may weigh; more has to be decided, not to happen. */
const packedBytesMax = 2_000_000
const filesNeeded = ['README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md', 'package.json', 'dist/console/index.html']
const foldersAllowed = /^(dist\/(src|console)|src|docs|examples)\/|^[^/]+$/

/**
 * What is wrong with what `npm pack` would put into the tarball; empty: nothing.
 * @param {{ size: number, files: readonly { path: string }[] }} pack
 * @param {Record<string, string | Record<string, string>>} exported of package.json
 */
export function packFaults({ size, files }, exported) {
  const paths = new Set(files.map(({ path }) => path))
  const entries = Object.values(exported).flatMap((target) =>
    typeof target === 'string' ? target : Object.values(target),
  )
  const needed = [...filesNeeded, ...entries.map((path) => path.replace('./', ''))]
  return [
    ...needed.filter((path) => !paths.has(path)).map((path) => `${path} is missing`),
    ...[...paths]
      .filter((path) => !foldersAllowed.test(path))
      .map((path) => `${path} does not belong into the package`),
    ...(size > packedBytesMax ? [`the tarball has ${size} bytes, and ${packedBytesMax} is the most`] : []),
  ]
}

/**
 * Tools that look at the tarball as its users would: how it is resolved, and whether its types are those of its code.
 * The package is ESM only, which every Node that it supports can also `require`.
 * @param {string} tarball
 */
export function tarballChecks(tarball) {
  return [
    ['publint@0.3.25', 'run', tarball, '--strict'],
    ['@arethetypeswrong/cli@0.18.5', tarball, '--profile', 'esm-only'],
  ]
}

/**
 * The changelog with what is unreleased under the version, and nothing unreleased.
 * @param {string} changelog
 * @param {string} version
 * @param {string} day
 */
export function releasedChangelog(changelog, version, day) {
  const mark = '## [Unreleased]\n'
  const [before = '', rest] = changelog.split(mark)
  if (rest === undefined) throw new Error('CHANGELOG.md has no section [Unreleased]')
  const body = rest.split('\n## [')[0] ?? ''
  if (!/^- /m.test(body)) throw new Error('CHANGELOG.md has nothing under [Unreleased]')
  return `${before}${mark}\n## [${version}] - ${day}\n${rest}`
}

/**
 * Undefined where the version may follow the current one.
 * @param {string} version
 * @param {string} current
 */
export function versionFault(version, current) {
  if (!/^\d+\.\d+\.\d+$/.test(version)) return `a version is three numbers, such as 0.2.0; got ${version || 'nothing'}`
  const [next, now] = [version, current].map((text) => text.split('.').map(Number))
  const index = [0, 1, 2].find((place) => next?.[place] !== now?.[place]) ?? 2
  return (next?.[index] ?? 0) < (now?.[index] ?? 0) ? `${version} is older than ${current}` : undefined
}
