import { z } from 'zod'
import { httpKeys, httpUrl, Secret } from '#sink'

const STANDARD_SECRET = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/

export const WebhookConfig = z
  .strictObject({
    url: httpUrl().describe('URL that each finding is posted to, in a request of its own.'),
    signature: z
      .enum(['standard', 'hmac_sha256', 'none'])
      .default('standard')
      .describe(
        'How requests are signed. standard: Standard Webhooks 1.0.0. hmac_sha256: hex HMAC of the body in signature_header. none: unsigned.',
      ),
    secret: z
      .union([z.instanceof(Secret), z.array(z.instanceof(Secret)).min(1).max(4)])
      .optional()
      .describe(
        'Signing secret. Give a list of two while you rotate it: each request then carries a signature with each.',
      ),
    signature_header: z
      .string()
      .regex(/^[A-Za-z0-9-]+$/)
      .default('X-Signature-256'),
    headers: z
      .record(z.string().regex(/^[A-Za-z0-9-]+$/), z.string())
      .default({})
      .describe('Additional request headers. Put secrets into authorization instead: these are shown.'),
    authorization: z
      .instanceof(Secret)
      .optional()
      .describe('Value of the Authorization header, for example "Bearer ...".'),
    body: z
      .unknown()
      .optional()
      .describe(
        'Template of the body. {{message}} or {{oddline.severity}} in a text stands for that field of the finding.',
      ),
    max_bytes: z
      .number()
      .int()
      .min(2_000)
      .default(20_000)
      .describe('Longest body in bytes. A longer one is shortened: raw line and evidence.'),
    ...httpKeys,
  })
  .superRefine((config, context) => {
    const secrets = secretsOf(config.secret)
    if (config.signature !== 'none' && secrets.length === 0) {
      context.addIssue({
        code: 'custom',
        path: ['secret'],
        message: 'is required to sign requests; or set signature: none',
      })
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
