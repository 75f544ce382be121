import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { lets, tunedStrength } from '@tidemark/core/sites/alert-rules.ts'
import * as contract from '@tidemark/core/sites/alerts-contract.ts'
import type { AuditAction } from '@tidemark/core/audit/actions.ts'
import { z } from 'zod'
import { record } from '../audit/service.ts'
import { bind } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { enqueue, jobKind } from '../platform/jobs.ts'
import { organisationOf } from '../platform/tenancy.ts'
import * as store from './alerts-store.ts'
import { findAnomaly, listAnomalies, updateAnomaly } from './anomalies-store.ts'
import { knownSite } from './service.ts'

/** Looks at a site, and raises what its rules ask for. */
export const detectKind = jobKind('sites.detect', z.object({ site_id: z.string(), organisation_id: z.string() }))

/** Feedback looks back this far. */
const TUNING_MS = 56 * 86_400_000
const WEEK_MS = 604_800_000

async function addRule(
  ctx: Context,
  input: InputOf<typeof contract.addAlertRule>,
): Promise<OutputOf<typeof contract.addAlertRule>> {
  const organisation_id = organisationOf(ctx)
  const created_at = ctx.now()
  const rule: store.RuleRow = {
    ...input,
    rule_id: newId('alr', created_at),
    organisation_id,
    strength_min: 1,
    muted_until: null,
    states: {},
    created_at,
    changed_at: created_at,
  }
  return ctx.db.transaction(async (tx) => {
    const site = await knownSite({ ...ctx, db: tx }, input.site_id)
    const { asset_id } = rule
    if (asset_id !== null && !site.assets.some((asset) => asset.asset_id === asset_id)) {
      throw new Problem('sites/unknown-asset', { detail: `There is no asset "${asset_id}" on this site.`, asset_id })
    }
    const there = (await store.listRules(tx, organisation_id)).length
    if (there >= contract.RULES_MAX) {
      const detail = `An organisation has at most ${contract.RULES_MAX} alert rules; there are ${there}.`
      throw new Problem('sites/too-many-alert-rules', { detail, rules_max: contract.RULES_MAX })
    }
    await store.insertRule(tx, rule)
    // What goes on already is told at once, not with the next readings.
    await enqueue(tx, detectKind, { site_id: rule.site_id, organisation_id })
    await noteRule({ ...ctx, db: tx }, 'sites.alert_rule_added', rule.rule_id, undefined, rule)
    return shownRule(rule)
  })
}

async function listRules(
  ctx: Context,
  { site_id }: InputOf<typeof contract.listAlertRules>,
): Promise<OutputOf<typeof contract.listAlertRules>> {
  return { rules: (await store.listRules(ctx.db, organisationOf(ctx), site_id)).map(shownRule) }
}

async function changeRule(
  ctx: Context,
  { rule_id, muted_until, ...changes }: InputOf<typeof contract.changeAlertRule>,
): Promise<OutputOf<typeof contract.changeAlertRule>> {
  return ctx.db.transaction(async (tx) => {
    const before = await knownRule({ ...ctx, db: tx }, rule_id)
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
    const after: store.RuleRow = {
      ...before,
      ...given,
      ...(muted_until === undefined ? {} : { muted_until: muted_until === null ? null : new Date(muted_until) }),
      // Another threshold begins anew, with what comes from now on.
      ...(changes.watches === undefined ? {} : { states: {}, created_at: ctx.now() }),
      changed_at: ctx.now(),
    }
    const { rule_id: _, organisation_id: __, site_id: ___, ...columns } = after
    await store.updateRule(tx, rule_id, columns)
    await enqueue(tx, detectKind, { site_id: after.site_id, organisation_id: after.organisation_id })
    await noteRule({ ...ctx, db: tx }, 'sites.alert_rule_changed', rule_id, before, after)
    return shownRule(after)
  })
}

async function removeRule(ctx: Context, { rule_id }: { rule_id: string }): Promise<undefined> {
  await ctx.db.transaction(async (tx) => {
    const before = await knownRule({ ...ctx, db: tx }, rule_id)
    await store.deleteRule(tx, rule_id)
    await noteRule({ ...ctx, db: tx }, 'sites.alert_rule_removed', rule_id, before, undefined)
  })
}

async function listAlerts(
  ctx: Context,
  input: InputOf<typeof contract.listAlerts>,
): Promise<OutputOf<typeof contract.listAlerts>> {
  const organisation_id = organisationOf(ctx)
  const rows = await store.listAlerts(ctx.db, organisation_id, input)
  return { alerts: rows.map(shownAlert), open: await store.countOpen(ctx.db, organisation_id, input.site_id) }
}

async function acknowledge(ctx: Context, { alert_id }: { alert_id: string }): Promise<contract.Alert> {
  const change = (alert: store.AlertRow) => ({ acknowledged_at: alert.acknowledged_at ?? ctx.now() })
  return shownAlert(await changeAlert(ctx, alert_id, 'sites.alert_acknowledged', change))
}

async function mute(
  ctx: Context,
  { alert_id, until }: InputOf<typeof contract.muteAlert>,
): Promise<OutputOf<typeof contract.muteAlert>> {
  const change = () => ({ muted_until: until === null ? null : new Date(until) })
  return shownAlert(await changeAlert(ctx, alert_id, 'sites.alert_muted', change))
}

