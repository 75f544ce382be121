import { z } from 'zod'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import { measures } from '../telemetry/measures.ts'
import { AnomalyId } from './anomalies-contract.ts'
import { severities } from './anomaly-severity.ts'
import { anomalyTypes } from './anomaly-watch.ts'
import { SiteId } from './contract.ts'

const Instant = z.iso.datetime({ offset: true })
const RuleId = z.string().regex(/^alr_[0-9A-HJKMNP-TV-Z]{26}$/)
const AlertId = z.string().regex(/^alt_[0-9A-HJKMNP-TV-Z]{26}$/)
const Line = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'On one line, without control characters.')
const Note = z
  .string()
  .max(500)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'On one line, without control characters.')

export const RULES_MAX = 500

const AnomalyWatch = z.strictObject({
  kind: z.literal('anomaly'),
  types: z.array(z.enum(anomalyTypes)).max(anomalyTypes.length).default([]).describe('All types when empty.'),
  severity_min: z.enum(severities).default('medium'),
  confidence_min: z.number().min(0).max(1).default(0),
})

const ThresholdWatch = z
  .strictObject({
    kind: z.literal('threshold'),
    measure: z.string().refine((id) => measures.has(id), 'One of GET /api/v1/measures.'),
    direction: z.enum(['above', 'below']),
    raise_at: z.number().describe('Raised when the mean of a quarter of an hour passes this.'),
    clear_at: z.number().describe('Over when it is back past this: on the other side of raise_at.'),
    for_s: z.number().int().min(0).max(86_400).default(0).describe('Only when it lasted for so long.'),
    severity: z.enum(severities).default('medium'),
  })
  .refine(
    ({ direction, raise_at, clear_at }) => (direction === 'above' ? clear_at <= raise_at : clear_at >= raise_at),
    { error: 'clear_at lies on the quiet side of raise_at, or on it.', path: ['clear_at'] },
  )

/** What a rule watches for. */
export const Watches = z.discriminatedUnion('kind', [AnomalyWatch, ThresholdWatch]).meta({ id: 'AlertWatches' })
export type Watches = z.infer<typeof Watches>

const ruleFields = {
  name: Line,
  active: z.boolean(),
  watches: Watches,
  repeat_after_s: z
    .number()
    .int()
    .min(0)
    .max(2_592_000)
    .describe('The same thing again within this time is counted on the alert that is there.'),
  alerts_per_week: z
    .number()
    .min(0.05)
    .max(500)
    .describe('False alerts that are bearable; what people say of alerts sets the threshold by it.'),
}

export const AlertRule = z
  .object({
    rule_id: RuleId,
    site_id: SiteId,
    asset_id: z.string().nullable(),
    ...ruleFields,
    strength_min: z.number().describe('Learnt: findings weaker than this raise no alert. 1 lets all through.'),
    muted_until: Instant.nullable(),
    created_at: Instant,
    changed_at: Instant,
  })
  .meta({ id: 'AlertRule' })
export type AlertRule = z.infer<typeof AlertRule>

export const Alert = z
  .object({
    alert_id: AlertId,
    rule_id: RuleId,
    site_id: SiteId,
    asset_id: z.string().nullable(),
    sensor_id: z.string().nullable(),
    anomaly_id: AnomalyId.nullable().describe('Null for a measure that passed its threshold.'),
    type: z.string().describe('Of the anomaly, or `threshold`.'),
    measure: z.string().nullable(),
    severity: z.enum(severities),
    value: z.number().nullable(),
    expected: z.number().nullable().describe('Of a threshold: where it was raised.'),
    state: z.enum(['open', 'acknowledged', 'resolved']),
    times: z.number().int().describe('How often the same was seen.'),
    raised_at: Instant,
    from: Instant,
    last_seen_at: Instant,
    resolved_at: Instant.nullable(),
    acknowledged_at: Instant.nullable(),
    muted_until: Instant.nullable(),
    verdict: z.enum(['correct', 'false_alarm']).nullable(),
    note: z.string(),
  })
  .meta({ id: 'SiteAlert' })
export type Alert = z.infer<typeof Alert>

export const alertProblems = {
  'sites/unknown-alert': { status: 404, title: 'There is no such alert' },
  'sites/unknown-alert-rule': { status: 404, title: 'There is no such alert rule' },
  'sites/too-many-alert-rules': { status: 409, title: 'There are as many alert rules as there may be' },
  'sites/nothing-to-judge': { status: 409, title: 'Whether a threshold was passed is no matter of opinion' },
} as const satisfies ProblemTable

const byRole = ['accounts/not-signed-in', 'accounts/not-allowed'] as const
const RuleParams = z.object({ rule_id: RuleId })
const AlertParams = z.object({ alert_id: AlertId })
const no_rule = { rule_id: 'alr_00000000000000000000000000' }
const no_alert = { alert_id: 'alt_00000000000000000000000000' }
const nowhere = 'site_00000000000000000000000000'
const everything = {
  name: 'Whatever costs something',
  watches: { kind: 'anomaly', severity_min: 'medium' },
}

