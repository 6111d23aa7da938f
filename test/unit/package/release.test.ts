import { describe, expect, test } from '@jest/globals'
import { packFaults, releasedChangelog, tarballChecks, versionFault } from '../../../scripts/release-checks.mjs'

describe('a release', () => {
  const paths = [
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'SECURITY.md',
    'package.json',
    'dist/console/index.html',
    'dist/src/index.js',
  ]
  const packOf = (...more: string[]) => ({ size: 1000, files: [...paths, ...more].map((path) => ({ path })) })

  test('has every entry point, and nothing of the tests and the fleet', () => {
    expect(packFaults(packOf('docs/testing.md', 'src/index.ts'), { '.': './dist/src/index.js' })).toEqual([])
    expect(
      packFaults(packOf('test/a.ts', 'dist/fleet/main.js'), { './sinks': { types: './dist/src/sinks.d.ts' } }),
    ).toEqual([
      'dist/src/sinks.d.ts is missing',
      'test/a.ts does not belong into the package',
      'dist/fleet/main.js does not belong into the package',
    ])
  })

  test('has a size budget', () => {
    expect(packFaults({ ...packOf(), size: 3_000_000 }, {})).toEqual([expect.stringContaining('3000000 bytes')])
  })

  test('has its tarball looked at by tools of fixed versions', () => {
    const checks = tarballChecks('/tmp/millrace.tgz')
    expect(checks.map(([tool]) => tool)).toEqual([
      expect.stringMatching(/^publint@\d+\.\d+\.\d+$/),
      expect.stringMatching(/^@arethetypeswrong\/cli@\d+\.\d+\.\d+$/),
    ])
    for (const check of checks) expect(check).toContain('/tmp/millrace.tgz')
  })

  test('moves what is unreleased under its version', () => {
    const changelog = '# Changelog\n\n## [Unreleased]\n\n### Added\n- A thing.\n\n## [0.1.0] - 2026-11-01\n- First.\n'
    expect(releasedChangelog(changelog, '0.2.0', '2026-12-01')).toBe(
      changelog.replace('## [Unreleased]\n', '## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n'),
    )
  })

  test('a release needs an entry in the changelog', () => {
    const empty = '# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-11-01\n- First.\n'
    expect(() => releasedChangelog(empty, '0.2.0', '2026-12-01')).toThrow('nothing under [Unreleased]')
    expect(() => releasedChangelog('# Changelog\n', '0.2.0', '2026-12-01')).toThrow('no section')
  })

  test('has a version that does not go backwards', () => {
    expect(versionFault('0.1.0', '0.1.0')).toBeUndefined()
    expect(versionFault('0.10.0', '0.9.1')).toBeUndefined()
    expect(versionFault('0.1.9', '0.2.0')).toBe('0.1.9 is older than 0.2.0')
    expect(versionFault('next', '0.2.0')).toContain('three numbers')
  })
})
