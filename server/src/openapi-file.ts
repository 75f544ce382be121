import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { access, capabilities, engine_version } from './app.ts'
import { checkout, readConfig } from './platform/config.ts'
import { createLog } from './platform/log.ts'
import { openApiText } from './platform/openapi.ts'
import { startApp } from './platform/start.ts'

export const openapi_file = join(checkout, 'docs/openapi.json')

/** Writes `docs/openapi.json` anew. A test compares it with the contracts, so run this after changing one. */
if (import.meta.main) {
  const config = { ...readConfig({}), data_dir: join(checkout, 'node_modules/.cache/tidemark') }
  const app = await startApp({
    capabilities,
    ...access,
    engine_version,
    config,
    log: createLog('silent'),
    seed: false,
    in_memory: true,
    web_dir: false,
  })
  await writeFile(openapi_file, openApiText(app.openapi))
  await app.close()
  process.stdout.write(`${app.routes.length} routes written to docs/openapi.json\n`)
}