export const addAlertRule = route({
  name: 'sites.addAlertRule',
  method: 'POST',
  path: '/api/v1/alert-rules',
  summary: 'Says of what one is to be told',
  needs: 'sites.manage',
  body: z.strictObject({
    site_id: SiteId,
    asset_id: z.string().max(80).nullable().default(null).describe('The whole site unless said.'),
    ...ruleFields,
    active: ruleFields.active.default(true),
    repeat_after_s: ruleFields.repeat_after_s.default(21_600),
    alerts_per_week: ruleFields.alerts_per_week.default(2),
  }),
  output: AlertRule,
  status: 201,
  problems: [...byRole, 'sites/unknown-site', 'sites/unknown-asset', 'sites/too-many-alert-rules'],
  examples: [
    { summary: 'No such site', body: { ...everything, site_id: nowhere }, status: 404 },
    {
      summary: 'A threshold that would never be left again',
      body: {
        site_id: nowhere,
        name: 'Peak',
        watches: { kind: 'threshold', measure: 'grid_power_kw', direction: 'above', raise_at: 100, clear_at: 110 },
      },
      status: 422,
    },
  ],
})

export const listAlertRules = route({
  name: 'sites.listAlertRules',
  method: 'GET',
  path: '/api/v1/alert-rules',
  summary: 'Of what one is told, by name',
  needs: 'sites.read',
  query: z.object({ site_id: SiteId.optional() }),
  output: z.object({ rules: z.array(AlertRule) }),
  problems: byRole,
  examples: [{ summary: 'All' }],
})

export const changeAlertRule = route({
  name: 'sites.changeAlertRule',
  method: 'PATCH',
  path: '/api/v1/alert-rules/{rule_id}',
  summary: 'Changes of what one is told, or mutes it for a time',
  needs: 'sites.manage',
  params: RuleParams,
  body: z.strictObject({
    name: ruleFields.name.optional(),
    active: ruleFields.active.optional(),
    watches: ruleFields.watches.optional(),
    repeat_after_s: ruleFields.repeat_after_s.optional(),
    alerts_per_week: ruleFields.alerts_per_week.optional(),
    muted_until: Instant.nullable().optional(),
  }),
  output: AlertRule,
  problems: [...byRole, 'sites/unknown-alert-rule'],
  examples: [{ summary: 'No such rule', params: no_rule, body: { active: false }, status: 404 }],
})

export const removeAlertRule = route({
  name: 'sites.removeAlertRule',
  method: 'DELETE',
  path: '/api/v1/alert-rules/{rule_id}',
  summary: 'Removes a rule with its alerts; the anomalies stay',
  needs: 'sites.manage',
  params: RuleParams,
  output: z.undefined(),
  status: 204,
  problems: [...byRole, 'sites/unknown-alert-rule'],
  examples: [{ summary: 'No such rule', params: no_rule, status: 404 }],
})

export const listAlerts = route({
  name: 'sites.alerts',
  method: 'GET',
  path: '/api/v1/alerts',
  summary: 'Alerts, the latest first',
  needs: 'sites.read',
  query: z.object({
    site_id: SiteId.optional(),
    state: z.enum(['open', 'acknowledged', 'resolved']).optional(),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  output: z.object({ alerts: z.array(Alert), open: z.number().int().describe('Of all that fit the site.') }),
  problems: byRole,
  examples: [{ summary: 'All' }],
})

export const acknowledgeAlert = route({
  name: 'sites.acknowledgeAlert',
  method: 'POST',
  path: '/api/v1/alerts/{alert_id}/acknowledge',
  summary: 'Says that somebody takes care of it',
  needs: 'sites.operate',
  params: AlertParams,
  output: Alert,
  problems: [...byRole, 'sites/unknown-alert'],
  examples: [{ summary: 'No such alert', params: no_alert, status: 404 }],
})

export const muteAlert = route({
  name: 'sites.muteAlert',
  method: 'POST',
  path: '/api/v1/alerts/{alert_id}/mute',
  summary: 'Tells no more of the same thing until then',
  needs: 'sites.operate',
  params: AlertParams,
  body: z.strictObject({ until: Instant.nullable().describe('Null lets it be heard again.') }),
  output: Alert,
  problems: [...byRole, 'sites/unknown-alert'],
  examples: [{ summary: 'No such alert', params: no_alert, body: { until: '2026-12-01T00:00:00Z' }, status: 404 }],
})

export const judgeAlert = route({
  name: 'sites.judgeAlert',
  method: 'POST',
  path: '/api/v1/alerts/{alert_id}/feedback',
  summary: 'Says whether it was right, and tunes the rule by it',
  description:
    'The rule’s `strength_min` becomes the lowest with which the false alerts of the last eight weeks would have stayed within its budget; confidence of like findings follows.',
  needs: 'sites.operate',
  params: AlertParams,
  body: z.strictObject({ verdict: z.enum(['correct', 'false_alarm']), note: Note.default('') }),
  output: z.object({ alert: Alert, rule: AlertRule }),
  problems: [...byRole, 'sites/unknown-alert', 'sites/nothing-to-judge'],
  examples: [{ summary: 'No such alert', params: no_alert, body: { verdict: 'correct' }, status: 404 }],
})
