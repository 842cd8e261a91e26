import { z } from 'zod'
import { DetectionSchema } from '../../../core/documents/detection.ts'
import { type Api, type ApiDeps, orderRefusals } from '../api.ts'

const LINE = z.string().min(1).max(65_536)
const SESSION = z
  .string()
  .min(1)
  .max(256)
  .optional()
  .describe('Session that the line belongs to; its client address by default')

const EXAMPLE =
  '203.0.113.9 - - [30/Mar/2026:12:00:00 +0000] "GET /item.php?id=1%27%20OR%20%271%27=%271 HTTP/1.1" 200 512 "-" "sqlmap/1.8"'

const DetectBody = z
  .object({ log_line: LINE, session_id: SESSION })
  .meta({ examples: [{ log_line: EXAMPLE }, { log_line: EXAMPLE, session_id: 'visitor-17' }] })

const BatchBody = z
  .object({ log_lines: z.array(LINE).min(1).max(100), session_id: SESSION })
  .meta({ examples: [{ log_lines: [EXAMPLE] }] })

const BatchAnswer = z.object({
  results: z.array(DetectionSchema),
  summary: z.object({
    total: z.number().int(),
    anomalies: z.number().int(),
    normal: z.number().int(),
    anomaly_rate: z.number().min(0).max(1),
  }),
})

const JSON_TYPE = 'application/json; charset=utf-8'
const RESULTS = Buffer.from('{"results":[')

/** Judges single lines, each in its session. The analysis thread makes the JSON; this thread only passes it on. */
export function detectRoutes(app: Api, { analyzer }: ApiDeps): void {
  app.post(
    '/detect',
    {
      config: { scope: 'analyse' },
      schema: {
        tags: ['detect'],
        summary: 'Judge one line',
        body: DetectBody,
        response: { 200: DetectionSchema, ...orderRefusals() },
      },
    },
    async (request, reply) => {
      const { log_line: line, session_id: session } = request.body
      const { json } = await analyzer.detect({ lines: [line], session })
      return reply.type(JSON_TYPE).send(bufferOf(json) as never)
    },
  )

  app.post(
    '/detect/batch',
    {
      config: { scope: 'analyse' },
      schema: {
        tags: ['detect'],
        summary: 'Judge up to 100 lines, in their order',
        body: BatchBody,
        response: { 200: BatchAnswer, ...orderRefusals() },
      },
    },
    async (request, reply) => {
      const { log_lines: lines, session_id: session } = request.body
      const { json, anomalies } = await analyzer.detect({ lines, session })
      const total = lines.length
      const summary = {
        total,
        anomalies,
        normal: total - anomalies,
        anomaly_rate: Math.round((anomalies / total) * 1e4) / 1e4,
      }
      const body = Buffer.concat([RESULTS, json, Buffer.from(`],"summary":${JSON.stringify(summary)}}`)])
      return reply.type(JSON_TYPE).send(body as never)
    },
  )
}

/** The same memory, as the server takes it. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
