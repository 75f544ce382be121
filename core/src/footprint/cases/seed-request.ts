/** The sample dictionaries of the marketplace's guide, as it writes them; `[...]` and `{...}` of the guide stay empty. */
export const sample = {
  company_id: 'comp_123',
  reporting_period: { start_date: '2025-01-01', end_date: '2025-12-31' },
  industry_type: 'technology',
  energy_data: {
    electricity: { consumption_kwh: 50000, grid_mix: 'regional_average', time_period: 'monthly', meter_readings: [] },
    natural_gas: { consumption_therms: 1200, heating_value: 'higher_heating_value', supplier: 'utility_company' },
    fuel: { gasoline_gallons: 800, diesel_gallons: 200, heating_oil_gallons: 150 },
  },
  transportation_data: {
    flights: [
      {
        origin_airport: 'SFO',
        destination_airport: 'LAX',
        aircraft_type: 'Boeing 737',
        class: 'economy',
        passengers: 2,
        round_trip: true,
      },
    ],
    ground_vehicles: [{ vehicle_type: 'sedan', fuel_type: 'gasoline', distance_miles: 15000, fuel_efficiency_mpg: 28 }],
    shipping: [
      { origin: 'Los Angeles, CA', destination: 'New York, NY', weight_lbs: 5000, shipping_method: 'ground_freight' },
    ],
  },
  facility_data: {
    buildings: [
      {
        square_footage: 100000,
        building_type: 'office',
        year_built: 2010,
        energy_star_score: 85,
        location: 'San Francisco, CA',
        occupancy: 500,
      },
    ],
    industrial_processes: [
      { process_type: 'manufacturing', production_volume: 10000, energy_intensity: 2.5, materials_used: [] },
    ],
  },
  supply_chain_data: {
    raw_materials: [{ material_type: 'steel', quantity_tons: 50, origin_country: 'USA', transport_mode: 'truck' }],
    products: [{ product_category: 'electronics', units_produced: 1000, material_composition: {} }],
    waste: [{ waste_type: 'electronic', quantity_tons: 2, disposal_method: 'recycling' }],
  },
}

/** What every request needs, with these sections. */
export function requestWith(sections: Record<string, unknown>): Record<string, unknown> {
  const { company_id, reporting_period, industry_type } = sample
  return { company_id, reporting_period, industry_type, ...sections }
}
