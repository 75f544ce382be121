import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkout, ConfigError, describeConfig, publicOrigin, readConfig } from './config.ts'
import { defaultLimits } from './limits.ts'

test('with nothing set everything has a value that works', () => {
  expect(readConfig({})).toEqual({
    host: '127.0.0.1',
    port: 3000,
    data_dir: join(checkout, '.tidemark'),
    database_url: undefined,
    kek: undefined,
    log_level: 'info',
    smtp_url: undefined,
    mail_from: 'tidemark@localhost',
    public_origin: undefined,
    trusted_proxies: [],
    rate_limits: defaultLimits,
    providers: [],
    readings_kept_months: 0,
    mqtt: undefined,
    mqtt_url: undefined,
    from_environment: [],
  })
  expect(readConfig({ PORT: '', DATABASE_URL: '' })).toEqual(readConfig({}))
})

test.each([
  [{ PORT: '70000' }, 'PORT is "70000", and a port is a whole number from 0 to 65535.'],
  [{ PORT: '3000x' }, 'PORT is "3000x"'],
  [{ PORT: '-1' }, 'PORT is "-1"'],
  [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL is "loud", and it is one of trace, debug'],
  [{ DATABASE_URL: 'mysql://h/d' }, 'DATABASE_URL is not a PostgreSQL address'],
  [{ MQTT_PORT: 'yes' }, 'MQTT_PORT is "yes"'],
  [{ MQTT_URL: 'https://broker.example' }, 'MQTT_URL is not a broker'],
  [{ READINGS_KEPT_MONTHS: '-3' }, 'READINGS_KEPT_MONTHS is "-3"'],
  [{ DATABASE_URL: 'localhost' }, 'DATABASE_URL is not a PostgreSQL address'],
  [{ SMTP_URL: 'http://mail' }, 'SMTP_URL is not a mail server'],
  [{ MAIL_FROM: 'a@b.example, c@d.example' }, 'and it is one address'],
  [{ TIDEMARK_KEK: 'short' }, 'TIDEMARK_KEK is too short'],
  [{ PUBLIC_ORIGIN: 'carbon.example' }, 'PUBLIC_ORIGIN is "carbon.example"'],
  [{ PUBLIC_ORIGIN: 'https://carbon.example/app' }, 'PUBLIC_ORIGIN is'],
  [{ PUBLIC_ORIGIN: 'ftp://carbon.example' }, 'PUBLIC_ORIGIN is'],
  [{ PUBLIC_ORIGIN: 'https://ann:hush@carbon.example' }, 'PUBLIC_ORIGIN is'],
  [{ TRUSTED_PROXIES: '10.0.0.1,proxy' }, 'TRUSTED_PROXIES holds "proxy"'],
  [{ TRUSTED_PROXIES: '10.0.0.0/33' }, 'TRUSTED_PROXIES holds "10.0.0.0/33"'],
  [{ TRUSTED_PROXIES: 'true' }, 'TRUSTED_PROXIES holds "true"'],
  [{ RATE_LIMITS: 'off', HOST: '0.0.0.0' }, 'RATE_LIMITS is off and HOST is 0.0.0.0'],
  [{ RATE_LIMITS: 'none' }, 'RATE_LIMITS is neither "off" nor JSON'],
  [{ RATE_LIMITS: '{"fast":{}}' }, '"fast" is none of login, api, upload, verify'],
  [{ RATE_LIMITS: '{"api":{"planet":{"count":1,"window_s":1}}}' }, '"planet" is none of key, person'],
  [{ RATE_LIMITS: '{"api":{"key":{"count":0,"window_s":1}}}' }, 'whole numbers above 0'],
  [{ RATE_LIMITS: '{"api":null}' }, 'an object is missing'],
])('%j is refused with a sentence', (env, sentence) => {
  expect(() => readConfig(env)).toThrow(ConfigError)
  expect(() => readConfig(env)).toThrow(sentence)
})

test('the description says what is in force and where it came from, and shows no secret', () => {
  const kek = randomBytes(32).toString('base64')
  const lines = describeConfig(
    readConfig({ PORT: '0', TIDEMARK_KEK: kek, DATABASE_URL: 'postgres://ann:hush@db/t?password=hush' }),
  )
  expect(lines.find((line) => line.name === 'PORT')).toMatchObject({ value: '0', source: 'environment' })
  expect(lines.find((line) => line.name === 'HOST')).toMatchObject({ value: '127.0.0.1', source: 'default' })
  expect(lines.find((line) => line.name === 'DATABASE_URL')?.value).toContain('postgres://ann:***@db/t')
  expect(JSON.stringify(lines)).not.toContain('hush')
  expect(JSON.stringify(lines)).not.toContain(kek)
})

test('limits that are changed stand beside those that are not', () => {
  const { rate_limits } = readConfig({ RATE_LIMITS: '{"api":{"key":{"count":6000,"window_s":60}}}' })
  expect(rate_limits).toEqual({ ...defaultLimits, api: { ...defaultLimits.api, key: { count: 6000, window_s: 60 } } })
  expect(readConfig({ RATE_LIMITS: 'off', HOST: '::1' }).rate_limits).toBe('off')
})

test.each([
  [{}, 'http://127.0.0.1:3000'],
  [{ HOST: '::1', PORT: '80' }, 'http://[::1]'],
  [{ PORT: '0' }, 'http://127.0.0.1'],
  [{ PUBLIC_ORIGIN: 'https://carbon.example/' }, 'https://carbon.example'],
  [{ PUBLIC_ORIGIN: 'HTTPS://Carbon.example:443' }, 'https://carbon.example'],
])('with %j people reach it at %s', (env, expected) => {
  expect(publicOrigin(readConfig(env))).toBe(expected)
})

test('a provider for signing in is there when everything that belongs to it is, and its secret is not shown', () => {
  const env = { GOOGLE_CLIENT_ID: 'tidemark', GOOGLE_CLIENT_SECRET: 'hush' }
  const config = readConfig(env)
  expect(config.providers).toEqual([
    {
      id: 'google',
      name: 'Google',
      issuer: 'https://accounts.google.com',
      client_id: 'tidemark',
      client_secret: 'hush',
    },
  ])
  expect(JSON.stringify(describeConfig(config))).not.toContain('hush')
  expect(() => readConfig({ GOOGLE_CLIENT_ID: 'tidemark' })).toThrow('Sign-in with Google needs GOOGLE_CLIENT_SECRET')
})

test.each(['http://id.example', 'id.example', 'file:///etc'])(
  '%s is no issuer to ask over a network',
  (OIDC_ISSUER) => {
    expect(() => readConfig({ OIDC_ISSUER, OIDC_CLIENT_ID: 'a', OIDC_CLIENT_SECRET: 'b' })).toThrow(
      'is an address such as',
    )
  },
)