/** Notes what somebody says of an alert, and sets its rule's limit by all that was said. */
async function judge(
  ctx: Context,
  { alert_id, verdict, note }: InputOf<typeof contract.judgeAlert>,
): Promise<OutputOf<typeof contract.judgeAlert>> {
  return ctx.db.transaction(async (tx) => {
    const inner = { ...ctx, db: tx }
    const alert = await changeAlert(inner, alert_id, 'sites.alert_judged', ({ anomaly_id }) => {
      if (anomaly_id === null) {
        throw new Problem('sites/nothing-to-judge', {
          detail: 'The alert tells of a measure that passed its threshold. Change the threshold of its rule.',
        })
      }
      return { verdict, note }
    })
    const anomaly = alert.anomaly_id === null ? undefined : await findAnomaly(tx, alert.anomaly_id)
    if (anomaly !== undefined) await updateAnomaly(tx, anomaly.anomaly_id, { verdict, judged_at: ctx.now() })
    const rule = await tune(inner, await knownRule(inner, alert.rule_id))
    return { alert: shownAlert(alert), rule: shownRule(rule) }
  })
}

async function tune(ctx: Context, rule: store.RuleRow): Promise<store.RuleRow> {
  const { watches, site_id, organisation_id, created_at, alerts_per_week } = rule
  if (watches.kind !== 'anomaly') return rule
  const from = new Date(ctx.now().getTime() - TUNING_MS)
  const found = await listAnomalies(ctx.db, organisation_id, { site_id, from, limit: 10_000 })
  const matching = found.filter(({ type, asset_id, severity, strength, told }) =>
    lets(watches, { ...rule, strength_min: 1 }, { type, asset_id, severity, strength, confidence: told.confidence }),
  )
  // Anomalies are found in the weeks before the rule too: the budget is counted over what was looked at.
  const earliest_ms = Math.min(created_at.getTime(), ...matching.map(({ from_at }) => from_at.getTime()))
  const weeks = Math.max(1, (ctx.now().getTime() - Math.max(earliest_ms, from.getTime())) / WEEK_MS)
  const strength_min = tunedStrength(matching, weeks, alerts_per_week)
  const after = { ...rule, strength_min, changed_at: ctx.now() }
  await store.updateRule(ctx.db, rule.rule_id, { strength_min, changed_at: after.changed_at })
  return after
}

async function changeAlert(
  ctx: Context,
  alert_id: string,
  action: AuditAction,
  changeOf: (alert: store.AlertRow) => Partial<store.AlertRow>,
): Promise<store.AlertRow> {
  return ctx.db.transaction(async (tx) => {
    const before = await store.findAlert(tx, organisationOf(ctx), alert_id)
    if (before === undefined) {
      throw new Problem('sites/unknown-alert', { detail: `There is no alert "${alert_id}".`, alert_id })
    }
    const change = changeOf(before)
    const after = { ...before, ...change }
    await store.updateAlert(tx, alert_id, change)
    const standing = ({ acknowledged_at, muted_until, verdict }: store.AlertRow) => ({
      acknowledged: acknowledged_at !== null,
      muted_until: muted_until?.toISOString() ?? null,
      verdict,
    })
    await record(
      { ...ctx, db: tx },
      { action, resource: { type: 'alert', id: alert_id }, before: standing(before), after: standing(after) },
    )
    return after
  })
}

/** @throws Problem `sites/unknown-alert-rule`, for one of another organisation too. */
async function knownRule(ctx: Context, rule_id: string): Promise<store.RuleRow> {
  const rule = await store.findRule(ctx.db, organisationOf(ctx), rule_id)
  if (rule === undefined) {
    throw new Problem('sites/unknown-alert-rule', { detail: `There is no alert rule "${rule_id}".`, rule_id })
  }
  return rule
}

async function noteRule(
  ctx: Context,
  action: AuditAction,
  rule_id: string,
  before: store.RuleRow | undefined,
  after: store.RuleRow | undefined,
): Promise<void> {
  const standing = (rule: store.RuleRow | undefined) =>
    rule && {
      site_id: rule.site_id,
      asset_id: rule.asset_id,
      active: rule.active,
      watches: rule.watches,
      alerts_per_week: rule.alerts_per_week,
      muted_until: rule.muted_until?.toISOString() ?? null,
    }
  const resource = { type: 'alert_rule', id: rule_id }
  await record(ctx, { action, resource, before: standing(before), after: standing(after) })
}

function shownRule(row: store.RuleRow): contract.AlertRule {
  const { organisation_id: _, states: __, ...rule } = row
  return {
    ...rule,
    muted_until: rule.muted_until?.toISOString() ?? null,
    created_at: rule.created_at.toISOString(),
    changed_at: rule.changed_at.toISOString(),
  }
}

export function shownAlert(row: store.AlertRow): contract.Alert {
  const { organisation_id: _, subject: __, told, from_at, ...alert } = row
  const { resolved_at, acknowledged_at } = alert
  return {
    ...alert,
    ...told,
    state: resolved_at !== null ? 'resolved' : acknowledged_at !== null ? 'acknowledged' : 'open',
    raised_at: alert.raised_at.toISOString(),
    from: from_at.toISOString(),
    last_seen_at: alert.last_seen_at.toISOString(),
    resolved_at: resolved_at?.toISOString() ?? null,
    acknowledged_at: acknowledged_at?.toISOString() ?? null,
    muted_until: alert.muted_until?.toISOString() ?? null,
  }
}

export const alertsBindings = [
  bind(contract.addAlertRule, addRule),
  bind(contract.listAlertRules, listRules),
  bind(contract.changeAlertRule, changeRule),
  bind(contract.removeAlertRule, removeRule),
  bind(contract.listAlerts, listAlerts),
  bind(contract.acknowledgeAlert, acknowledge),
  bind(contract.muteAlert, mute),
  bind(contract.judgeAlert, judge),
]
