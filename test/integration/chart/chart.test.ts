import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { helmProgram, manifestValidator } from '../../../scripts/helm/tools.mjs'
import { requireServer } from '../../support/require-server.ts'

const chart = join(import.meta.dirname, '../../../helm/millrace')

interface Outcome {
  readonly status: number | null
  readonly output: string
}

function run(program: string, args: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 120_000 })
  return { status, output: `${stdout}${stderr}` }
}

requireServer('helm').describe('the chart', () => {
  let helm = ''
  beforeAll(() => {
    helm = helmProgram()
  }, 1_200_000)

  function template(...settings: readonly string[]): Outcome {
    return run(helm, ['template', 'fleet', chart, ...settings.flatMap((setting) => ['--set', setting])])
  }

  function validate(manifests: string): Outcome {
    const file = join(mkdtempSync(join(tmpdir(), 'millrace-chart-')), 'manifests.yaml')
    writeFileSync(file, manifests)
    return run(manifestValidator(), ['--strict', '-k', '1.35', file])
  }

  test('passes helm lint', () => {
    expect(run(helm, ['lint', chart, '--strict'])).toMatchObject({ status: 0 })
  })

  test.each([
    ['as it comes', []],
    ['without autoscaling', ['defaults.autoscaling.enabled=false']],
    ['with a network policy', ['networkPolicy.enabled=true']],
    ['without one of the workers', ['workers.audit.enabled=false']],
  ])(
    'makes manifests that Kubernetes knows: %s',
    (_, settings) => {
      const { status, output } = template(...settings)
      expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' })
      expect(validate(output)).toMatchObject({ status: 0 })
    },
    300_000,
  )

  test('scales each worker as the fleet asks: 3 to 20 pods, CPU 70, memory 80, lag 100', () => {
    const { output } = template()
    expect(output.match(/minReplicas: 3\n {2}maxReplicas: 20/g)).toHaveLength(3)
    expect(output.match(/averageUtilization: 70/g)).toHaveLength(3)
    expect(output.match(/averageUtilization: 80/g)).toHaveLength(3)
    expect(
      output.match(/metric: { name: kafka_consumer_lag }\n {8}target: { type: AverageValue, averageValue: "100" }/g),
    ).toHaveLength(3)
  })

  test('refuses a misspelt value by its name', () => {
    expect(template('config.kafka.bootstrap=x').output).toContain("additional properties 'bootstrap' not allowed")
  })
})
