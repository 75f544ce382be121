import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { paths } from '../lib/paths.ts'
import { Explorer } from '../telemetry/Explorer.tsx'
import type { SitePartProps } from './SitePage.tsx'

const route = getRouteApi(paths.site)

/** Every reading of the site, from years to single readings. */
export function DataPart({ site }: SitePartProps) {
  const { show, from, to } = route.useSearch()
  const navigate = useNavigate()
  return (
    <Explorer
      site_id={site.id}
      time_zone={site.time_zone}
      view={{ show, from, to }}
      onView={(view) =>
        void navigate({
          to: paths.site,
          params: { id: site.id },
          search: { part: 'data', ...view },
          resetScroll: false,
          replace: true,
        })
      }
    />
  )
}
