import './projects.css'
import { measureBoundary } from '@tidemark/core/projects/boundary.ts'
import type { Project } from '@tidemark/core/projects/contract.ts'
import { useNavigate } from '@tanstack/react-router'
import { LngLatBounds, Marker } from 'maplibre-gl'
import { useEffect } from 'react'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { useBaseMap } from './base-map.ts'

/** Where projects lie, beside the list that says the same. */
export function ProjectsMap({ projects }: { projects: readonly Project[] }) {
  const { t } = useWords()
  const navigate = useNavigate()
  const { place, map, failed } = useBaseMap({ zoom_max: 9 })
  useEffect(() => {
    if (!map) return
    const bounds = new LngLatBounds()
    const pins = projects.flatMap((project) => {
      const at = middleOf(project)
      if (at === undefined) return []
      bounds.extend(at)
      const open = () => void navigate({ to: paths.project, params: { id: project.id } })
      return [pinOf(project, open).setLngLat(at).addTo(map)]
    })
    if (pins.length > 0) map.fitBounds(bounds, { padding: 56, maxZoom: 4.5, animate: false })
    return () => pins.forEach((pin) => pin.remove())
  }, [map, projects, navigate])
  if (failed) return <p className="card p-6 text-soft">{t('projects.map.failed')}</p>
  return (
    <figure>
      <div ref={place} className="card h-72 overflow-hidden sm:h-96" data-testid="map" data-drawn={map !== undefined} />
      <figcaption className="mt-1.5 text-sm text-soft">{t('projects.map.source')}</figcaption>
    </figure>
  )
}

function middleOf({ boundary }: Project): [number, number] | undefined {
  if (boundary === null) return undefined
  const [west, south, east, north] = measureBoundary(boundary).bounds
  return [(west + east) / 2, (south + north) / 2]
}

function pinOf(project: Project, open: () => void): Marker {
  const element = document.createElement('button')
  element.type = 'button'
  element.className = `pin ${project.generated ? 'pin-simulated' : ''}`
  element.title = project.name
  element.setAttribute('aria-label', project.name)
  element.addEventListener('click', (event) => {
    event.stopPropagation()
    open()
  })
  return new Marker({ element })
}
