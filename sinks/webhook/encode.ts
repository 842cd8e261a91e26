import { createHmac } from 'node:crypto'
import type { Finding, Secret } from '#sink'
import type { WebhookConfig } from './config.ts'
import { secretsOf } from './config.ts'
import { fill } from './template.ts'

export interface EncodedRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** One finding as a request. `webhook-id` is the finding's id, so that receivers can drop duplicates. */
export function encode(finding: Finding, config: WebhookConfig, now: number): EncodedRequest {
  const body = bodyWithin(finding, config)
  const headers: Record<string, string> = {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'oddline',
    ...config.headers,
  }
  if (config.authorization) headers.authorization = config.authorization.reveal()
  const secrets = secretsOf(config.secret)
  switch (config.signature) {
    case 'standard': {
      const timestamp = String(Math.floor(now / 1000))
      headers['webhook-id'] = finding.event.id
      headers['webhook-timestamp'] = timestamp
      const signed = `${finding.event.id}.${timestamp}.${body}`
      headers['webhook-signature'] = secrets.map((secret) => standardSignature(secret, signed)).join(' ')
      break
    }
    case 'hmac_sha256':
      headers[config.signature_header] = secrets.map((s) => `sha256=${hmac(s.reveal(), body, 'hex')}`).join(',')
      break
    case 'none':
      break
    default:
      throw new Error(`unknown signature ${config.signature satisfies never}`)
  }
  return { headers, body }
}

/** Symmetric signature of Standard Webhooks 1.0.0: HMAC-SHA256 with the decoded secret as key. */
function standardSignature(secret: Secret, signed: string): string {
  const key = Buffer.from(secret.reveal().slice('whsec_'.length), 'base64')
  return `v1,${hmac(key, signed, 'base64')}`
}

function hmac(key: string | Buffer, text: string, encoding: 'hex' | 'base64'): string {
  return createHmac('sha256', key).update(text, 'utf8').digest(encoding)
}

function bodyWithin(finding: Finding, config: WebhookConfig): string {
  const whole = bodyOf(finding, config)
  if (Buffer.byteLength(whole) <= config.max_bytes) return whole
  for (const originalLimit of [2_000, 500, 100]) {
    const body = bodyOf(shortened(finding, originalLimit), config)
    if (Buffer.byteLength(body) <= config.max_bytes || originalLimit === 100) return body
  }
  return whole
}

function bodyOf(finding: Finding, config: WebhookConfig): string {
  if (config.body !== undefined) return JSON.stringify(fill(config.body, finding))
  return JSON.stringify({ type: 'finding.created', timestamp: finding['@timestamp'], data: finding })
}

/** Cuts the raw line and the lists of the evidence, which are long and rarely needed in full. */
function shortened(finding: Finding, limit: number): Finding {
  const cut = (text: string) => (text.length > limit ? `${text.slice(0, limit)}…` : text)
  const evidence = finding.oddline.evidence.map((e) => {
    switch (e.detector) {
      case 'rules':
        return { ...e, matches: e.matches.slice(0, 5).map((m) => ({ ...m, matched: cut(m.matched) })) }
      case 'isolation_forest':
        return { ...e, features: e.features.slice(0, 5) }
      case 'transformer':
        return { ...e, expected: e.expected.slice(0, 3), context: e.context.slice(-3).map(cut) }
      default:
        return e satisfies never
    }
  })
  const { url, user_agent, http } = finding
  return {
    ...finding,
    message: cut(finding.message),
    event: { ...finding.event, original: cut(finding.event.original) },
    url: url && { ...url, original: cut(url.original), path: cut(url.path), query: url.query && cut(url.query) },
    user_agent: user_agent && { original: cut(user_agent.original) },
    http: http && {
      ...http,
      request: { ...http.request, referrer: http.request.referrer && cut(http.request.referrer) },
    },
    oddline: { ...finding.oddline, evidence, truncated: true },
  }
}
