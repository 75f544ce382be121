import 'maplibre-gl/dist/maplibre-gl.css'
import '../ui/map.css'
import type { Site } from '@tidemark/core/sites/contract.ts'
import { useNavigate } from '@tanstack/react-router'
import {
  LngLatBounds,
  Map as GlMap,
  Marker,
  NavigationControl,
  setWorkerUrl,
  type MapOptions,
  type StyleSpecification,
} from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { useIsDark } from '../app/preferences.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { outlines } from '../ui/outlines.ts'

setWorkerUrl(workerUrl)

export interface Place {
  latitude: number
  longitude: number
}

/**
 * Sites on a map that is drawn from outlines in this build: no tile is fetched from anywhere. It stands beside a list, or
 * fields to type in, that say the same.
 */
export function SitesMap({
  sites,
  onPick,
  picked,
}: {
  sites: readonly Site[]
  onPick?: (place: Place) => void
  picked?: Place | undefined
}) {
  const { t } = useWords()
  const navigate = useNavigate()
  const { place, map, failed } = useMap(onPick)
  const latitude = picked?.latitude
  const longitude = picked?.longitude

  useEffect(() => {
    if (!map) return
    const open = (site: Site) => void navigate({ to: paths.site, params: { id: site.id } })
    const pins = sites.map((site) => pinOf(site, () => open(site)).addTo(map))
    frame(map, sites)
    return () => pins.forEach((pin) => pin.remove())
  }, [map, sites, navigate])

  useEffect(() => {
    if (!map || latitude === undefined || longitude === undefined) return
    const element = document.createElement('div')
    element.className = 'pin pin-picked'
    const pin = new Marker({ element }).setLngLat([longitude, latitude]).addTo(map)
    map.easeTo({ center: [longitude, latitude], zoom: Math.max(map.getZoom(), 4) })
    return () => void pin.remove()
  }, [map, latitude, longitude])

  if (failed) return <p className="card p-6 text-soft">{t('sites.map.failed')}</p>
  return (
    <figure>
      <div ref={place} className="card h-72 overflow-hidden sm:h-96" data-testid="map" data-drawn={map !== undefined} />
      <figcaption className="mt-1.5 text-sm text-soft">{t(onPick ? 'sites.map.pick' : 'sites.map.source')}</figcaption>
    </figure>
  )
}

/** A map in its place, once it has its outlines; `failed` where the browser draws none. */
function useMap(onPick: ((place: Place) => void) | undefined) {
  const { t } = useWords()
  const dark = useIsDark()
  const place = useRef<HTMLDivElement>(null)
  const [map, setMap] = useState<GlMap>()
  const [failed] = useState(() => !drawsMaps())
  const pick = useEffectEvent((at: Place) => onPick?.(at))
  const words = useEffectEvent(() => ({
    'Map.Title': t('sites.map.title'),
    'Marker.Title': t('sites.map.title'),
    'NavigationControl.ZoomIn': t('sites.map.in'),
    'NavigationControl.ZoomOut': t('sites.map.out'),
    'CooperativeGesturesHandler.WindowsHelpText': t('sites.map.wheel'),
    'CooperativeGesturesHandler.MacHelpText': t('sites.map.wheel'),
    'CooperativeGesturesHandler.MobileHelpText': t('sites.map.fingers'),
  }))

  useEffect(() => {
    const element = place.current
    if (!element || failed) return
    const made = new GlMap({ container: element, locale: words(), ...settings })
    made.addControl(new NavigationControl({ showCompass: false }), 'top-right')
    made.on('click', ({ lngLat }) => pick({ latitude: lngLat.lat, longitude: lngLat.lng }))
    made.on('load', () => {
      const draw = async () => {
        made.addSource('land', { type: 'geojson', data: await outlines() })
        // Its place may have been out of sight when it was measured.
        made.resize()
        setMap(made)
      }
      void draw()
    })
    return () => {
      setMap(undefined)
      made.remove()
    }
  }, [failed])
  useEffect(() => {
    if (map) paint(map, dark)
  }, [map, dark])
  return { place, map, failed }
}

/** Without WebGL the list is all there is to see. */
function drawsMaps(): boolean {
  return document.createElement('canvas').getContext('webgl2') !== null
}

const settings = {
  style: { version: 8, sources: {}, layers: [] } satisfies StyleSpecification,
  attributionControl: false,
  center: [10, 30],
  zoom: 0.4,
  maxZoom: 9,
  dragRotate: false,
  pitchWithRotate: false,
  // A wheel over the map scrolls the page, as everywhere.
  cooperativeGestures: true,
} satisfies Partial<MapOptions>

/** Land and water in the page's own colours; `dark` says that they have changed. */
function paint(map: GlMap, _dark: boolean): void {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim()
  for (const id of ['water', 'land', 'borders']) if (map.getLayer(id)) map.removeLayer(id)
  map.addLayer({ id: 'water', type: 'background', paint: { 'background-color': colour('wash') } })
  map.addLayer({ id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': colour('surface') } })
  map.addLayer({
    id: 'borders',
    type: 'line',
    source: 'land',
    paint: { 'line-color': colour('rule'), 'line-width': 1 },
  })
}

function pinOf(site: Site, open: () => void): Marker {
  const element = document.createElement('button')
  element.type = 'button'
  element.className = `pin ${site.simulated ? 'pin-simulated' : ''}`
  element.title = site.name
  element.setAttribute('aria-label', site.name)
  element.addEventListener('click', (event) => {
    event.stopPropagation()
    open()
  })
  return new Marker({ element }).setLngLat([site.longitude, site.latitude])
}

/** Shows all of them, and never so near that only outlines of nothing are seen. */
function frame(map: GlMap, sites: readonly Site[]): void {
  if (sites.length === 0) return
  const bounds = new LngLatBounds()
  for (const { longitude, latitude } of sites) bounds.extend([longitude, latitude])
  map.fitBounds(bounds, { padding: 48, maxZoom: 4.2, animate: false })
}
