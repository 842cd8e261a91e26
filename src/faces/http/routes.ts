import type { Api, ApiDeps } from './api.ts'
import { adjustmentRoutes } from './routes/adjustments.ts'
import { analyzeRoutes } from './routes/analyze.ts'
import { batchRoutes } from './routes/batches.ts'
import { deadLetterRoutes } from './routes/dead-letters.ts'
import { detectRoutes } from './routes/detect.ts'
import { findingRoutes } from './routes/findings.ts'
import { healthRoutes } from './routes/health.ts'
import { incidentRoutes } from './routes/incidents.ts'
import { mcpRoutes } from './routes/mcp.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { modelRoutes } from './routes/models.ts'
import { operateRoutes } from './routes/operate.ts'
import { streamRoutes } from './routes/stream.ts'
import { timelineRoutes } from './routes/timeline.ts'
import { uiRoutes } from './routes/ui.ts'

/** Every route, by what it is about. */
export function addRoutes(app: Api, deps: ApiDeps): void {
  healthRoutes(app, deps)
  detectRoutes(app, deps)
  analyzeRoutes(app, deps)
  findingRoutes(app, deps)
  incidentRoutes(app, deps)
  adjustmentRoutes(app, deps)
  timelineRoutes(app, deps)
  batchRoutes(app, deps)
  modelRoutes(app, deps)
  operateRoutes(app, deps)
  deadLetterRoutes(app, deps)
  streamRoutes(app, deps)
  metricsRoutes(app, deps)
  mcpRoutes(app, deps)
  uiRoutes(app)
}
