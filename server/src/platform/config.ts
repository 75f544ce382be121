import { BlockList, isIP, isIPv4 } from 'node:net'
import { resolve } from 'node:path'
import { routeLimits, type RouteLimit } from '@tidemark/core/lib/contract.ts'
import { defaultLimits, type Limit, type LimitedBy, type LimitTable } from './limits.ts'

/** The folder that holds `package.json`, `web/dist` and, unless told otherwise, the data. */
export const checkout = resolve(import.meta.dirname, '../../..')

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export interface Config {
  host: string
  port: number
  /** Absolute path of the folder for the embedded database, the keys and the files. */
  data_dir: string
  /** A PostgreSQL address; undefined means the embedded database in `data_dir`. */
  database_url?: string
  /** Key-encryption key, 32 bytes in base64 or hex, or a passphrase; undefined means one made and kept in `data_dir`. */
  kek?: string
  log_level: LogLevel
  /** A mail server, with account and password; undefined keeps mails in the local outbox. */
  smtp_url?: string
  /** Sender of every mail. */
  mail_from: string
  /** Where people reach this service, as a browser writes an origin; undefined means the address it listens on. */
  public_origin?: string
  /** Addresses and networks whose word on the caller's address is taken: `10.0.0.2`, `10.1.0.0/16`. */
  trusted_proxies: readonly string[]
  /** How often what may be asked. */
  rate_limits: LimitTable | 'off'
  /** For tests alone, and set by no variable: webhooks may go to this machine, with a certificate of this authority. */
  test_loopback?: { ca: string }
  /** Where else people can sign in. */
  providers: readonly SignInProvider[]
  /** Single readings are kept for so many months, here for everybody; 0 keeps them. */
  readings_kept_months: number
  /** Where devices may send by MQTT: a broker of our own, off unless a port is given. */
  mqtt: { host: string; port: number } | undefined
  /** A broker elsewhere whose messages are taken in; undefined for none. */
  mqtt_url?: string
  /** Which of the above were set by the environment, by the name of the variable. */
  from_environment: readonly string[]
}

/** A service that says who somebody is, by OpenID Connect. */
export interface SignInProvider {
  /** Part of addresses: `google`. */
  id: string
  /** On the button. */
  name: string
  issuer: string
  client_id: string
  client_secret: string
}

/** A setting that cannot work. The message is a sentence for the person who typed it. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/**
 * Reads the settings from environment variables; an empty value counts as not set.
 * @throws ConfigError naming the variable, what it holds and what it may hold.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.keys(variables).filter((name) => env[name] !== undefined && env[name] !== '')
  const read = (name: string) => (set.includes(name) ? env[name] : undefined)
  const host = read('HOST') ?? '127.0.0.1'
  return {
    host,
    port: readPort(read('PORT')),
    data_dir: resolve(checkout, read('TIDEMARK_DATA') ?? '.tidemark'),
    database_url: readDatabaseUrl(read('DATABASE_URL')),
    kek: readKek(read('TIDEMARK_KEK')),
    log_level: readLogLevel(read('LOG_LEVEL')),
    smtp_url: readSmtpUrl(read('SMTP_URL')),
    mail_from: readMailFrom(read('MAIL_FROM')),
    public_origin: readOrigin(read('PUBLIC_ORIGIN')),
    trusted_proxies: readProxies(read('TRUSTED_PROXIES')),
    rate_limits: readLimits(read('RATE_LIMITS'), host),
    providers: readProviders(read),
    readings_kept_months: readMonths(read('READINGS_KEPT_MONTHS')),
    mqtt: readMqtt(read('MQTT_PORT'), read('MQTT_HOST')),
    mqtt_url: readMqttUrl(read('MQTT_URL')),
    from_environment: set,
  }
}

/** Each variable with what it is for, in the order in which a person wants to read them. */
export const variables = {
  HOST: 'address to listen on',
  PORT: 'port to listen on; 0 takes a free one',
  TIDEMARK_DATA: 'folder for the embedded database, keys and files',
  DATABASE_URL: 'PostgreSQL address; embedded database when unset',
  TIDEMARK_KEK: 'key-encryption key (openssl rand -base64 32); made and kept in the data folder when unset',
  LOG_LEVEL: `one of ${logLevels.join(', ')}`,
  SMTP_URL: 'mail server (smtps://user:password@host:465); mails stay in the local outbox when unset',
  MAIL_FROM: 'sender of mails',
  PUBLIC_ORIGIN: 'where people reach this service, such as https://carbon.example; http://HOST:PORT when unset',
  TRUSTED_PROXIES: 'proxies whose X-Forwarded-* headers are believed, such as 10.0.0.2,10.1.0.0/16; none when unset',
  RATE_LIMITS: 'changes to the limits, such as {"api":{"key":{"count":6000,"window_s":60}}}; off for load tests',
  GOOGLE_CLIENT_ID: 'sign-in with Google, together with GOOGLE_CLIENT_SECRET; off when unset',
  GOOGLE_CLIENT_SECRET: 'the secret that belongs to GOOGLE_CLIENT_ID',
  MICROSOFT_CLIENT_ID:
    'sign-in with Microsoft, together with MICROSOFT_CLIENT_SECRET and MICROSOFT_TENANT; off when unset',
  MICROSOFT_CLIENT_SECRET: 'the secret that belongs to MICROSOFT_CLIENT_ID',
  MICROSOFT_TENANT: 'the tenant whose people may sign in with Microsoft, as an id',
  OIDC_ISSUER:
    'any other OpenID Connect provider, such as https://id.example; needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET',
  OIDC_CLIENT_ID: 'the name of this service at OIDC_ISSUER',
  OIDC_CLIENT_SECRET: 'the secret that belongs to OIDC_CLIENT_ID',
  READINGS_KEPT_MONTHS: 'months for which single readings of sensors are kept; 0 keeps them all',
  MQTT_PORT: 'port of a broker for devices; off when unset',
  MQTT_HOST:
    'address for MQTT_PORT to listen on; devices send their keys there, so beyond this machine put TLS before it',
  MQTT_URL: 'a broker whose messages under tidemark/ are taken in, such as mqtts://user:password@broker.example',
  OIDC_NAME: 'what the button of OIDC_ISSUER says',
} as const

