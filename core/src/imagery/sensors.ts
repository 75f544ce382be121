/**
 * The sensors whose files can be measured: which band plays which role, and under which names and in which order their bands are
 * published. Only orders that the publisher fixes stand here; whatever a user or a program may have arranged otherwise is asked.
 */

/** What a band is to the formulas. `alpha` is a mask of the file, `other` a band that no formula here uses. */
export const bandRoles = [
  'blue',
  'green',
  'red',
  'red_edge',
  'nir',
  'swir1',
  'swir2',
  'scl',
  'qa_pixel',
  'bqa',
  'alpha',
  'other',
] as const
export type BandRole = (typeof bandRoles)[number]

export const sensorIds = [
  'sentinel_2_l2a',
  'sentinel_2_l1c',
  'landsat_4_7_c2_l2',
  'landsat_8_9_c2_l2',
  'naip',
  'planetscope_sr',
  'micasense_rededge',
  'drone_rgbn',
  'camera_rgb',
] as const
export type SensorId = (typeof sensorIds)[number]

/** How the numbers of a sensor's files become reflectance: see reflectance.ts. `none` are numbers without a physical scale. */
export type CalibrationKind = 'sentinel_2' | 'landsat_c2_l2' | 'planetscope_sr' | 'none'

export interface Sensor {
  id: SensorId
  /** For people. */
  name: string
  calibration: CalibrationKind
  /** Reflectance at the ground (`surface`), at the top of the atmosphere, or numbers of a camera. */
  level: 'surface' | 'top_of_atmosphere' | 'digital_number'
  /** Names that the publisher gives its bands, in lower case, with their roles. */
  names: Readonly<Record<string, BandRole>>
  /** The publisher's own files with every band in one: the roles in order, found by the number of bands. */
  orders: readonly (readonly BandRole[])[]
  /** Where names and orders are published. */
  source: string
}

const sentinel2Names: Readonly<Record<string, BandRole>> = {
  b01: 'other',
  b02: 'blue',
  b03: 'green',
  b04: 'red',
  b05: 'red_edge',
  b06: 'other',
  b07: 'other',
  b08: 'nir',
  b8a: 'other',
  b09: 'other',
  b10: 'other',
  b11: 'swir1',
  b12: 'swir2',
  scl: 'scl',
}

const landsatMasks: Readonly<Record<string, BandRole>> = { qa_pixel: 'qa_pixel', bqa: 'bqa' }

const thematicMapperNames: Readonly<Record<string, BandRole>> = {
  b1: 'blue',
  b2: 'green',
  b3: 'red',
  b4: 'nir',
  b5: 'swir1',
  b6: 'other',
  b7: 'swir2',
  ...landsatMasks,
}

const landImagerNames: Readonly<Record<string, BandRole>> = {
  b1: 'other',
  b2: 'blue',
  b3: 'green',
  b4: 'red',
  b5: 'nir',
  b6: 'swir1',
  b7: 'swir2',
  ...landsatMasks,
}

const rgbn = ['red', 'green', 'blue', 'nir'] as const

/** Sentinel-2 has four bands past the visible that no formula here uses; B05 stands for the red edge. */
const sentinel2AllButCirrus = [
  'other',
  'blue',
  'green',
  'red',
  'red_edge',
  'other',
  'other',
  'nir',
  'other',
  'other',
  'swir1',
  'swir2',
] as const
const sentinel2All = [...sentinel2AllButCirrus.slice(0, 10), 'other', 'swir1', 'swir2'] as const

/** Every sensor by its id. */
export const sensors: Readonly<Record<SensorId, Sensor>> = {
  sentinel_2_l2a: {
    id: 'sentinel_2_l2a',
    name: 'Sentinel-2 Level-2A',
    calibration: 'sentinel_2',
    level: 'surface',
    names: sentinel2Names,
    orders: [sentinel2AllButCirrus, sentinel2All],
    source: 'ESA, Sentinel-2 Products Specification Document; L2A carries no B10',
  },
  sentinel_2_l1c: {
    id: 'sentinel_2_l1c',
    name: 'Sentinel-2 Level-1C',
    calibration: 'sentinel_2',
    level: 'top_of_atmosphere',
    names: sentinel2Names,
    orders: [sentinel2All],
    source: 'ESA, Sentinel-2 Products Specification Document',
  },
  landsat_4_7_c2_l2: {
    id: 'landsat_4_7_c2_l2',
    name: 'Landsat 4–7 Collection 2 Level-2',
    calibration: 'landsat_c2_l2',
    level: 'surface',
    names: thematicMapperNames,
    orders: [['blue', 'green', 'red', 'nir', 'swir1', 'swir2']],
    source: 'USGS, Landsat 4-7 Collection 2 Level 2 Science Product Guide: SR_B1 to SR_B5 and SR_B7',
  },
  landsat_8_9_c2_l2: {
    id: 'landsat_8_9_c2_l2',
    name: 'Landsat 8–9 Collection 2 Level-2',
    calibration: 'landsat_c2_l2',
    level: 'surface',
    names: landImagerNames,
    orders: [['other', 'blue', 'green', 'red', 'nir', 'swir1', 'swir2']],
    source: 'USGS, Landsat 8-9 Collection 2 Level 2 Science Product Guide: SR_B1 to SR_B7',
  },
  naip: {
    id: 'naip',
    name: 'NAIP aerial photograph, four bands',
    calibration: 'none',
    level: 'digital_number',
    names: {},
    orders: [rgbn],
    source: 'USDA, National Agriculture Imagery Program: red, green, blue, near infrared',
  },
  planetscope_sr: {
    id: 'planetscope_sr',
    name: 'PlanetScope surface reflectance',
    calibration: 'planetscope_sr',
    level: 'surface',
    names: {},
    orders: [
      ['blue', 'green', 'red', 'nir'],
      ['other', 'blue', 'other', 'green', 'other', 'red', 'red_edge', 'nir'],
    ],
    source: 'Planet, PlanetScope Product Specifications: ortho_analytic_4b_sr and ortho_analytic_8b_sr',
  },
  micasense_rededge: {
    id: 'micasense_rededge',
    name: 'MicaSense RedEdge',
    calibration: 'none',
    level: 'digital_number',
    names: {},
    orders: [['blue', 'green', 'red', 'nir', 'red_edge']],
    source: 'MicaSense RedEdge user manual: files _1 to _5; the near infrared comes before the red edge',
  },
  drone_rgbn: {
    id: 'drone_rgbn',
    name: 'Camera on a drone, red, green, blue and near infrared in this order',
    calibration: 'none',
    level: 'digital_number',
    names: {},
    orders: [rgbn],
    source: 'the order that the name of this sensor states',
  },
  camera_rgb: {
    id: 'camera_rgb',
    name: 'Ordinary camera: red, green and blue',
    calibration: 'none',
    level: 'digital_number',
    names: {},
    orders: [
      ['red', 'green', 'blue'],
      ['red', 'green', 'blue', 'alpha'],
    ],
    source: 'the order that the name of this sensor states',
  },
}
