import { basename } from 'node:path'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import type { AnalysedLogs, Analysis } from '../../../core/documents/analysis.ts'
import { OddlineError } from '../../../core/errors.ts'
import { allowedPath } from '../../allowed-path.ts'
import { AnalysisSchema, analysisJson, SecurityEventSchema } from '../../analysis-json.ts'
import { limitedAnalysis } from '../../limited-analysis.ts'
import { withTemporaryFile } from '../../temporary-file.ts'
import { type Api, type ApiDeps, orderRefusals } from '../api.ts'
import { callerSignals } from '../caller-signal.ts'
import { Problem } from '../problem.ts'

const MAX_FINDINGS = 200

const LogsBody = z.object({ logs: z.array(SecurityEventSchema).min(1).max(10_000) }).meta({
  examples: [
    {
      logs: [
        {
          timestamp: '2026-03-30T12:00:00Z',
          user: 'elastic_user_0',
          source_ip: '203.0.113.9',
          event_type: 'login_failure',
          action: 'login',
          message: 'Failed password for elastic_user_0 from 203.0.113.9 port 4711 ssh2',
        },
      ],
    },
  ],
})

/** Analyses whole logs with fresh sessions. Nothing is stored. */
export function analyzeRoutes(app: Api, deps: ApiDeps): void {
  const { config } = deps
  const { max_file_bytes: maxBytes } = config.api
  const caller = callerSignals(app)
  const analyze = async (logs: AnalysedLogs, reply: FastifyReply) => {
    const request = { logs, maxBytes, maxFindings: MAX_FINDINGS }
    return analysisJson(await limitedAnalysis(deps, request, caller(reply)).catch(asProblem))
  }

  app.post(
    '/analyze',
    {
      config: { scope: 'analyse' },
      schema: {
        tags: ['detect'],
        summary: 'Analyse security events',
        body: LogsBody,
        response: { 200: AnalysisSchema, ...orderRefusals(422) },
      },
    },
    async (request, reply) => {
      const lines = request.body.logs.map((one) => JSON.stringify(one)).join('\n')
      return analyze({ text: `${lines}\n`, name: 'logs.jsonl' }, reply)
    },
  )

  app.post(
    '/analyze/file',
    {
      config: { scope: 'analyse' },
      schema: {
        tags: ['detect'],
        summary: 'Analyse a log file: JSON, JSON lines, CSV, access or auth log, also gzipped',
        description: 'multipart/form-data with the file in the part `file`.',
        consumes: ['multipart/form-data'],
        response: { 200: AnalysisSchema, ...orderRefusals(422) },
      },
    },
    async (request, reply) => {
      if (!request.isMultipart())
        throw new Problem('UNSUPPORTED_MEDIA_TYPE', 'Send the file as multipart/form-data, in the part `file`.')
      const part = await request.file().catch(brokenUpload)
      if (!part) throw new Problem('INVALID_REQUEST', 'There is no file in the request; send it in the part `file`.')
      return withTemporaryFile(part.file, part.filename ?? '', async (path) => {
        if (part.file.truncated) {
          throw new Problem('TOO_LARGE', `The file is larger than the ${maxBytes} bytes of api.max_file_bytes.`)
        }
        return analyze({ path, name: basename(path) }, reply)
      }).catch(brokenUpload)
    },
  )

  app.post(
    '/analyze/path',
    {
      config: { scope: 'analyse' },
      schema: {
        tags: ['detect'],
        summary: 'Analyse a log file of this host, below the log directory or api.allowed_roots',
        body: z.strictObject({ path: z.string().min(1).max(4096) }).meta({ examples: [{ path: 'access.log' }] }),
        response: { 200: AnalysisSchema, ...orderRefusals(404, 422) },
      },
    },
    async (request, reply) => {
      const allowed = allowedPath(config, request.body.path)
      if ('refused' in allowed) throw new Problem('NOT_FOUND', allowed.refused)
      return analyze({ path: allowed.path }, reply)
    },
  )
}

/** @throws Problem */
export function asProblem(error: unknown): Analysis {
  if (error instanceof OddlineError) {
    if (error.code === 'INPUT_UNREADABLE') throw new Problem('UNREADABLE', error.message)
    if (error.code === 'RULE_INVALID') throw new Problem('INVALID_REQUEST', error.message)
    if (error.code === 'STATE_BUSY') throw new Problem('UNAVAILABLE', error.message, { retryAfter: 2 })
  }
  throw error
}

/** The multipart parser throws errors without a code for a broken body; all other errors have one. */
function brokenUpload(error: unknown): never {
  if (error instanceof Error && !('code' in error)) {
    throw new Problem('INVALID_REQUEST', `The upload is broken: ${error.message}.`)
  }
  throw error
}
