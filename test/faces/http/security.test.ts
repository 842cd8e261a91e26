import { createHash } from 'node:crypto'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ConfigSchema } from '../../../src/config/schema.ts'
import { Gatekeeper } from '../../../src/faces/http/auth.ts'
import { makeApi, type TestApi } from '../support/api.ts'

const digest = (key: string) => createHash('sha256').update(key).digest('hex')
const KEYS = [
  { name: 'reader', sha256: digest('reader-key'), scopes: ['read'] },
  { name: 'program', sha256: digest('program-key'), scopes: ['analyse'] },
  { name: 'boss', sha256: digest('boss-key'), scopes: ['admin'] },
]

let api: TestApi
let home: string | undefined
afterEach(async () => {
  home = undefined
  await api?.close()
})

async function listening({ app }: TestApi): Promise<string> {
  home ??= await app.listen({ host: '127.0.0.1', port: 0 })
  return home
}

describe('who may ask', () => {
  it('refuses to be open to the network without a key', () => {
    const settings = (more: object) => ConfigSchema.parse({ api: { host: '0.0.0.0', ...more } }).api
    expect(() => new Gatekeeper(settings({}))).toThrow(/oddline api-key/)
    expect(() => new Gatekeeper(settings({ key_sha256: digest('x') }))).not.toThrow()
  })

  it.each([
    ['GET', '/findings', undefined, 401],
    ['GET', '/findings', 'wrong', 401],
    ['GET', '/findings', 'program-key', 403],
    ['GET', '/findings', 'reader-key', 200],
    ['GET', '/findings', 'boss-key', 200],
    ['POST', '/detect', 'reader-key', 403],
    ['POST', '/detect', 'program-key', 200],
    ['POST', '/models/rollback', 'program-key', 403],
    ['GET', '/metrics', undefined, 401],
    ['GET', '/health', undefined, 200],
    ['POST', '/mcp', 'reader-key', 403],
  ] as const)('%s %s with %s is answered %i', async (method, url, key, status) => {
    api = await makeApi({ api: { keys: KEYS } })
    const headers = key ? { 'x-api-key': key } : {}
    const payload = method === 'POST' ? { log_line: 'x', version: 1 } : undefined
    const response = await api.app.inject({ method, url, headers, payload })
    expect(response.statusCode).toBe(status)
    if (status >= 400) expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  })

  it('without keys answers to no foreign name and to no foreign page', async () => {
    api = await makeApi()
    const ask = async (headers: Record<string, string>) =>
      (await api.app.inject({ url: '/findings', headers })).statusCode
    expect(await ask({ host: 'localhost:8000' })).toBe(200)
    expect(await ask({ host: 'evil.example' })).toBe(403)
    expect(await ask({ host: 'localhost:8000', origin: 'http://evil.example' })).toBe(403)
    expect(await ask({ host: 'localhost:8000', origin: 'http://localhost:8000' })).toBe(200)
  })

  it.each([
    ['X-Forwarded-Host: localhost', { host: 'oddline.example', 'x-forwarded-host': 'localhost' }, '127.0.0.1'],
    ['X-Forwarded-For from a proxy', { 'x-forwarded-for': '127.0.0.1' }, '127.0.0.1'],
    ['Forwarded from a proxy', { forwarded: 'for=127.0.0.1;host=localhost' }, '127.0.0.1'],
    ['X-Real-IP from a proxy', { 'x-real-ip': '127.0.0.1' }, '127.0.0.1'],
    ['Via from a proxy', { via: '1.1 cache' }, '127.0.0.1'],
    ['another peer', {}, '192.0.2.7'],
    ['an IPv6 peer', {}, '2001:db8::7'],
    ['an image of another page', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, '127.0.0.1'],
    ['a name that only begins like this host', { host: 'localhost.evil.example' }, '127.0.0.1'],
  ])('without keys serves nothing to %s, also where that proxy is trusted', async (_, headers, remoteAddress) => {
    api = await makeApi({ api: { trust_proxy: ['127.0.0.1', '192.0.2.0/24', '2001:db8::/32'] } })
    for (const url of ['/findings', '/health', '/ui/', '/docs/json', '/metrics', '/nothing']) {
      const response = await api.app.inject({ url, headers: { host: 'localhost:8000', ...headers }, remoteAddress })
      expect([url, response.statusCode]).toEqual([url, 403])
    }
  })

  it.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])('without keys serves the peer %s', async (peer) => {
    api = await makeApi()
    const headers = { host: '[::1]:8000', 'sec-fetch-site': 'same-origin' }
    expect((await api.app.inject({ url: '/findings', headers, remoteAddress: peer })).statusCode).toBe(200)
  })

  it('takes only addresses and networks as trusted proxies', () => {
    const trusted = (trust_proxy: unknown) => ConfigSchema.safeParse({ api: { trust_proxy } })
    expect(trusted(['127.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8']).success).toBe(true)
    for (const wrong of [true, false, ['true'], ['10.0.0.0/33'], ['proxy.example'], ['10.0.0.0/8/8'], ['']])
      expect(trusted(wrong).success, JSON.stringify(wrong)).toBe(false)
    expect(trusted(true).error?.issues[0].message).toContain('list of the addresses')
  })

  it('refuses an address that tries keys, and nobody else', async () => {
    api = await makeApi({ api: { keys: KEYS, trust_proxy: ['10.0.0.0/8'] } })
    const ask = async (key: string, remoteAddress: string, forwarded?: string) => {
      const headers = { 'x-api-key': key, ...(forwarded && { 'x-forwarded-for': forwarded }) }
      return (await api.app.inject({ url: '/findings', headers, remoteAddress })).statusCode
    }
    const attacker = '2001:db8:1:2::'
    expect(await ask('boss-key', '2001:db8:1:2::77')).toBe(200)
    for (let i = 1; i <= 20; i++) expect(await ask(`wrong-${i}`, `${attacker}${i}`)).toBe(401)
    expect(await ask('wrong', `${attacker}99`)).toBe(429)
    expect(await ask('reader-key', `${attacker}99`)).toBe(429)
    expect(await ask('boss-key', `${attacker}99`), 'was right from there before').toBe(200)
    expect(await ask('reader-key', '2001:db8:1:3::1')).toBe(200)
    // A client rotates what it writes itself; the proxy adds its address on the right.
    for (let i = 1; i <= 20; i++) expect(await ask('wrong', '10.0.0.1', `198.51.100.${i}, 192.0.2.7:40${i}`)).toBe(401)
    expect(await ask('wrong', '10.0.0.1', '198.51.100.99, 192.0.2.7')).toBe(429)
    expect(await ask('reader-key', '10.0.0.1', '192.0.2.8')).toBe(200)
    // A peer that is no trusted proxy is itself the client.
    for (let i = 1; i <= 20; i++) expect(await ask('wrong', '192.0.2.9', `198.51.100.${i}`)).toBe(401)
    expect(await ask('wrong', '192.0.2.9', '198.51.100.99')).toBe(429)
  })

  it('leaves places of event streams to other keys', async () => {
    api = await makeApi({ api: { keys: KEYS } })
    const listen = async (key: string) => {
      const response = await fetch(`${await listening(api)}/events`, { headers: { 'x-api-key': key } })
      return response.status
    }
    await listening(api)
    const taken = await Promise.all(Array.from({ length: 70 }, () => listen('reader-key')))
    expect(taken.filter((status) => status === 200)).toHaveLength(64)
    expect(taken.filter((status) => status === 503)).toHaveLength(6)
    expect(await listen('boss-key')).toBe(200)
  })

  it('allows no foreign origin unless it is named', async () => {
    api = await makeApi({ api: { keys: KEYS, cors_origins: ['https://soc.example'] } })
    const allowed = async (origin: string) =>
      (await api.app.inject({ url: '/findings', headers: { origin, 'x-api-key': 'reader-key' } })).headers[
        'access-control-allow-origin'
      ]
    expect(await allowed('https://soc.example')).toBe('https://soc.example')
    expect(await allowed('https://evil.example')).toBeUndefined()
  })

  it('limits how often a key may ask', async () => {
    api = await makeApi({ api: { keys: KEYS, rate_limit_per_minute: 3 } })
    const headers = { 'x-api-key': 'reader-key' }
    for (let i = 0; i < 3; i++) expect((await api.app.inject({ url: '/findings', headers })).statusCode).toBe(200)
    const refused = await api.app.inject({ url: '/findings', headers })
    expect(refused.statusCode).toBe(429)
    expect(refused.json().code).toBe('RATE_LIMITED')
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect((await api.app.inject({ url: '/findings', headers: { 'x-api-key': 'boss-key' } })).statusCode).toBe(200)
  })
})

