import { createHmac, randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { fill } from '../../sinks/webhook/template.ts'
import type { Sink } from '../../src/delivery/sink/sink.ts'
import { guardedLookup, isPrivateAddress } from '../../src/delivery/sink/ssrf-guard.ts'
import { aFinding, someFindings } from '../support/blocks/findings.ts'
import { configured } from '../support/delivery.ts'
import { debianWebhook } from '../support/servers/debian-webhook.ts'
import { type HttpReceiver, httpReceiver, type ReceivedRequest } from '../support/servers/http-receiver.ts'

const secretOf = () => `whsec_${randomBytes(32).toString('base64')}`
const soon = () => AbortSignal.timeout(10_000)

async function webhook(keys: Record<string, unknown>): Promise<Sink> {
  const [{ sink }] = await configured({ hook: { type: 'webhook', allow_private: true, ...keys } })
  return sink as Sink
}

function headersOf({ headers }: ReceivedRequest): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}

describe('the webhook sink', () => {
  let server: HttpReceiver
  afterEach(async () => await server?.close())

  it('signs so that the standardwebhooks library verifies it, by the old and by the new secret while they change', async () => {
    server = await httpReceiver(() => ({ status: 200 }))
    const [old, fresh] = [secretOf(), secretOf()]
    const finding = aFinding()
    await (await webhook({ url: server.url, secret: [fresh, old] })).deliver([finding], soon())
    const [request] = server.requests
    for (const secret of [old, fresh]) {
      const verified = new Webhook(secret).verify(request.body, headersOf(request)) as { type: string; data: unknown }
      expect(verified).toEqual({ type: 'finding.created', timestamp: finding['@timestamp'], data: finding })
    }
    expect(() => new Webhook(secretOf()).verify(request.body, headersOf(request))).toThrow()
  })

  it('keeps the id of a finding over retries, so that the receiver can tell', async () => {
    server = await httpReceiver((_, count) => ({ status: count === 1 ? 503 : 200 }))
    const sink = await webhook({ url: server.url, secret: secretOf() })
    const batch = [aFinding()]
    expect((await sink.deliver(batch, soon())).kind).toBe('retry')
    expect((await sink.deliver(batch, soon())).kind).toBe('delivered')
    expect(server.requests.map(({ headers }) => headers['webhook-id'])).toEqual(Array(2).fill(batch[0].event.id))
  })

  it('keeps the order, drops what is refused and leaves the rest for later', async () => {
    server = await httpReceiver((_, count) => ({
      status: count === 2 ? 422 : count === 4 ? 503 : 200,
      body: 'no thanks',
    }))
    const batch = someFindings(6)
    const outcome = await (await webhook({ url: server.url, secret: secretOf() })).deliver(batch, soon())
    expect(outcome).toMatchObject({
      kind: 'partial',
      retry: batch.slice(3),
      rejected: [{ finding: batch[1], reason: 'invalid_event', detail: 'HTTP 422 no thanks' }],
      reason: 'server_error',
    })
  })

  it('keeps the body under its limit however long the line is, and still parses', async () => {
    server = await httpReceiver(() => ({ status: 200 }))
    const finding = aFinding({ original: '\u0000"\\é'.repeat(2_000), message: 'm'.repeat(9_000) })
    await (await webhook({ url: server.url, secret: secretOf() })).deliver([finding], soon())
    const { body } = server.requests[0]
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(20_000)
    expect(JSON.parse(body)).toMatchObject({ data: { event: { id: finding.event.id }, oddline: { truncated: true } } })
  })

  it('satisfies the Debian program webhook by a plain HMAC', async (context) => {
    const hook = await debianWebhook('a secret', false)
    if (!hook) return context.skip('the Debian package webhook is not installed')
    onTestFinished(() => hook.stop())
    const good = await webhook({ url: hook.url, signature: 'hmac_sha256', secret: 'a secret' })
    const findings = someFindings(3)
    expect(await good.deliver(findings, soon())).toEqual({ kind: 'delivered' })
    const forged = await webhook({ url: hook.url, signature: 'hmac_sha256', secret: 'another' })
    // The program answers 500 to a signature that does not fit.
    expect((await forged.deliver(findings, soon())).kind).toBe('retry')
    expect(hook.received()).toEqual(findings.map(({ event }) => event.id))
  })

  it('signs the very bytes that it sends', async () => {
    server = await httpReceiver(() => ({ status: 200 }))
    const sink = await webhook({ url: server.url, signature: 'hmac_sha256', secret: 'k', signature_header: 'X-Sig' })
    await sink.deliver([aFinding({ message: 'ünïcode \ud83d\ude00' })], soon())
    const { body, headers } = server.requests[0]
    expect(headers['x-sig']).toBe(`sha256=${createHmac('sha256', 'k').update(body).digest('hex')}`)
  })

  it('does not go to a private address without leave, and says how to give it', async () => {
    server = await httpReceiver(() => ({ status: 200 }))
    for (const url of [
      server.url,
      server.url.replace('127.0.0.1', 'localhost'),
      'http://[::ffff:10.0.0.1]/',
      'http://169.254.169.254/latest',
    ]) {
      const sink = await webhook({ url, secret: secretOf(), allow_private: false })
      const outcome = await sink.deliver([aFinding()], soon())
      expect(outcome).toMatchObject({
        kind: 'retry',
        reason: 'misconfigured',
        detail: expect.stringContaining('allow_private'),
      })
    }
    expect(server.requests).toHaveLength(0)
  })

  it('refuses a secret that Standard Webhooks does not allow, without repeating it', async () => {
    const attempt = webhook({ url: 'https://example.org', secret: 'too-short-and-secret' })
    await expect(attempt).rejects.toThrow(/sinks\.hook\.secret: must be whsec_/)
    await expect(attempt).rejects.not.toThrow(/too-short/)
  })

  it('refuses a password in its URL, which is shown in logs and errors', async () => {
    const attempt = webhook({ url: 'https://ann:hidden@example.org', signature: 'none' })
    await expect(attempt).rejects.toThrow(/sinks\.hook\.url: must not contain a user and password/)
    await expect(attempt).rejects.not.toThrow(/hidden/)
  })
})

describe('the guard against private addresses', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.0.1',
    '169.254.1.1',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'ff02::1',
    'no address',
  ])('knows %s for private', (address) => {
    expect(isPrivateAddress(address)).toBe(true)
  })

  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])(
    'knows %s for public',
    (address) => {
      expect(isPrivateAddress(address)).toBe(false)
    },
  )

  it('fails a name that resolves to private addresses only', async () => {
    const error = await new Promise((resolve) => guardedLookup('localhost', {}, (e) => resolve(e)))
    expect(error).toMatchObject({ code: 'EPRIVATEADDRESS' })
  })
})

describe('a body template', () => {
  it('fills values of any type and lets no log text break out of a string', () => {
    const finding = aFinding({ message: '", "admin": true, "x": "{{oddline.score}}' })
    const filled = fill(
      { text: 'Alert: {{message}}!', level: '{{oddline.score}}', tags: ['{{oddline.attack_types}}'] },
      finding,
    )
    expect(filled).toEqual({ text: `Alert: ${finding.message}!`, level: 0.95, tags: [['sqli']] })
  })

  it('gives nothing for what is not there, nor for what every object inherits', () => {
    expect(fill({ a: '{{no.such}}', b: 'x{{constructor.name}}y', c: 7 }, aFinding())).toEqual({
      a: null,
      b: 'xy',
      c: 7,
    })
  })
})
