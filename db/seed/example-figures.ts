/** Numbers of the demonstration that fit together, as typed in Danish: a part is no larger than what it is a part of. Invented. */
export function exampleFigures(type: string, spread: number): Readonly<Record<string, string>> {
  const share = 62 + (spread % 35);
  const size = 40 + (spread % 89);
  const of = (whole: number, percent: number): string => String(Math.round((whole * percent) / 100));
  switch (type) {
    case 'miljoemaerke-andel':
      return { turnoverTotal: String(size * 5_000), turnoverEcolabel: of(size * 5_000, share), sharePct: String(share) };
    case 'drifts-kpi':
      return { orders: String(size * 4), onTimePct: String(share), completePct: String(Math.min(100, share + 3)), complaints: of(size, 7), credits: String(size * 25) };
    case 'madspild':
      return { meals: String(size * 300), wasteKg: String(size * 12), gramPerMeal: '40' };
    case 'emballage-affald':
      return {
        takeBackKg: String(size * 9),
        reusedKg: of(size * 9, 20),
        recycledKg: of(size * 9, share - 10),
        incineratedKg: of(size * 9, 5),
        landfilledKg: '0',
        recyclingPct: String(share - 10),
      };
    case 'tekstil-cirkularitet':
      return { issued: String(size * 15), reusedIn: of(size * 15, share - 50), returned: of(size * 15, 30), reusedOut: of(size * 15, 18), fibreToFibreKg: of(size, 40) };
    case 'transport-levering':
      return { trips: String(size * 3), km: String(size * 60), zeroEmissionKm: of(size * 60, share - 20), zeroEmissionPct: String(share - 20) };
    case 'it-udstyr':
      return { units: String(size * 2), certified: of(size * 2, share), refurbished: of(size * 2, 12), takenBack: String(size), dataErasure: String(size) };
    case 'koeretoejsflaade':
      return { total: String(10 + (spread % 20)), clean: '8', zero: '6' };
    case 'oekologi':
      return { basis: 'kg', total: String(size * 100), organic: of(size * 100, share), sharePct: String(share) };
    case 'byggeaffald':
      return { totalTonnes: String(size), hazardousTonnes: of(size, 3), reusePct: '12', recyclingPct: '71', landfillPct: '5' };
    case 'kvalitetskontrol-rengoering':
      return { sites: '24', approvedPct: String(share), failed: '3', retested: '3' };
    case 'leverandoersamfundsansvar':
      return { audits: String(3 + (spread % 6)), criticalFindings: '4', closedFindings: '3' };
    case 'brugertilfredshed':
      return { invited: String(size * 5), answers: of(size * 5, share - 30), score: '4,2' };
    case 'beskaeftigelse':
      return { persons: '9', weeks: '104', ordinaryJobs: '4' };
    case 'arbejdsmiljoe':
      return { hours: String(size * 210), lostTime: String(spread % 3), nearMiss: String(2 + (spread % 5)), orders: '0' };
    default:
      return {};
  }
}
