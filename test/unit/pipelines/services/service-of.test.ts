import { describe, expect, test } from '@jest/globals'
import type { Fields } from '../../../../src/pipelines/field-value.ts'
import { serviceOf, serviceOfFile } from '../../../../src/pipelines/services/service-of.ts'

describe('the service of an event', () => {
  test.each<readonly [string, Fields, readonly string[], string, string | undefined]>([
    [
      'a label of Kubernetes',
      { kubernetes: { labels: { 'app.kubernetes.io/name': 'shop' }, container_name: 'c' } },
      [],
      '0',
      'shop',
    ],
    ['a container', { kubernetes: { container_name: 'web' } }, [], '0', 'web'],
    ['a unit of systemd', { _SYSTEMD_UNIT: 'nginx.service' }, [], '0', 'nginx'],
    ['the program of a syslog line', { component: 'sshd' }, ['format:syslog'], '0', 'sshd'],
    ['a file', { log: { file: { path: '/var/log/nginx/access.log' } } }, [], '0', 'nginx'],
    ['the name of its source', { component: 'com.example.Handler' }, ['format:java'], 'checkout', 'checkout'],
    ['nobody: not a class', { component: 'com.example.Handler' }, ['format:java'], '3', undefined],
    ['nobody: not the key of one user of many', {}, [], 'user-8c1f', undefined],
    ['the name of its source, with the number of an instance', {}, [], 'web-12', 'web-12'],
    ['nobody: not the id of a record', {}, [], '6f9619ff-8b86-d011-b42d-00c04fc964ff', undefined],
  ])('is that of %s', (_, fields, tags, source, service) => {
    expect(serviceOf(fields, tags, source)).toBe(service)
  })

  test.each([
    ['/var/log/redis.log', 'redis'],
    ['/var/log/postgresql/postgresql-2026-11-24.log', 'postgresql'],
    ['/opt/checkout/logs/app.log.3', 'checkout'],
    [`/var/log/containers/web-7_shop_nginx-${'a'.repeat(64)}.log`, 'nginx'],
    ['/var/log/pods/shop_web-7_1f/php/0.log', 'php'],
    ['/var/log/messages', undefined],
    ['/index.html', undefined],
  ])('of the file %s is %s', (path, service) => expect(serviceOfFile(path)).toBe(service))
})
