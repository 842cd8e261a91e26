import { figures } from '../../../queries/figures.ts'
import { type Api, type ApiDeps, answerOf, refusals } from '../api.ts'

/** Metrics for Prometheus. They name files and sinks, so they need a key. */
export function metricsRoutes(app: Api, { db, config, clock, analyzer, metrics }: ApiDeps): void {
  app.get(
    '/metrics',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['health'],
        summary: 'Figures for Prometheus (text format)',
        response: { 200: answerOf('Prometheus text format', 'text/plain'), ...refusals() },
      },
    },
    async (_, reply) => {
      const text = await metrics.scrape(figures(db, config, analyzer.judged, clock.now()))
      return reply.type(metrics.contentType).send(text as never)
    },
  )
}