describe('what may be asked', () => {
  it('says nothing of the inside when it fails', async () => {
    api = await makeApi()
    api.state.db.exec('DROP TABLE incident_findings; DROP TABLE notices; DROP TABLE dead_letters; DROP TABLE incidents')
    const response = await api.app.inject('/incidents')
    expect(response.statusCode).toBe(500)
    expect(response.body).not.toMatch(/incidents|sqlite|\.ts|at /i)
    expect(api.failures).toHaveLength(1)
    api.failures.length = 0
  })

  it.each(['../outside.log', '/etc/passwd', 'link.log', 'linked/inner.log', 'nul\0.log', '.', 'nothing.log'])(
    'does not read %j by path',
    async (path) => {
      api = await makeApi()
      const logs = join(api.state.dir, 'logs')
      mkdirSync(join(api.state.dir, 'elsewhere'), { recursive: true })
      mkdirSync(logs)
      writeFileSync(join(api.state.dir, 'outside.log'), 'secret\n')
      writeFileSync(join(api.state.dir, 'elsewhere', 'inner.log'), 'secret\n')
      symlinkSync(join(api.state.dir, 'outside.log'), join(logs, 'link.log'))
      symlinkSync(join(api.state.dir, 'elsewhere'), join(logs, 'linked'))
      ;(api.config.logs as { dir: string }).dir = logs
      const response = await api.app.inject({ method: 'POST', url: '/analyze/path', payload: { path } })
      expect(response.statusCode).toBe(404)
      expect(response.body).not.toContain('secret')
    },
  )

  it('reads a file below the log directory by path', async () => {
    api = await makeApi()
    writeFileSync(
      join(api.state.dir, 'a [1].log'),
      '192.0.2.7 - - [30/Mar/2026:12:00:01 +0000] "GET / HTTP/1.1" 200 512 "-" "x"\n',
    )
    const response = await api.app.inject({ method: 'POST', url: '/analyze/path', payload: { path: 'a [1].log' } })
    expect(response.json()).toMatchObject({ total_logs: 1, parsed: 1, format: 'access' })
  })

  it('refuses a file that is too large', async () => {
    api = await makeApi({ api: { max_file_bytes: 2000 } })
    const form = new FormData()
    form.append('file', new Blob(['x'.repeat(3000)]), 'a.log')
    expect((await api.app.inject({ method: 'POST', url: '/analyze/file', payload: form })).statusCode).toBe(413)
    const body = JSON.stringify({ logs: [{ timestamp: 'x', message: 'y'.repeat(2_000_000) }] })
    const response = await api.app.inject({
      method: 'POST',
      url: '/analyze',
      payload: body,
      headers: { 'content-type': 'application/json' },
    })
    expect(response.statusCode).toBe(413)
  })
})
