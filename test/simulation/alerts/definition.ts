import type { NoticesDefinition } from '../../../src/alerts/notices/definition.ts'

/** Receivers of every kind, and routes that an alert leaves and enters with its severity. */
export const definition: NoticesDefinition = {
  receivers: [
    { name: 'pager', minimumSeverity: 'high' },
    { name: 'log' },
    {
      name: 'chat',
      quietHours: { zone: 'Europe/Berlin', times: [{ from: '22:00', to: '07:00' }], passes: 'critical' },
    },
    {
      name: 'incidents',
      quietHours: { zone: 'America/New_York', times: [{ from: '20:00', to: '22:30' }], passes: 'none', atEnd: 'fire' },
    },
    { name: 'boss', fire: false, repeat: false },
  ],
  routes: [
    {
      name: 'urgent',
      match: { severity: 'critical' },
      receivers: ['pager', 'incidents'],
      groupBy: ['alert'],
      wait: '0s',
      repeat: '11m',
      continue: true,
    },
    { name: 'rest', receivers: ['log', 'chat'], groupBy: ['rule'], interval: '2m', repeat: '13m' },
  ],
  escalations: {
    critical: [
      { teams: ['first'] },
      { after: '5m', teams: ['second'] },
      { after: '9m', teams: ['third'], receivers: ['boss'] },
    ],
  },
  inhibitions: [{ name: 'down', source: { rule: 'down' }, target: { rule: 'errors' }, equal: ['service'] }],
}
