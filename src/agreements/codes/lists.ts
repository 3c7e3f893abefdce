/** Divisions of the CPV (Regulation (EC) 213/2008, annex I), for as long as the table of codes has not been brought in. */
export const cpvDivisions: ReadonlySet<string> = new Set(
  '03 09 14 15 16 18 19 22 24 30 31 32 33 34 35 37 38 39 41 42 43 44 45 48 50 51 55 60 63 64 65 66 70 71 72 73 75 76 77 79 80 85 90 92 98'.split(' '),
);

/** Denmark, its regions and provinces (Regulation (EC) 1059/2003, NUTS 2024). */
export const danishNuts: ReadonlySet<string> = new Set('DK DK0 DK01 DK011 DK012 DK013 DK014 DK02 DK021 DK022 DK03 DK031 DK032 DK04 DK041 DK042 DK05 DK050'.split(' '));