export interface ConfigLine {
  name: string
  value: string
  source: 'environment' | 'default'
  purpose: string
}

/** Lists what is in force and where it came from. Secrets are masked, so the list can be pasted anywhere. */
export function describeConfig(config: Config): ConfigLine[] {
  const values: Partial<Record<keyof typeof variables, string>> = {
    HOST: config.host,
    PORT: String(config.port),
    TIDEMARK_DATA: config.data_dir,
    DATABASE_URL: config.database_url ? withoutPassword(config.database_url) : '(embedded)',
    TIDEMARK_KEK: config.kek ? '(set, not shown)' : '(kept in the data folder)',
    LOG_LEVEL: config.log_level,
    SMTP_URL: config.smtp_url ? withoutPassword(config.smtp_url) : '(local outbox)',
    MAIL_FROM: config.mail_from,
    PUBLIC_ORIGIN: publicOrigin(config),
    TRUSTED_PROXIES: config.trusted_proxies.join(',') || '(none)',
    RATE_LIMITS: config.rate_limits === 'off' ? 'off' : JSON.stringify(config.rate_limits),
    READINGS_KEPT_MONTHS: String(config.readings_kept_months),
    MQTT_PORT: config.mqtt ? String(config.mqtt.port) : '(off)',
    MQTT_HOST: config.mqtt?.host ?? '127.0.0.1',
    MQTT_URL: config.mqtt_url ? withoutPassword(config.mqtt_url) : '(none)',
    ...Object.fromEntries(providerVariables.map((name) => [name, describeProvider(config, name)])),
  }
  return (Object.keys(variables) as (keyof typeof variables)[]).map((name) => ({
    name,
    value: values[name] ?? '(none)',
    source: config.from_environment.includes(name) ? 'environment' : 'default',
    purpose: variables[name],
  }))
}

function readPort(text = '3000'): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65535) {
    throw new ConfigError(`PORT is "${text}", and a port is a whole number from 0 to 65535.`)
  }
  return port
}

function readMonths(text = '0'): number {
  const months = Number(text)
  if (/^\d{1,4}$/.test(text) && months <= 1_200) return months
  throw new ConfigError(
    `READINGS_KEPT_MONTHS is "${text}", and it is a whole number of months from 0, which keeps all, to 1200.`,
  )
}

function readMqtt(port: string | undefined, host = '127.0.0.1'): Config['mqtt'] {
  if (port === undefined) return undefined
  if (/^\d{1,5}$/.test(port) && Number(port) <= 65535) return { host, port: Number(port) }
  throw new ConfigError(`MQTT_PORT is "${port}", and a port is a whole number from 0 to 65535.`)
}

function readMqttUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (URL.canParse(text) && ['mqtt:', 'mqtts:', 'ws:', 'wss:'].includes(new URL(text).protocol)) return text
  throw new ConfigError('MQTT_URL is not a broker. It looks like mqtts://user:password@broker.example:8883.')
}

function readDatabaseUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['postgres:', 'postgresql:'].includes(url.protocol)) {
    throw new ConfigError(
      'DATABASE_URL is not a PostgreSQL address. It looks like postgres://user:password@host:5432/database; leave it unset for the embedded database.',
    )
  }
  return text
}

function readSmtpUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (!URL.canParse(text) || !['smtp:', 'smtps:'].includes(new URL(text).protocol)) {
    throw new ConfigError('SMTP_URL is not a mail server. It looks like smtps://user:password@mail.example.org:465.')
  }
  return text
}

function readMailFrom(text = 'tidemark@localhost'): string {
  if (!/^[^\s<>@,;]+@[^\s<>@,;]+$/.test(text)) {
    throw new ConfigError(`MAIL_FROM is "${text}", and it is one address such as tidemark@example.org.`)
  }
  return text
}

/** What form it has is the keyring's business; here only what can be no key at all is refused. */
function readKek(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (text.length < 15) {
    throw new ConfigError(
      'TIDEMARK_KEK is too short: it is 32 bytes in base64 or hex, or a passphrase of 15 characters or more. Make one with: openssl rand -base64 32',
    )
  }
  return text
}

function readLogLevel(text = 'info'): LogLevel {
  const level = logLevels.find((known) => known === text.toLowerCase())
  if (!level) throw new ConfigError(`LOG_LEVEL is "${text}", and it is one of ${logLevels.join(', ')}.`)
  return level
}

function withoutPassword(text: string): string {
  const url = new URL(text)
  if (url.password) url.password = '***'
  // Drivers accept the password as a parameter too.
  if (url.searchParams.has('password')) url.searchParams.set('password', '***')
  return url.toString()
}

/** Whether only this machine can reach what listens there. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true
  if (isIP(host) === 0) return false
  return loopback.check(host, isIPv4(host) ? 'ipv4' : 'ipv6')
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/**
 * Where people reach the service as far as the settings tell: with PORT=0 the port is not known before it listens, and is
 * left out. `ctx.origin()` knows.
 */
export function publicOrigin({ public_origin, host, port }: Pick<Config, 'host' | 'port' | 'public_origin'>): string {
  if (public_origin !== undefined) return public_origin
  return new URL(`http://${host.includes(':') ? `[${host}]` : host}${port === 0 ? '' : `:${port}`}`).origin
}

/** Whether browsers reach the service over https, so that cookies can demand it. */
export function isSecure(config: Pick<Config, 'public_origin'>): boolean {
  return config.public_origin?.startsWith('https:') ?? false
}

function readOrigin(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  const is_origin = url !== undefined && url.href === `${url.origin}/` && !/[?#]/.test(text)
  if (!is_origin || !['http:', 'https:'].includes(url.protocol)) {
    throw new ConfigError(
      `PUBLIC_ORIGIN is "${text}", and it is scheme, name and, when it is not the usual one, port: https://carbon.example`,
    )
  }
  return url.origin
}

function readProxies(text: string | undefined): string[] {
  if (text === undefined) return []
  return text.split(',').map((part) => {
    const [address = '', bits, more] = part.trim().split('/')
    const bits_max = isIPv4(address) ? 32 : 128
    const is_network = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= bits_max)
    if (isIP(address) === 0 || !is_network || more !== undefined) {
      throw new ConfigError(
        `TRUSTED_PROXIES holds "${part.trim()}", and each of them is an address or a network: 10.0.0.2,10.1.0.0/16`,
      )
    }
    return part.trim()
  })
}

const LIMITS_EXAMPLE = '{"api":{"key":{"count":6000,"window_s":60}}}'

function readLimits(text: string | undefined, host: string): LimitTable | 'off' {
  if (text === undefined) return defaultLimits
  if (text === 'off') {
    if (isLoopback(host)) return 'off'
    throw new ConfigError(
      `RATE_LIMITS is off and HOST is ${host}: limits can be off only where nobody but this machine asks. Raise them instead: ${LIMITS_EXAMPLE}`,
    )
  }
  let changes: unknown
  try {
    changes = JSON.parse(text)
  } catch {
    throw new ConfigError(`RATE_LIMITS is neither "off" nor JSON such as ${LIMITS_EXAMPLE}`)
  }
  return mergeLimits(changes)
}

