import { figures } from '../../../queries/figures.ts'
import { type Api, type ApiDeps, refusals } from '../api.ts'

/** For Prometheus. It is behind a key like all else, because it names files and sinks. */
export function metricsRoutes(app: Api, { db, config, clock, analyzer, metrics }: ApiDeps): void {
  app.get(
    '/metrics',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['health'],
        summary: 'Figures for Prometheus (text format)',
        produces: ['text/plain'],
        response: refusals(),
      },
    },
    async (_, reply) => {
      const text = await metrics.scrape(figures(db, config, analyzer.judged, clock.now()))
      return reply.type(metrics.contentType).send(text as never)
    },
  )
}
