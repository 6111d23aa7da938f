// Without this flag @swc/jest silently emits CommonJS and the suite would test something we do not ship.
if (!process.execArgv.concat((process.env.NODE_OPTIONS ?? '').split(' ')).includes('--experimental-vm-modules')) {
  throw new Error('run jest with NODE_OPTIONS=--experimental-vm-modules (use `npm test` or `npm run jest`)')
}

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  maxWorkers: 2,
  // A worker keeps the modules of its suites in memory. It is replaced before that slows all of its tests: at two gigabytes, four threads collected garbage without a pause.
  workerIdleMemoryLimit: '700MB',
  // A test fails by what it expects and by its own waits, which say what was waited for; this ends what hangs for good.
  testTimeout: 300_000,
}