function mergeLimits(changes: unknown): LimitTable {
  const table: Record<RouteLimit, Partial<Record<LimitedBy, Limit>>> = structuredClone(defaultLimits)
  for (const [policy, by_whom] of entriesOf(changes)) {
    const name = routeLimits.find((known) => known === policy)
    if (!name) throw wrongLimit(`"${policy}" is none of ${routeLimits.join(', ')}`)
    for (const [by, limit] of entriesOf(by_whom)) {
      const whom = limitedBy.find((known) => known === by)
      if (!whom) throw wrongLimit(`"${by}" is none of ${limitedBy.join(', ')}`)
      const { count, window_s } = Object.fromEntries(entriesOf(limit)) as Partial<Limit>
      if (!isWhole(count) || !isWhole(window_s))
        throw wrongLimit(`${policy}.${by} has no count and window_s that are whole numbers above 0`)
      table[name][whom] = { count, window_s }
    }
  }
  return table
}

const limitedBy = ['key', 'person', 'address', 'account'] as const satisfies LimitedBy[]

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}

function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongLimit('an object is missing')
  return Object.entries(value)
}

function wrongLimit(what: string): ConfigError {
  return new ConfigError(`RATE_LIMITS: ${what}. It looks like ${LIMITS_EXAMPLE}`)
}

const providerVariables = [
  'GOOGLE_CLIENT_ID',
  'GOOGLE_CLIENT_SECRET',
  'MICROSOFT_CLIENT_ID',
  'MICROSOFT_CLIENT_SECRET',
  'MICROSOFT_TENANT',
  'OIDC_ISSUER',
  'OIDC_CLIENT_ID',
  'OIDC_CLIENT_SECRET',
  'OIDC_NAME',
] as const
type ProviderVariable = (typeof providerVariables)[number]

/** A provider is there when everything that belongs to it is; half of it is a mistake that is said at start. */
function readProviders(read: (name: ProviderVariable) => string | undefined): SignInProvider[] {
  const providers: SignInProvider[] = []
  const add = (id: string, name: string, issuer: string | undefined, needed: readonly ProviderVariable[]) => {
    const missing = needed.filter((each) => read(each) === undefined)
    if (missing.length === needed.length) return
    if (missing.length > 0) throw new ConfigError(`Sign-in with ${name} needs ${missing.join(' and ')} as well.`)
    const [client_id, client_secret] = needed.map((each) => read(each) ?? '')
    if (issuer === undefined || !isProviderAddress(issuer)) {
      throw new ConfigError(
        `The issuer of ${name} is "${issuer ?? ''}", and it is an address such as https://id.example.`,
      )
    }
    providers.push({ id, name, issuer, client_id: client_id ?? '', client_secret: client_secret ?? '' })
  }
  add('google', 'Google', 'https://accounts.google.com', ['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET'])
  add('microsoft', 'Microsoft', `https://login.microsoftonline.com/${read('MICROSOFT_TENANT') ?? ''}/v2.0`, [
    'MICROSOFT_CLIENT_ID',
    'MICROSOFT_CLIENT_SECRET',
    'MICROSOFT_TENANT',
  ])
  add('oidc', read('OIDC_NAME') ?? 'OpenID Connect', read('OIDC_ISSUER'), [
    'OIDC_CLIENT_ID',
    'OIDC_CLIENT_SECRET',
    'OIDC_ISSUER',
  ])
  return providers
}

/** Plain http for a provider on this machine only: a test, or a proxy beside the server. */
function isProviderAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replaceAll(/^\[|\]$/g, '')))
}

function describeProvider({ providers, from_environment }: Config, variable: ProviderVariable): string {
  const id = variable.split('_')[0]?.toLowerCase()
  const provider = providers.find((each) => each.id === id)
  if (!provider || !from_environment.includes(variable)) return '(none)'
  if (variable.endsWith('SECRET')) return '(set, not shown)'
  if (variable.endsWith('ISSUER') || variable.endsWith('TENANT')) return provider.issuer
  return variable.endsWith('NAME') ? provider.name : provider.client_id
}
