import { z } from 'zod'
import { httpKeys, httpUrl, Secret } from '#sink'

const STANDARD_SECRET = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/

export const WebhookConfig = z
  .strictObject({
    url: httpUrl().describe('Where findings are posted to, one request each'),
    signature: z
      .enum(['standard', 'hmac_sha256', 'none'])
      .default('standard')
      .describe('standard: Standard Webhooks 1.0.0; hmac_sha256: hex HMAC of the body in signature_header'),
    secret: z
      .union([z.instanceof(Secret), z.array(z.instanceof(Secret)).min(1).max(4)])
      .optional()
      .describe('One, or while a secret is changed several: the request then carries a signature by each'),
    signature_header: z
      .string()
      .regex(/^[A-Za-z0-9-]+$/)
      .default('X-Signature-256'),
    headers: z
      .record(z.string().regex(/^[A-Za-z0-9-]+$/), z.string())
      .default({})
      .describe('Further headers, which are no secrets: those belong into authorization'),
    authorization: z.instanceof(Secret).optional().describe('Value of the Authorization header, such as "Bearer ..."'),
    body: z
      .unknown()
      .optional()
      .describe(
        'Template of the body: {{message}} or {{oddline.severity}} in any text stands for that part of the finding',
      ),
    max_bytes: z.number().int().min(2_000).default(20_000).describe('A longer body is shortened by cutting evidence'),
    ...httpKeys,
  })
  .superRefine((config, context) => {
    const secrets = secretsOf(config.secret)
    if (config.signature !== 'none' && secrets.length === 0) {
      context.addIssue({ code: 'custom', path: ['secret'], message: 'is needed to sign; or set signature: none' })
    }
    if (config.signature === 'standard' && !secrets.every((s) => STANDARD_SECRET.test(s.reveal()))) {
      const message = 'must be whsec_ and the base64 of 24 to 64 random bytes: echo "whsec_$(openssl rand -base64 32)"'
      context.addIssue({ code: 'custom', path: ['secret'], message })
    }
  })
export type WebhookConfig = z.infer<typeof WebhookConfig>

export function secretsOf(secret: Secret | readonly Secret[] | undefined): readonly Secret[] {
  if (secret === undefined) return []
  return secret instanceof Secret ? [secret] : secret
}
