/** Which level a number means: the first test that it meets, in the notation that all peers have. */
export interface LevelSteps {
  readonly steps: readonly (readonly [test: string, level: string])[]
  readonly otherwise: string
}

export const statusLevels: LevelSteps = {
  steps: [
    ['>= 500', 'error'],
    ['>= 400', 'warn'],
  ],
  otherwise: 'info',
}

export const severityLevels: LevelSteps = {
  steps: [
    ['<= 2', 'critical'],
    ['== 3', 'error'],
    ['== 4', 'warn'],
    ['<= 6', 'info'],
  ],
  otherwise: 'debug',
}

export const pinoLevels: LevelSteps = {
  steps: [
    ['>= 60', 'critical'],
    ['>= 50', 'error'],
    ['>= 40', 'warn'],
    ['>= 30', 'info'],
  ],
  otherwise: 'debug',
}
